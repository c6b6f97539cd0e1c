// A rate limit as a pure value: how long the next request must wait.

/// So many units a minute, with a burst of ten seconds' worth (the generic cell rate algorithm, ITU-T I.371).
struct TokenBucket: Sendable, Equatable {
    private let nanosecondsPerUnit: UInt64
    private let burstNanoseconds: UInt64
    /// When the bucket would be full again if nothing more came.
    private var fullAt: UInt64 = 0

    /// A full bucket of a rate above zero.
    init(perMinute rate: Int) {
        nanosecondsPerUnit = max(1, 60_000_000_000 / UInt64(max(1, rate)))
        burstNanoseconds = nanosecondsPerUnit * UInt64(max(1, rate / 6))
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

    /// Lets nothing through before that time: the provider says the minute is used up.
    mutating func close(until reopening: UInt64) {
        fullAt = max(fullAt, reopening &+ burstNanoseconds)
    }
}
