// The examples that a law must decide as they say before it can be in force.
import Encoding

/// One example: facts, and what the law must make of them.
public struct LawFixture: Sendable, Hashable {
    /// Its name.
    public let name: String
    /// What is known.
    public let facts: FactTable
    /// The branch that must hold; nil for pending.
    public let expected: Triage?
    /// The actions that must follow, as the law prints them, in any order; nil where the example does not say.
    public let actions: [String]?
}

/// What an example showed.
public struct FixtureOutcome: Sendable, Hashable {
    /// The example's name.
    public let name: String
    /// What the example expects: ok, doubt, not, pending.
    public let expected: String
    /// What the law said.
    public let found: String
    /// Whether it is as expected.
    public let passes: Bool
}

/// The examples of one law.
public struct LawFixtures: Sendable, Hashable {
    /// The examples, in order.
    public let all: [LawFixture]
    /// Whether they say that the law is never pending, which an example can then contradict but none can show.
    public let isNeverPending: Bool

    private static let limits = JSONLimits(maximumBytes: 32_768, maximumDepth: 16)
    private static let maximumCount = 200

    /// Reads `[{"name", "given": {facts}, "expect": "ok"|"doubt"|"not"|"pending", "actions"?: [texts]}]`; an element
    /// `{"never": "pending"}` says that some branch always speaks.
    public init(_ bytes: [UInt8]) throws(LawError) {
        guard let list = (try? JSON.parse(bytes, limits: Self.limits))?.array, list.count <= Self.maximumCount else {
            throw .fixturesMalformed(place: "a list of at most \(Self.maximumCount) examples")
        }
        var all: [LawFixture] = []
        var isNeverPending = false
        for (index, json) in list.enumerated() {
            let place = "example \(index + 1)"
            if json == ["never": "pending"] {
                isNeverPending = true
                continue
            }
            guard let members = json.object, members.keys.allSatisfy(["name", "given", "expect", "actions"].contains)
            else { throw .fixturesMalformed(place: "\(place): name, given, expect, actions") }
            guard let name = members["name"]?.string, !name.isEmpty, !all.contains(where: { $0.name == name }) else {
                throw .fixturesMalformed(place: "\(place): name")
            }
            guard let facts = FactTable(json: members["given"] ?? .null) else {
                throw .fixturesMalformed(place: "\(place) (\(name)): given")
            }
            let word = members["expect"]?.string ?? ""
            guard word == "pending" || Triage(rawValue: word) != nil else {
                throw .fixturesMalformed(place: "\(place) (\(name)): expect")
            }
            var actions: [String]?
            if let listed = members["actions"] {
                actions = listed.array?.compactMap(\.string)
                guard actions?.count == listed.array?.count else {
                    throw .fixturesMalformed(place: "\(place) (\(name)): actions")
                }
            }
            all.append(
                LawFixture(name: name, facts: facts, expected: Triage(rawValue: word), actions: actions))
        }
        self.all = all
        self.isNeverPending = isNeverPending
    }

    /// What the law makes of each example.
    public func run(_ law: LawText) throws(LawError) -> [FixtureOutcome] {
        let set = try LawSet([(text: law, hash: "")])
        return all.map { fixture in
            let decision = set.decision(of: law.id.name, fixture.facts)
            let found = decision?.triage?.rawValue ?? "pending"
            let expected = fixture.expected?.rawValue ?? "pending"
            let printed = decision?.actions.map(\.printed).sorted() ?? []
            let passes = found == expected && (fixture.actions.map { $0.sorted() == printed } ?? true)
            return FixtureOutcome(
                name: fixture.name, expected: expected + Self.shown(fixture.actions),
                found: found + (fixture.actions == nil ? "" : Self.shown(printed)), passes: passes)
        }
    }

    private static func shown(_ actions: [String]?) -> String {
        guard let actions else { return "" }
        return ", " + (actions.isEmpty ? "no action" : actions.joined(separator: ", "))
    }

    /// The outcomes that no example shows: each branch that the law has, and pending unless some branch always speaks.
    public func missing(for law: LawText) -> [String] {
        var wanted = law.branches.map(\.triage.rawValue)
        let alwaysSpeaks = law.branches.contains { $0.condition == .value(.truth(true)) }
        if !alwaysSpeaks, !isNeverPending { wanted.append("pending") }
        return wanted.filter { word in !all.contains { ($0.expected?.rawValue ?? "pending") == word } }
    }
}
