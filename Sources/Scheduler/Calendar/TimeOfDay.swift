// A time of day on the wall clock.

/// A time of day on the wall clock.
public struct TimeOfDay: Sendable, Equatable, CustomStringConvertible {
    /// 0 … 23.
    public let hour: Int
    /// 0 … 59.
    public let minute: Int

    /// Reads `HH:MM`.
    public init(_ text: String) throws(CalendarError) {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 }),
            let hour = Int(Substring(parts[0])), let minute = Int(Substring(parts[1])),
            (0...23).contains(hour), (0...59).contains(minute)
        else { throw .malformedTime(text) }
        self.hour = hour
        self.minute = minute
    }

    /// The time as `HH:MM`.
    public var description: String { (hour < 10 ? "0" : "") + "\(hour):" + (minute < 10 ? "0" : "") + "\(minute)" }

    /// Seconds after a midnight from which no clock was changed.
    var second: Int64 { Int64(hour * 3_600 + minute * 60) }
}
