// Laws in plain words, for people who ask why a decision fell as it did.

extension LawExpression {
    /// The condition as a sentence's part.
    public var inWords: String {
        switch self {
        case .or(let parts): parts.map { $0.inWords(inside: true) }.joined(separator: " or ")
        case .and(let parts): parts.map { $0.inWords(inside: true) }.joined(separator: " and ")
        case .not(let inner): "not " + inner.inWords(inside: true)
        case .compare(let left, let sign, let right): "\(left.printed) \(sign.inWords) \(right.printed)"
        case .value(.truth(let truth)): truth ? "always" : "never"
        case .value(let value): "\(value.printed) is true"
        }
    }

    private func inWords(inside: Bool) -> String {
        switch self {
        case .or, .and: "(\(inWords))"
        case .not, .compare, .value: inWords
        }
    }
}

extension LawComparison {
    /// The comparison as words.
    var inWords: String {
        switch self {
        case .equal: "is"
        case .unequal: "is not"
        case .atLeast: "is at least"
        case .atMost: "is at most"
        case .more: "is more than"
        case .less: "is less than"
        case .among: "is one of"
        }
    }
}

extension LawAction {
    /// The action as words.
    public var inWords: String {
        switch self {
        case .accept: "accept it"
        case .hold(let hours): "hold it for \(hours) hours"
        case .terminate(let reason): "end it (\(reason))"
        case .permit: "permit it"
        case .deny: "refuse it"
        case .modify(let changes) where changes.contains(LawAction.nextDay):
            "let it take effect on the next day that has room"
        case .modify(let changes):
            "change " + changes.map { "\($0.key) to \($0.value.printed)" }.joined(separator: ", ")
        case .notify(let role): "tell \(role)"
        case .tag(let key, let value): "mark it \(key) = \(value)"
        case .emit(let type): "record \(type)"
        case .appendLedger: "put the decision on the ledger"
        }
    }
}
