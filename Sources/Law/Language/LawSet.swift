// Laws in force together, made ready once and asked often.

/// What one law says of a set of facts.
public struct LawDecision: Sendable, Hashable {
    /// The branch that holds; nil while none does and nothing is in doubt: the matter is pending.
    public let triage: Triage?
    /// Whether it is doubt because a condition could not be told.
    public let isUndetermined: Bool
    /// What is to be done: the actions of the branch; none while pending.
    public let actions: [LawAction]
}

/// A law with its hash, ready to decide.
public struct ReadyLaw: Sendable {
    /// The law.
    public let text: LawText
    /// `blake3:` and the hash of its text as it was enacted; empty for a law that is only tried.
    public let hash: String
    /// The layer it stands in.
    public let layer: LawLayer
    fileprivate let branches: [(triage: Triage, condition: ProgramCondition, actions: [LawAction])]
    fileprivate let doubt: [LawAction]
}

/// Laws that are asked together.
public struct LawSet: Sendable {
    /// The laws, strongest layer first, by name within a layer.
    public let laws: [ReadyLaw]
    /// The names they mention.
    public let names: [FactName]

    /// No laws.
    public static let none = LawSet()

    private init() { (laws, names) = ([], []) }

    /// Makes laws ready: at most one version of each name, at most ``LawBounds/lawCount``.
    public init(_ enacted: [(text: LawText, hash: String)]) throws(LawError) {
        guard enacted.count <= LawBounds.lawCount else { throw .tooManyLaws(count: enacted.count) }
        var slots = SlotTable()
        var ready: [ReadyLaw] = []
        let sorted = enacted.sorted {
            ($0.text.layer.rawValue, $0.text.id.name) < ($1.text.layer.rawValue, $1.text.id.name)
        }
        for (text, hash) in sorted {
            if ready.contains(where: { $0.text.id.name == text.id.name }) { throw .duplicateLaw(name: text.id.name) }
            let branches = text.branches.map {
                (triage: $0.triage, condition: slots.condition($0.condition), actions: $0.actions)
            }
            ready.append(
                ReadyLaw(
                    text: text, hash: hash, layer: text.layer, branches: branches,
                    doubt: text[.doubt]?.actions ?? []))
        }
        laws = ready
        names = slots.names
    }

    /// What each law that covers a thing of these words says, strongest layer first.
    public func decide(
        _ scope: [String], clock isOfClock: (LawClock) -> Bool = { $0 == .realtime }, _ facts: some FactSource
    ) -> [(law: ReadyLaw, decision: LawDecision)] {
        var slots = Slots(names, from: facts)
        var decisions: [(law: ReadyLaw, decision: LawDecision)] = []
        for law in laws where isOfClock(law.text.clock ?? .realtime) && law.text.covers(scope) {
            decisions.append((law: law, decision: Self.decide(law, &slots)))
        }
        return decisions
    }

    /// What one law says, whatever its scope and clock; nil where the set does not have it.
    public func decision(of name: String, _ facts: some FactSource) -> LawDecision? {
        guard let law = laws.first(where: { $0.text.id.name == name }) else { return nil }
        var slots = Slots(names, from: facts)
        return Self.decide(law, &slots)
    }

    /// The first branch that holds, in the order ok, doubt, not; one that cannot be told is doubt, never ok.
    private static func decide(_ law: ReadyLaw, _ slots: inout Slots<some FactSource>) -> LawDecision {
        for branch in law.branches {
            switch slots.truth(of: branch.condition) {
            case .yes:
                return LawDecision(triage: branch.triage, isUndetermined: false, actions: branch.actions)
            case .unknown: return LawDecision(triage: .doubt, isUndetermined: true, actions: law.doubt)
            case .no: break
            }
        }
        return LawDecision(triage: nil, isUndetermined: false, actions: [])
    }
}
