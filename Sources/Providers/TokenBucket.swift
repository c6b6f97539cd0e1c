// A rate limit as a pure value: how long the next request must wait.

/// So many units in a time, with a burst (the generic cell rate algorithm, ITU-T I.371).
struct TokenBucket: Sendable, Equatable {
    private let nanosecondsPerUnit: UInt64
    private let burstNanoseconds: UInt64
    /// When the bucket would be full again if nothing more came.
    private var fullAt: UInt64 = 0

    /// A full bucket of a rate above zero, with a burst of ten seconds' worth.
    init(perMinute rate: Int) {
        nanosecondsPerUnit = max(1, 60_000_000_000 / UInt64(max(1, rate)))
        burstNanoseconds = nanosecondsPerUnit * UInt64(max(1, rate / 6))
    }

    /// The bucket that a provider says it keeps; nil where it is full, and nothing need wait for it.
    ///
    /// What is missing comes back evenly until the reset, when it is full again. Without a limit only a bucket that is
    /// used up says anything: it lets nothing through before its reset.
    ///
    /// - Parameters:
    ///   - report: what the headers of an answer say.
    ///   - underWay: units of requests that the provider had not counted when it wrote that.
    ///   - now: monotonic nanoseconds.
    init?(reported report: RateReport, underWay: Int, at now: UInt64) {
        let reset = UInt64(max(0, report.resetMilliseconds)) &* 1_000_000
        guard reset > 0 else { return nil }
        guard let limit = report.limit, limit > 0 else {
            guard report.remaining <= 0 else { return nil }
            nanosecondsPerUnit = 0
            burstNanoseconds = 0
            fullAt = now &+ reset
            return
        }
        let missing = limit - min(max(0, report.remaining), limit)
        guard missing > 0 else { return nil }
        nanosecondsPerUnit = max(1, reset / UInt64(missing))
        burstNanoseconds = nanosecondsPerUnit.multipliedReportingOverflow(by: UInt64(limit)).partialValue
        fullAt = now &+ reset
        _ = take(underWay, at: now)
    }

    /// Takes units out, if need be ahead of time, and says how many nanoseconds to wait before using them.
    ///
    /// Callers wait in the order in which they took. More units than a burst holds are let through once it is full.
    mutating func take(_ units: Int, at now: UInt64) -> UInt64 {
        let (cost, overflow) = UInt64(max(0, units)).multipliedReportingOverflow(by: nanosecondsPerUnit)
        let from = max(fullAt, now)
        fullAt = overflow ? from : from &+ cost
        let room = max(burstNanoseconds, overflow ? 0 : cost)
        return fullAt > now &+ room ? fullAt - now - room : 0
    }

    /// Puts back what was taken and not used.
    mutating func giveBack(_ units: Int, at now: UInt64) {
        let (cost, overflow) = UInt64(max(0, units)).multipliedReportingOverflow(by: nanosecondsPerUnit)
        guard !overflow else { return }
        fullAt = max(now, fullAt > cost ? fullAt - cost : 0)
    }
}
