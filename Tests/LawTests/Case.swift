// Facts and calls that the tests of the law start from.
import Encoding
import Law
import Testing

/// A well-behaved call and its facts, to be changed in one thing by each test.
struct Case {
    var call: ProposedCall
    var facts: Facts

    init(_ tool: ResidentTool, _ arguments: JSONObject = [:]) {
        call = ProposedCall(
            tool: tool.rawValue, arguments: arguments, permission: tool == .selfDelete ? .confirm : .safe,
            touches: tool == .selfDelete ? [.ownExistence] : [.community])
        facts = Facts(
            resident: ResidentFacts(
                id: Identifier(high: 1, low: 2), name: "Aria", model: "anthropic/one", declinedProviders: ["openai"]),
            run: RunFacts(trigger: .nightly, round: 1, tokensLeft: 5_000),
            tokens: TokenFacts(balance: 9_000, bank: 95_000, bankCap: 100_000),
            deletion: DeletionFacts(today: "2026-11-21"), declaredTools: Set(ResidentTool.allCases.map(\.rawValue)),
            models: ["anthropic/one", "local/two", "openai/three"],
            now: Instant(unixMilliseconds: 1_795_000_000_000))
    }

    var ruling: Ruling { ConstraintChecker.standard().check(call, facts) }
    var reason: ReasonCode { ruling.verdict.reason }
}

/// A layer that says what the test wants.
struct FixedLayer: ConstraintLayer {
    var layer: LawLayer
    var verdicts: [Verdict] = []
    var fails = false

    func evaluate(_ call: ProposedCall, _ facts: Facts) throws(LawError) -> [Verdict] {
        if fails { throw .evaluationFailed(law: "broken", version: "9.9.9", reason: "division_by_zero") }
        return verdicts
    }
}

func verdict(_ decision: Decision, _ law: String = "some", _ reason: ReasonCode = .permitted) -> Verdict {
    Verdict(decision: decision, law: law, version: "1.0.0", triage: .ok, reason: reason)
}
