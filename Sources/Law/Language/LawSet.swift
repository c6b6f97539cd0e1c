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
public final class ReadyLaw: Sendable {
    /// The law.
    public let text: LawText
    /// `blake3:` and the hash of its text as it was enacted; empty for a law that is only tried.
    public let hash: String
    /// The layer it stands in.
    public let layer: LawLayer
    /// Whether it is asked at the act itself.
    let isRealtime: Bool
    /// The names it mentions whose values may stand on the ledger in clear.
    let publicNames: [FactName]
    fileprivate let branches: [(triage: Triage, code: Int32)]
    /// The number of its scope among those of its set.
    fileprivate let scope: Int

    fileprivate init(text: LawText, hash: String, branches: [(triage: Triage, code: Int32)], scope: Int) {
        self.text = text
        self.hash = hash
        layer = text.layer
        isRealtime = text.clock == nil || text.clock == .realtime
        let names = text.branches.flatMap { $0.condition.names }.map { FactName($0) }
        publicNames = names.filter { $0.known?.isPublic == true }
        self.branches = branches
        self.scope = scope
    }

    fileprivate func decision(_ triage: Triage, isUndetermined: Bool) -> LawDecision {
        LawDecision(triage: triage, isUndetermined: isUndetermined, actions: text[triage]?.actions ?? [])
    }
}

/// Laws that are asked together.
public struct LawSet: Sendable {
    /// The laws, strongest layer first, by name within a layer.
    public let laws: [ReadyLaw]
    /// The names they mention.
    public let names: [FactName]
    private let code: LawCode
    private let scopes: [[String]]

    /// Makes laws ready: at most one version of each name, at most ``LawBounds/lawCount``.
    public init(_ enacted: [(text: LawText, hash: String)]) throws(LawError) {
        guard enacted.count <= LawBounds.lawCount else { throw .tooManyLaws(count: enacted.count) }
        var slots = SlotTable()
        var code = LawCode()
        var scopes: [[String]] = []
        var ready: [ReadyLaw] = []
        let sorted = enacted.sorted {
            ($0.text.layer.rawValue, $0.text.id.name) < ($1.text.layer.rawValue, $1.text.id.name)
        }
        for (text, hash) in sorted {
            if ready.contains(where: { $0.text.id.name == text.id.name }) { throw .duplicateLaw(name: text.id.name) }
            var branches: [(triage: Triage, code: Int32)] = []
            for branch in text.branches {
                branches.append((triage: branch.triage, code: code.add(slots.condition(branch.condition))))
            }
            let scope = text.scope ?? []
            if !scopes.contains(scope) { scopes.append(scope) }
            ready.append(
                ReadyLaw(text: text, hash: hash, branches: branches, scope: scopes.firstIndex(of: scope) ?? 0))
        }
        laws = ready
        names = slots.names
        self.code = code
        self.scopes = scopes
    }

    /// What each law of the clock `realtime` that covers a thing of these words says, strongest layer first; a law that
    /// is pending says nothing.
    public func decide(_ scope: [String], _ facts: some FactSource) -> [(law: ReadyLaw, decision: LawDecision)] {
        var run = CodeRun(code, names, facts)
        let covered = scopes.map { scope.starts(with: $0) }
        var decisions: [(law: ReadyLaw, decision: LawDecision)] = []
        for law in laws where law.isRealtime && covered[law.scope] {
            let decision = Self.decide(law, &run)
            if let decision { decisions.append((law: law, decision: decision)) }
        }
        return decisions
    }

    /// What one law says, whatever its scope and clock; nil where the set does not have it.
    public func decision(of name: String, _ facts: some FactSource) -> LawDecision? {
        guard let law = laws.first(where: { $0.text.id.name == name }) else { return nil }
        var run = CodeRun(code, names, facts)
        return Self.decide(law, &run) ?? LawDecision(triage: nil, isUndetermined: false, actions: [])
    }

    /// The first branch that holds, in the order ok, doubt, not; one that cannot be told is doubt, never ok.
    ///
    /// Nil while none holds.
    private static func decide(_ law: ReadyLaw, _ run: inout CodeRun<some FactSource>) -> LawDecision? {
        for branch in law.branches {
            switch run.truth(of: branch.code) {
            case .yes: return law.decision(branch.triage, isUndetermined: false)
            case .unknown: return law.decision(.doubt, isUndetermined: true)
            case .no: break
            }
        }
        return nil
    }
}
