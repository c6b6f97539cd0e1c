// Compares the wall clock with one that never steps: a difference is doubt, until they have agreed for a while.
import Encoding

/// What a look at the clocks shows.
enum ClockFinding: Equatable {
    /// Both went on alike, for long enough.
    case steady
    /// The wall clock was set, by so many milliseconds.
    case jumped(milliseconds: Int64)
    /// Steady again, and not yet for long enough.
    case settling
}

/// Compares two clocks look by look.
struct ClockWatch {
    /// By how much the clocks may differ between two looks, in milliseconds: slewing is no step.
    let tolerance: Int64
    /// How long the clock must be steady before it is believed again, in nanoseconds of the steady clock.
    let settling: UInt64

    private var last: (wall: Instant, steady: UInt64)?
    private var doubtedAt: UInt64?

    init(tolerance: Int64 = 60_000, settling: UInt64 = 600_000_000_000) {
        self.tolerance = tolerance
        self.settling = settling
    }

    /// Begins to doubt, for a reason found elsewhere.
    mutating func doubt(at steady: UInt64) { doubtedAt = steady }

    mutating func look(wall: Instant, steady: UInt64) -> ClockFinding {
        defer { last = (wall, steady) }
        if let last {
            let passed = Int64(clamping: (steady &- last.steady) / 1_000_000)
            let step = wall.milliseconds(since: last.wall.adding(milliseconds: passed))
            if abs(step) > tolerance {
                doubtedAt = steady
                return .jumped(milliseconds: step)
            }
        }
        guard let since = doubtedAt else { return .steady }
        guard steady &- since >= settling else { return .settling }
        doubtedAt = nil
        return .steady
    }
}
