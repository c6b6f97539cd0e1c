// What a night's runs say together: by outcome and reason, by model, the slowest, the refused, the unfinished.
public import Engine
public import Providers

extension TokenUsage {
    /// How much of the input came out of the provider's prompt cache, in percent; nil where there was no input.
    public var cachePercent: Int? {
        // Sums that stopped at the largest value are made small enough to be multiplied.
        let scale = totalInput > Int.max / 200 ? 200 : 1
        let (all, read) = (totalInput / scale, min(cacheRead, totalInput) / scale)
        return all > 0 ? (read * 100 + all / 2) / all : nil
    }
}

extension NightSummary {
    /// How many runs ended so for one reason.
    public struct Ending: Sendable, Equatable {
        /// How they ended.
        public let outcome: RunState
        /// The reason code; nil where there is none to give.
        public let reason: String?
        /// How many.
        public let count: Int
    }

    /// The runs by outcome and reason: done first, then the most frequent.
    public var endings: [Ending] {
        var counts: [String: Ending] = [:]
        for report in reports {
            let key = "\(report.outcome.rawValue) \(report.reason ?? "")"
            let before = counts[key]?.count ?? 0
            counts[key] = Ending(outcome: report.outcome, reason: report.reason, count: before + 1)
        }
        return counts.values.sorted {
            if ($0.outcome == .done) != ($1.outcome == .done) { return $0.outcome == .done }
            if $0.count != $1.count { return $0.count > $1.count }
            return ($0.outcome.rawValue, $0.reason ?? "") < ($1.outcome.rawValue, $1.reason ?? "")
        }
    }

    /// The runs that took longest, the longest first.
    public func slowest(_ limit: Int) -> [RunReport] {
        let run = reports.filter { $0.outcome != .skipped && $0.outcome != .missed }
        return Array(run.sorted { ($0.milliseconds, $1.name) > ($1.milliseconds, $0.name) }.prefix(limit))
    }

    /// How many tool calls were refused.
    public var refused: Int { reports.reduce(0) { $0 + $1.refused } }

    /// The runs with refused calls, the most first.
    public func refusing(_ limit: Int) -> [RunReport] {
        let refusing = reports.filter { $0.refused > 0 }
        return Array(refusing.sorted { ($0.refused, $1.name) > ($1.refused, $0.name) }.prefix(limit))
    }

    /// The runs that are not done: failed, parked, skipped, missed, in this order.
    public var unfinished: [RunReport] {
        [RunState.failed, .parked, .skipped, .missed].flatMap { state in reports.filter { $0.outcome == state } }
    }

    /// How many runs took so long: the counts below each bound, in milliseconds, and of those above the last.
    public func durations(below bounds: [Int]) -> [Int] {
        var counts = [Int](repeating: 0, count: bounds.count + 1)
        for report in reports where report.outcome != .skipped && report.outcome != .missed {
            counts[bounds.firstIndex { report.milliseconds < $0 } ?? bounds.count] += 1
        }
        return counts
    }
}
