// What an answer's headers say about trying again, and reading the dates they are written with.
public import Encoding

/// What an answer's headers say about trying again.
public struct RetryHints: Sendable, Equatable {
    /// How long to wait, in milliseconds.
    public var afterMilliseconds: Int64?
    /// Whether the provider says outright that it is, or is not, worth it.
    public var shouldRetry: Bool?

    /// States the hints.
    public init(afterMilliseconds: Int64? = nil, shouldRetry: Bool? = nil) {
        self.afterMilliseconds = afterMilliseconds
        self.shouldRetry = shouldRetry
    }

    /// Reads `retry-after-ms`, else `retry-after` (seconds with a fraction, or an HTTP date), and `x-should-retry`.
    ///
    /// What cannot be read counts as absent; a date that has passed means at once. A date is measured from the answer's
    /// own `date`, where it has one: no clock that stands wrong, or has just jumped, makes a wait of it.
    public init(now: Instant, header: (String) -> String?) {
        afterMilliseconds =
            header("retry-after-ms").flatMap { Self.milliseconds($0, perUnit: 1) }
            ?? header("retry-after").flatMap { text in
                Self.milliseconds(text, perUnit: 1_000)
                    ?? HTTPDate.parse(text).map { date in
                        max(0, date.milliseconds(since: header("date").flatMap(HTTPDate.parse) ?? now))
                    }
            }
        shouldRetry = header("x-should-retry").flatMap { ["true": true, "false": false][$0.lowercased()] }
    }

    private static func milliseconds(_ text: String, perUnit: Double) -> Int64? {
        guard text.utf8.count <= 32, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }),
            let number = Double(text)
        else { return nil }
        let milliseconds = (number * perUnit).rounded(.up)
        return milliseconds < 1e15 ? Int64(milliseconds) : nil
    }
}

/// Dates as HTTP writes them.
enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads any of the three forms of RFC 9110 section 5.6.7, all of which mean UTC.
    static func parse(_ text: String) -> Instant? {
        guard text.utf8.count <= 64 else { return nil }
        let words = text.split { $0 == " " || $0 == "," || $0 == "-" }
        guard words.count == 6 || words.count == 5 else { return nil }
        // "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"
        let isASCTime = words.count == 5
        let (dayWord, monthWord) = isASCTime ? (words[2], words[1]) : (words[1], words[2])
        let (yearWord, timeWord) = isASCTime ? (words[4], words[3]) : (words[3], words[4])
        let clock = timeWord.split(separator: ":")
        guard isASCTime || words[5] == "GMT", let month = months.firstIndex(of: String(monthWord)),
            let day = UInt8(dayWord), let writtenYear = UInt16(yearWord), clock.count == 3,
            let hour = UInt8(clock[0]), let minute = UInt8(clock[1]), let second = UInt8(clock[2])
        else { return nil }
        let year = yearWord.count == 2 ? Int(writtenYear) + (writtenYear < 70 ? 2_000 : 1_900) : Int(writtenYear)
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(padded(year, 4))-\(padded(month + 1, 2))-\(padded(Int(day), 2))"
        return Instant(
            rfc3339: "\(date)T\(padded(Int(hour), 2)):\(padded(Int(minute), 2)):\(padded(Int(second), 2)).000Z")
    }
}
