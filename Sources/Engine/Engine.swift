// The engine: one run, from claim to sweep. This file is the overview of the room.
//
// House                an opened home: ledger, vault, texts, community; what may be done with it is `HomeAccess`
//   HouseCreation      making a home and opening one
//   Admission          personas become residents
//   MailDesk, Spool    letters, keepers, pauses; what other processes leave for the owner
//   Erasure            self-deletion, and an operator's
//   HouseVerification  the vault against the ledger
//   NightBook          which civil days had their night, which passed without; incidents of the scheduler
// RunEngine            runs one resident once: claim, and whichever way the run ends
//   RunOpening         open and compose (ContextComposer, World)
//   RunConversation    the rounds: ask, journal, act (RunActs)
//   CleanRoomRun       the question that confirms a self-deletion
//   RunSettlement      settle, seal, commit (CommitCheck: what others did meanwhile)
//   Recovery           what a start does before it runs anything
// RunStore, Journal    the rows of runs and their sealed steps; RunState moves in one function
// NightBudget          money, reserved before each call (Asking); Outlay: what is spent outside of runs
// BatchDesk            rounds that are asked in batches (RunBatching): collected, written down (BatchStore), and each
//                      batch seen through by BatchKeeper; Places: how many runs work while many more wait
//
// The commit point and the life of a run are explained in docs/engine.md.
