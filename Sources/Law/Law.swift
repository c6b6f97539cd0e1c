// Constraint checks on everything that acts, and the seam for laws in text: the room's overview.
//
// ResidentTool       the eleven acts a resident has a right to attempt
// ProposedCall       one call as it came out of the schema check; PermissionLevel and EffectScope say what it may touch
// Facts              what is known when a call is judged: the run, the resident, its tokens, rates, recipient, ceremony
// Verdict            what one law says of a call; Ruling: what all layers say together
// ConstraintLayer    the seam: a layer looks at a call and its facts and answers with verdicts
// Constitution       layer 1 in code: the hard constraints that nothing below can loosen
// RateLayer          posts and letters a day; it delays, it never refuses
// ConstraintChecker  asks every layer and composes deny over hold over delay over modify over permit; fails closed
// DeletionPhrase     the words that the clean room of a self-deletion asks to have repeated
//
// Nothing here reads a clock, a file or a table: the caller gathers facts and hands them in.
