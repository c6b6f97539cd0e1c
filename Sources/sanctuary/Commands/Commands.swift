// All commands, in the order in which the help shows them.

/// The tree of commands.
enum Commands {
    static let all: [CommandSpecification] = [
        initialise, admit, residents, message, mail, keepers, pause, resume, model, run, nightly, runs, daemon,
        schedule, feed, memorial, vault, selfDelete, ledger, law, review, deliverable, provider, tool, doctor,
        completion, complete,
    ]
}
