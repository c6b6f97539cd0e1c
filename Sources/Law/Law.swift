// Constraint checks on everything that acts, in code and by laws in text: the room's overview.
//
// ResidentTool       the eleven acts a resident has a right to attempt
// ProposedCall       one call as it came out of the schema check; PermissionLevel and EffectScope say what it may touch
// Facts              what is known when a call is judged: the run, the resident, its tokens, rates, recipient, ceremony
// Verdict            what one law says of a call; Ruling: what all layers say together
// ConstraintLayer    the seam: a layer looks at a call and its facts and answers with verdicts
// Constitution       layer 1 in code: the hard constraints that nothing below can loosen
// RateLayer          posts and letters a day; it delays, it never refuses
// ConstraintChecker  asks every layer and composes deny over hold over delay over modify over permit; fails closed
// TextLayer          one layer of laws in text, asked like any other layer
// Language/          the text of laws: LawText reads and prints one, LawSet decides, ActionComposition joins actions,
//                    LawFixtures are a law's examples, LawRegister says which laws are in force when
// DeletionPhrase     the words that the clean room of a self-deletion asks to have repeated
//
// Nothing here reads a clock, a file or a table: the caller gathers facts and hands them in.
