// Civil days and wall-clock times in the node's zone.
public import Encoding
import Foundation

/// Why the calendar cannot tell.
public enum CalendarError: Error, Equatable, Sendable {
    /// No zone of this IANA name is known here.
    case unknownZone(String)
    /// The text is no time of day of the form `HH:MM`.
    case malformedTime(String)
}

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
}

/// The Gregorian calendar in one IANA zone (C-04, C-05: local days, never multiples of 86,400 seconds).
public struct CivilCalendar: Sendable {
    private let calendar: Calendar

    /// The calendar of a zone.
    public init(zone: String) throws(CalendarError) {
        guard let found = TimeZone(identifier: zone) else { throw .unknownZone(zone) }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = found
        self.calendar = calendar
    }

    /// The civil day that an instant falls on.
    public func day(of instant: Instant) -> CivilDate {
        let parts = calendar.dateComponents([.year, .month, .day], from: Self.date(instant))
        let text =
            Self.padded(parts.year ?? 0, 4) + "-" + Self.padded(parts.month ?? 0, 2) + "-"
            + Self.padded(parts.day ?? 0, 2)
        guard let day = CivilDate(text) else { preconditionFailure("the calendar gave no civil day: \(text)") }
        return day
    }

    /// The weekday of a day, as the lower-case English name that `weekly.day` uses.
    public func weekday(of day: CivilDate) -> String {
        let names = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
        return names[(calendar.component(.weekday, from: midnight(of: day)) - 1) % 7]
    }

    /// The first instant after `now` at which the wall clock reads `time`; in a gap, the first instant after it.
    ///
    /// Of a time that a day has twice only the first counts, also when it has passed and the second has not.
    public func next(_ time: TimeOfDay, after now: Instant) -> Instant {
        var day = self.day(of: now)
        while true {
            let first = occurrence(of: time, on: day)
            if first > now { return first }
            day = self.day(after: day)
        }
    }

    private func occurrence(of time: TimeOfDay, on day: CivilDate) -> Instant {
        let midnight = midnight(of: day)
        let wanted = DateComponents(hour: time.hour, minute: time.minute, second: 0)
        let found = calendar.nextDate(
            after: midnight.addingTimeInterval(-1), matching: wanted, matchingPolicy: .nextTime,
            repeatedTimePolicy: .first)
        return Instant(unixMilliseconds: Int64(((found ?? midnight).timeIntervalSince1970 * 1000).rounded()))
    }

    /// The first instant of the day after `day`.
    public func end(of day: CivilDate) -> Instant {
        let next = calendar.date(byAdding: .day, value: 1, to: midnight(of: day)) ?? midnight(of: day)
        return Instant(unixMilliseconds: Int64((calendar.startOfDay(for: next).timeIntervalSince1970 * 1000).rounded()))
    }

    /// The day after.
    public func day(after day: CivilDate) -> CivilDate { self.day(of: end(of: day)) }

    private func midnight(of day: CivilDate) -> Date {
        let numbers = day.description.split(separator: "-").compactMap { Int($0) }
        let parts = DateComponents(year: numbers[0], month: numbers[1], day: numbers[2], hour: 12)
        return calendar.startOfDay(for: calendar.date(from: parts) ?? Date(timeIntervalSince1970: 0))
    }

    private static func date(_ instant: Instant) -> Date {
        Date(timeIntervalSince1970: Double(instant.unixMilliseconds) / 1000)
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

extension CivilCalendar {
    /// The first instant of the civil day that follows `day` by so many days; a day that the zone skipped counts too.
    public func start(of day: CivilDate, daysLater: Int = 0) -> Instant {
        let wanted = CivilDate(daysSinceEpoch: day.daysSinceEpoch + Int64(daysLater))
        return Instant(unixMilliseconds: Int64((midnight(of: wanted).timeIntervalSince1970 * 1000).rounded()))
    }
}
