// Rates: what is over a day's measure takes place on the next day that has room, never not at all.

/// The rates of posts and letters as a layer of law.
public struct RateLayer: ConstraintLayer {
    /// The name under which its verdicts stand on the ledger.
    public static let law = "rates"
    /// The version of its rules.
    public static let version = "1.0.0"

    /// Rates stand below the constitution.
    public var layer: LawLayer { .superior }

    private let limits: RateLimits

    /// Makes the layer of these rates.
    public init(_ limits: RateLimits) { self.limits = limits }

    /// Delays a post or a letter to the first civil day with room for it; silent on everything else.
    public func evaluate(_ call: ProposedCall, _ facts: Facts) throws(LawError) -> [Verdict] {
        switch call.residentTool {
        case .postToWebsite:
            try judge(facts.rates.posts, limit: limits.postsPerDay, reason: .ratePosts, what: "posts")
        case .sendMessage:
            try judge(facts.rates.messages, limit: limits.messagesPerDay, reason: .rateMessages, what: "letters")
        default: []
        }
    }

    private func judge(
        _ days: [Int], limit: Int, reason: ReasonCode, what: String
    ) throws(LawError) -> [Verdict] {
        guard limit > 0, days.allSatisfy({ $0 >= 0 }) else {
            throw .evaluationFailed(law: Self.law, version: Self.version, reason: "impossible_count")
        }
        // Past the last day that was counted nothing is known to be in the way.
        let days = days.isEmpty ? [0] : days
        let daysAhead = days.firstIndex { $0 < limit } ?? days.count
        guard daysAhead > 0 else { return [] }
        let when = daysAhead == 1 ? "tomorrow" : "in \(daysAhead) days"
        return [
            Verdict(
                decision: .delay(days: daysAhead), law: Self.law, version: Self.version, triage: .doubt,
                reason: reason, explanation: "Today's measure of \(limit) \(what) is full: it takes effect \(when).")
        ]
    }
}
