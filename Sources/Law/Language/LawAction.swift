// What a branch of a law does.

/// One argument that `modify` puts in the place of a call's own.
public struct LawArgument: Sendable, Hashable {
    /// The argument's name.
    public let key: String
    /// Its new value.
    public let value: LawValue

    /// Makes an argument.
    public init(key: String, value: LawValue) { (self.key, self.value) = (key, value) }
}

/// One action.
public enum LawAction: Sendable, Hashable {
    /// The obligation is met.
    case accept
    /// It is kept for so many hours.
    case hold(hours: Int)
    /// It ends, for a reason.
    case terminate(reason: String)
    /// The act may be done.
    case permit
    /// The act may not be done.
    case deny
    /// The act may be done otherwise.
    case modify([LawArgument])
    /// A role is told.
    case notify(role: String)
    /// A word is put on the thing.
    case tag(key: String, value: String)
    /// A further record of that kind is made.
    case emit(entityType: String)
    /// The decision goes on the ledger.
    case appendLedger

    /// The word that it begins with.
    public var word: String {
        switch self {
        case .accept: "accept"
        case .hold: "hold"
        case .terminate: "terminate"
        case .permit: "permit"
        case .deny: "deny"
        case .modify: "modify"
        case .notify: "notify"
        case .tag: "tag"
        case .emit: "emit"
        case .appendLedger: "append_ledger"
        }
    }

    /// Every word that an action can begin with.
    public static let words = [
        "accept", "hold", "terminate", "permit", "deny", "modify", "notify", "tag", "emit", "append_ledger",
    ]

    /// The value of `modify(delay=next_day)`, which moves an effect to the next day that has room for it.
    public static let nextDay = LawArgument(key: "delay", value: .name(["next_day"]))
}
