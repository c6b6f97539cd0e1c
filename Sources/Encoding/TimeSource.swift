// The clocks, handed in wherever time matters, so that tests decide what time it is.
internal import Glibc

/// Where the time comes from.
public struct TimeSource: Sendable {
    /// The wall clock; it may step, also backwards.
    public let now: @Sendable () -> Instant
    /// Nanoseconds of a clock that never steps back, for measuring durations.
    public let monotonicNanoseconds: @Sendable () -> UInt64

    /// Makes a source of two clocks.
    public init(
        now: @escaping @Sendable () -> Instant, monotonicNanoseconds: @escaping @Sendable () -> UInt64
    ) {
        self.now = now
        self.monotonicNanoseconds = monotonicNanoseconds
    }

    /// The system's clocks.
    public static let system = TimeSource(
        now: {
            let time = read(CLOCK_REALTIME)
            return Instant(unixMilliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
        },
        monotonicNanoseconds: {
            let time = read(CLOCK_MONOTONIC)
            return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        })

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        // Fails only for a clock that does not exist, and both of these always do on Linux.
        precondition(clock_gettime(clock, &time) == 0, "the system has no such clock")
        return time
    }
}
