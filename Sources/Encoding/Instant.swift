// A point in time to the millisecond, and its RFC 3339 text by integer arithmetic alone.

/// A point in time, in milliseconds since 1970-01-01T00:00:00Z without leap seconds.
public struct Instant: Hashable, Comparable, Sendable {
    /// Milliseconds since the Unix epoch; negative before it.
    public let unixMilliseconds: Int64

    /// Makes an instant of milliseconds since the Unix epoch.
    public init(unixMilliseconds: Int64) { self.unixMilliseconds = unixMilliseconds }

    /// Whether one instant is before another.
    public static func < (left: Instant, right: Instant) -> Bool { left.unixMilliseconds < right.unixMilliseconds }

    /// The instant that many milliseconds later (earlier if negative); stops at the ends of the range.
    public func adding(milliseconds: Int64) -> Instant {
        let (sum, overflow) = unixMilliseconds.addingReportingOverflow(milliseconds)
        return Instant(unixMilliseconds: overflow ? (milliseconds > 0 ? .max : .min) : sum)
    }

    /// Milliseconds from another instant to this one; stops at the ends of the range.
    public func milliseconds(since earlier: Instant) -> Int64 {
        let (difference, overflow) = unixMilliseconds.subtractingReportingOverflow(earlier.unixMilliseconds)
        return overflow ? (unixMilliseconds > 0 ? .max : .min) : difference
    }
}

extension Instant {
    /// Reads `YYYY-MM-DDTHH:MM:SS` with an optional fraction of 1 to 9 digits and `Z` or `±HH:MM` (RFC 3339).
    ///
    /// Capitals only; the fraction is cut to milliseconds. Nil for any other form, for a date that does not exist, and
    /// for a leap second, which Unix time cannot express.
    public init?(rfc3339 text: String) {
        var reader = DigitReader(bytes: Array(text.utf8))
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("T"), let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), reader.skip(":"), let second = reader.number(2),
            (1...12).contains(month), day >= 1, day <= CivilDate.days(inMonth: month, ofYear: year),
            hour <= 23, minute <= 59, second <= 59, let fraction = reader.milliseconds(),
            let offset = reader.offsetMinutes(), reader.isAtEnd
        else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
        let minutes = days * 1440 + hour * 60 + minute - offset
        unixMilliseconds = (minutes * 60 + second) * 1000 + fraction
    }

    /// The text in UTC with three decimals and `Z`; years outside 0 to 9999 with a sign and six digits or more.
    public var rfc3339: String {
        let (days, millisecondOfDay) = unixMilliseconds.dividedByFlooring(86_400_000)
        let date = CivilDate(daysSinceEpoch: days)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        if (0...9999).contains(date.year) {
            appendPadded(date.year, 4, to: &text)
        } else {
            text.append(date.year < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
            appendPadded(Int64(date.year.magnitude), 6, to: &text)
        }
        let second = millisecondOfDay / 1000
        append("-", date.month, 2, to: &text)
        append("-", date.day, 2, to: &text)
        append("T", second / 3600, 2, to: &text)
        append(":", second / 60 % 60, 2, to: &text)
        append(":", second % 60, 2, to: &text)
        append(".", millisecondOfDay % 1000, 3, to: &text)
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    private func append(_ separator: Unicode.Scalar, _ value: Int64, _ width: Int, to text: inout [UInt8]) {
        text.append(UInt8(ascii: separator))
        appendPadded(value, width, to: &text)
    }

    /// Writes the digits of a number that is not negative, with zeros before them up to the width.
    private func appendPadded(_ value: Int64, _ width: Int, to text: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<width { divisor *= 10 }
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            text.append(0x30 + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }
}

extension Instant: CustomStringConvertible {
    /// The RFC 3339 text.
    public var description: String { rfc3339 }
}

/// Takes fixed-width numbers out of a date's text.
private struct DigitReader {
    let bytes: [UInt8]
    var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { at == bytes.count }

    mutating func number(_ width: Int) -> Int64? {
        guard at + width <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[at..<at + width] {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        at += width
        return value
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    /// The fraction cut to milliseconds; 0 without one, nil for a point without 1 to 9 digits.
    mutating func milliseconds() -> Int64? {
        guard skip(".") else { return 0 }
        var value: Int64 = 0
        var digits = 0
        while let digit = number(1) {
            digits += 1
            if digits <= 3 { value = value * 10 + digit }
        }
        guard (1...9).contains(digits) else { return nil }
        return digits == 1 ? value * 100 : digits == 2 ? value * 10 : value
    }

    mutating func offsetMinutes() -> Int64? {
        if skip("Z") { return 0 }
        let east = skip("+")
        guard east || skip("-"), let hours = number(2), skip(":"), let minutes = number(2), hours <= 23, minutes <= 59
        else { return nil }
        return east ? hours * 60 + minutes : -(hours * 60 + minutes)
    }
}
