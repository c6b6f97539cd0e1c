// Why the calendar cannot tell, and what is wrong with a cron expression.

/// Why the calendar cannot tell.
public enum CalendarError: Error, Equatable, Sendable {
    /// The time zone data has no zone of this IANA name.
    case unknownZone(String)
    /// There is no time zone data in this folder: what day it is anywhere but in UTC is in doubt.
    case missingZoneData(folder: String)
    /// The data of this zone cannot be read: it is damaged, or counts leap seconds.
    case damagedZone(String)
    /// The text is no time of day of the form `HH:MM`.
    case malformedTime(String)
    /// The text is no cron expression, or one that never occurs.
    case cron(CronFault)
}

/// A field of a cron expression.
public enum CronField: String, Sendable, CaseIterable {
    /// 0 … 59; absent means 0.
    case second
    /// 0 … 59.
    case minute
    /// 0 … 23.
    case hour
    /// 1 … 31.
    case dayOfMonth = "day of month"
    /// 1 … 12, or `JAN` … `DEC`.
    case month
    /// 0 … 7, or `SUN` … `SAT`; 0 and 7 are Sunday.
    case dayOfWeek = "day of week"
    /// 1970 … 2999; absent means every year.
    case year

    /// The numbers that the field may hold.
    public var range: ClosedRange<Int> {
        switch self {
        case .second, .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        case .year: 1970...2999
        }
    }
}

/// What is wrong with a cron expression; each value is the part of it that is at fault.
public enum CronFault: Error, Equatable, Sendable {
    /// It has more than 256 bytes.
    case tooLong
    /// It has so many fields, and not 5, 6 or 7.
    case fieldCount(Int)
    /// No such nickname is known, such as `@reboot`.
    case nickname(String)
    /// This is neither a number, a name, a range, a step nor a star.
    case malformed(CronField, String)
    /// The number is not one of the field's.
    case outOfRange(CronField, String)
    /// The range ends before it begins.
    case reversed(CronField, String)
    /// The step is 0, or larger than the field is wide.
    case step(CronField, String)
    /// `L`, `W`, `#` and `H` are other programs' extensions.
    case unsupported(CronField, String)
    /// The expression has no occurrence in the eight years that follow.
    case never(String)
}
