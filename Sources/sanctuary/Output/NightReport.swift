// The end of a night in words: by model, the slowest, the refused, what is not done.
import Encoding
import Engine
import Providers
import Scheduler

extension NightSummary {
    private static let named = 5

    /// The lines below a night's summary; none where a single run has told all of it.
    func details() -> [String] {
        guard reports.count > 1 else { return [] }
        var lines = models.map { line(of: $0) }
        let slow = slowest(3).map { "\(shown($0.name)) \(Amounts.duration(milliseconds: $0.milliseconds))" }
        if !slow.isEmpty { lines.append("slowest: \(slow.joined(separator: ", "))") }
        if refused > 0 {
            let names = refusing(Self.named).map { "\(shown($0.name)) \($0.refused)" }
            lines.append("refused: \(counted(refused, "call")): " + names.joined(separator: ", "))
        }
        for ending in endings where ending.outcome != .done {
            let of = reports.filter { $0.outcome == ending.outcome && $0.reason == ending.reason }
            let names = of.prefix(Self.named).map { shown($0.name) } + (of.count > Self.named ? ["…"] : [])
            let why = ending.reason.map { " (\(words(forReason: $0)))" } ?? ""
            lines.append("\(ending.outcome.rawValue)\(why): \(ending.count): \(names.joined(separator: ", "))")
        }
        return lines.map { "  \($0)" }
    }

    private func line(of model: ModelSpending) -> String {
        var parts = [counted(model.replies, "reply", "replies")]
        if model.failures > 0 { parts.append("\(model.failures) failed") }
        let share = model.usage.cachePercent.map { " (\($0) % from the cache)" } ?? ""
        parts.append(
            "\(Amounts.whole(model.usage.totalInput)) tokens in\(share), \(Amounts.whole(model.usage.output)) out")
        parts.append(model.isPriced ? Amounts.dollars(picoUSD: model.costPicoUSD) : "price unknown")
        return "\(shown(model.model.description, limit: 200)): \(parts.joined(separator: ", "))"
    }
}
