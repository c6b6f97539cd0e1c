// What a law asks for and nothing would do: such a law cannot be proposed, so that nothing is dropped in silence.

extension LawText {
    /// The actions, as the law prints them, that nothing carries out where this law is asked; each once.
    ///
    /// No law makes further records (`emit`): decisions are recorded by themselves. At midnight there is no act that
    /// could be permitted, denied or changed.
    public var undoneActions: [String] {
        var isMidnight = false
        if case .midnight? = clock { isMidnight = true }
        var undone: [String] = []
        for action in branches.flatMap(\.actions) {
            let isDone =
                switch action {
                case .emit: false
                case .permit, .deny, .modify: !isMidnight
                case .accept, .hold, .terminate, .notify, .tag, .appendLedger: true
                }
            if !isDone, !undone.contains(action.printed) { undone.append(action.printed) }
        }
        return undone
    }
}
