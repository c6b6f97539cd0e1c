// How many tool calls a second of one core fifty laws decide: hard constraints, all laws, and a delay by one of them.
import Encoding
import Foundation
import Law

private enum LawBenchError: Error {
    case wrongDecision(String)
}

/// Fifty laws that all cover the call: each compares several facts, few of them alike, and one of them delays.
private func fiftyLaws() throws -> [(text: LawText, hash: String)] {
    try (0..<50).map { number in
        let text = """
            law bench_\(number):1.0.0:
              scope: tool
              clock: realtime
              if ok: tool.name == "tool_\(number)" OR (run.round > \(number + 10) AND NOT run.outside == true)
                then: permit
              if doubt: posts.today >= \(number == 49 ? 3 : 100 + number) AND resident.model in ["a/b", "anthropic/one"]
                then: modify(delay=next_day), tag(key=reason, val=rate_posts), append_ledger
              if not: tool.args.content.length > \(9_000 + number) OR (messages.today > 500 AND budget.bank < 0)
                then: deny, append_ledger
              layer: \(number % 2 == 0 ? "superior" : "tenant")
            """
        return (text: try LawText(text), hash: "")
    }
}

func lawRows(_ bench: Bench) throws -> [Row] {
    let checker = try ConstraintChecker.governed(by: fiftyLaws())
    let call = ProposedCall(
        tool: ResidentTool.postToWebsite.rawValue, arguments: ["content": "Good morning, everybody."],
        permission: .safe, touches: [.community])
    let facts = Facts(
        resident: ResidentFacts(id: Identifier(high: 1, low: 2), name: "Aria", model: "anthropic/one"),
        run: RunFacts(trigger: .nightly, round: 2, tokensLeft: 5_000, hasOutsideContent: true),
        tokens: TokenFacts(balance: 9_000, bank: 0, bankCap: 100_000), rates: RateFacts(posts: [3, 1], messages: [2]),
        deletion: DeletionFacts(today: "2026-11-21"), declaredTools: Set(ResidentTool.allCases.map(\.rawValue)),
        now: Instant(unixMilliseconds: 1_795_000_000_000))
    let ruling = checker.check(call, facts)
    guard ruling.delayDays == 1, ruling.verdict.law == "bench_49" else {
        throw LawBenchError.wrongDecision("\(ruling.verdict)")
    }
    let count = 20_000
    let rates = (0..<bench.batches).map { _ in
        var delays = 0
        let cost = onThisThread { for _ in 0..<count { delays += checker.check(call, facts).delayDays } }
        return delays == count ? Double(count) / cost.cpu : .nan
    }
    let figure = median(rates)
    return [
        Row(
            what: "decisions a second of one core, 50 laws that all cover the call", figure: text(figure, 0),
            target: "100,000",
            isMet: figure >= 100_000)
    ]
}
