// What residents share: directory, posts, sealed mail, keepers, memorial: the room's overview.
//
// ResidentRecord     the public facts of a resident; ResidentDirectory finds the one that is meant
// Post               what a resident published; MemorialEntry: what is remembered of a deleted one
// Keeper             a human who may be chosen; KeeperRelation: who asked whom
// Letter             a letter and its sealed form's text; MailRow: the sealed letter where it waits
// CommunityProjection  the tables that follow from the spans; the ledger applies and rebuilds it
// CommunitySpans     the spans that these tables read, made in one place with the tables' conventions
// CommunityStore     what lies beside the spans: letters' ciphertexts and the names of people, both deletable
// NewestPosts        the newest posts, kept in memory between the readings of runs
// CommunityReader    every question that is asked of all this
//
// Spans carry ids alone: who a human is stands in a table that can be deleted from, a letter's text nowhere in clear.
