// Joins the actions of several laws into one decision, in one order of execution.

/// The move of a thing through its life: the strongest of what laws ask for.
public enum Transition: Sendable, Hashable {
    /// It ends.
    case terminate(reason: String)
    /// Its obligation is met.
    case accept
    /// It waits.
    case hold
}

/// Whether an act may be done: the strongest of what laws ask for.
public enum Authorisation: Sendable, Hashable {
    /// No.
    case deny
    /// Not yet.
    case hold
    /// Otherwise than asked.
    case modify
    /// Yes.
    case permit
}

/// One thing to do.
public enum ActionStep: Sendable, Hashable {
    /// The one move.
    case transition(Transition)
    /// A word on the thing.
    case tag(key: String, value: String)
    /// A role to tell.
    case notify(role: String)
    /// A further record to make.
    case emit(entityType: String)
    /// The decision itself, on the ledger.
    case appendLedger
}

/// What several laws ask for together.
///
/// `terminate > accept > hold` and `deny > hold > modify > permit`; of several holds the longest; of tags of one key
/// the strongest layer's; notifications united; `append_ledger` once, last (Article 13).
public struct ActionComposition: Sendable, Hashable {
    /// The one move; nil for none.
    public private(set) var transition: Transition?
    /// Whether an act may be done; nil where no law says.
    public private(set) var authorisation: Authorisation?
    /// Hours of the longest hold; 0 for none.
    public private(set) var holdHours = 0
    /// The arguments that an act must have instead of its own, the strongest layer's of each key.
    public private(set) var changes: [LawArgument] = []
    private var tags: [(key: String, value: String)] = []
    private var roles: [String] = []
    private var records: [String] = []
    /// Whether the decision goes on the ledger.
    public private(set) var appendsLedger = false

    /// Joins actions; the strongest layer's first, as ``LawSet/decide(_:clock:_:)`` gives them.
    public init(_ actions: some Sequence<LawAction>) {
        for action in actions { take(action) }
    }

    private mutating func take(_ action: LawAction) {
        switch action {
        case .terminate(let reason): move(.terminate(reason: reason))
        case .accept: move(.accept)
        case .hold(let hours):
            move(.hold)
            authorise(.hold)
            holdHours = max(holdHours, hours)
        case .deny: authorise(.deny)
        case .permit: authorise(.permit)
        case .modify(let wanted):
            authorise(.modify)
            for change in wanted where !changes.contains(where: { $0.key == change.key }) { changes.append(change) }
        case .tag(let key, let value):
            if !tags.contains(where: { $0.key == key }) { tags.append((key, value)) }
        case .notify(let role): if !roles.contains(role) { roles.append(role) }
        case .emit(let type): if !records.contains(type) { records.append(type) }
        case .appendLedger: appendsLedger = true
        }
    }

    private mutating func move(_ wanted: Transition) {
        guard let present = transition else { return transition = wanted }
        if Self.strength(wanted) > Self.strength(present) { transition = wanted }
    }

    private mutating func authorise(_ wanted: Authorisation) {
        guard let present = authorisation else { return authorisation = wanted }
        if Self.strength(wanted) > Self.strength(present) { authorisation = wanted }
    }

    private static func strength(_ transition: Transition) -> Int {
        switch transition {
        case .terminate: 2
        case .accept: 1
        case .hold: 0
        }
    }

    private static func strength(_ authorisation: Authorisation) -> Int {
        switch authorisation {
        case .deny: 3
        case .hold: 2
        case .modify: 1
        case .permit: 0
        }
    }

    /// The word that a law put on the thing under a key.
    public func tag(_ key: String) -> String? { tags.first { $0.key == key }?.value }

    /// The roles that are told.
    public var notified: [String] { roles }

    /// Everything to do, in the order in which it is done: move, tags, notifications, records, ledger (S1-147).
    public var steps: [ActionStep] {
        (transition.map { [.transition($0)] } ?? []) + tags.map { .tag(key: $0.key, value: $0.value) }
            + roles.map { .notify(role: $0) } + records.map { .emit(entityType: $0) }
            + (appendsLedger ? [.appendLedger] : [])
    }

    /// Two compositions are the same when they do the same.
    public static func == (left: ActionComposition, right: ActionComposition) -> Bool {
        left.steps == right.steps && left.authorisation == right.authorisation && left.holdHours == right.holdHours
            && left.changes == right.changes
    }

    /// Hashes what it does.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(steps)
        hasher.combine(holdHours)
    }
}
