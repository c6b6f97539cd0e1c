// The rule by which a zone's offsets go on for ever: the notation of the TZ variable (POSIX, widened by RFC 9636).
internal import Encoding

/// A zone's offsets after the last change that its file lists.
struct ZoneFooter: Sendable, Equatable {
    /// The offset of standard time, in seconds east of UTC.
    let standard: Int64
    /// Summer time, where the zone has one.
    let summer: Summer?

    /// The offset of summer time, and when it begins and ends.
    struct Summer: Sendable, Equatable {
        let offset: Int64
        let begin: YearlyChange
        let end: YearlyChange
    }

    /// Reads a text such as `CET-1CEST,M3.5.0,M10.5.0/3`; nil for any other.
    init?(_ text: String) {
        var reader = FooterReader(text)
        guard reader.name(), let west = reader.offset(hours: 24) else { return nil }
        standard = -west
        guard !reader.isAtEnd else {
            summer = nil
            return
        }
        guard reader.name() else { return nil }
        var offset = standard + 3_600
        if !reader.isAt(",") {
            guard let west = reader.offset(hours: 24) else { return nil }
            offset = -west
        }
        guard reader.skip(","), let begin = reader.change(), reader.skip(","), let end = reader.change(),
            reader.isAtEnd
        else { return nil }
        summer = Summer(offset: offset, begin: begin, end: end)
    }

    /// The changes of a year as seconds since the epoch with the offset from then on, in the order of their times.
    func changes(ofYear year: Int64) -> [ZoneChange] {
        guard let summer else { return [] }
        let begin = summer.begin.localSecond(ofYear: year) - standard
        let end = summer.end.localSecond(ofYear: year) - summer.offset
        let changes = [ZoneChange(at: begin, offset: summer.offset), ZoneChange(at: end, offset: standard)]
        return begin < end ? changes : changes.reversed()
    }
}

/// From this second since the epoch on the offset is this.
struct ZoneChange: Sendable, Equatable {
    let at: Int64
    let offset: Int64
}

/// A local second that comes once a year.
struct YearlyChange: Sendable, Equatable {
    enum Day: Sendable, Equatable {
        /// The day of the year from 1, in which the leap day never counts.
        case julian(Int64)
        /// The day of the year from 0, in which the leap day counts.
        case ordinal(Int64)
        /// That weekday of a month, from Sunday, 0; week 5 is the last.
        case weekday(month: Int64, week: Int64, weekday: Int64)
    }

    let day: Day
    /// Seconds after the day's midnight, before it when negative.
    let second: Int64

    /// The change as seconds since the epoch, were the wall clock UTC.
    func localSecond(ofYear year: Int64) -> Int64 {
        let newYear = CivilDate(year: year, month: 1, day: 1).daysSinceEpoch
        let days: Int64
        switch day {
        case .julian(let number):
            let isLeap = CivilDate.days(inMonth: 2, ofYear: year) == 29
            days = newYear + number - 1 + (isLeap && number >= 60 ? 1 : 0)
        case .ordinal(let number):
            days = newYear + number
        case .weekday(let month, let week, let weekday):
            let first = CivilDate(year: year, month: month, day: 1).daysSinceEpoch
            let offset = (weekday - first.weekday + 7) % 7 + (week - 1) * 7
            let length = CivilDate.days(inMonth: month, ofYear: year)
            days = first + (offset >= length ? offset - 7 : offset)
        }
        return days * 86_400 + second
    }
}

extension Int64 {
    /// The weekday of a day number since the epoch, from Sunday, 0.
    var weekday: Int64 { ((self % 7) + 11) % 7 }
}

/// Reads the footer from its beginning to its end.
private struct FooterReader {
    private let bytes: [UInt8]
    private var at = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { at == bytes.count }

    func isAt(_ character: Unicode.Scalar) -> Bool { at < bytes.count && bytes[at] == UInt8(ascii: character) }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard isAt(character) else { return false }
        at += 1
        return true
    }

    /// A name: letters, or anything between angle brackets.
    mutating func name() -> Bool {
        if skip("<") {
            while !isAtEnd, !isAt(">") { at += 1 }
            return skip(">")
        }
        let start = at
        while !isAtEnd, (bytes[at] | 0x20) >= UInt8(ascii: "a"), (bytes[at] | 0x20) <= UInt8(ascii: "z") { at += 1 }
        return at - start >= 3
    }

    mutating func number(_ range: ClosedRange<Int64>) -> Int64? {
        var value: Int64 = 0
        let start = at
        while !isAtEnd, at - start < 4, (0x30...0x39).contains(bytes[at]) {
            value = value * 10 + Int64(bytes[at] - 0x30)
            at += 1
        }
        return at > start && range.contains(value) ? value : nil
    }

    /// `[+-]hh[:mm[:ss]]` in seconds, as written: west of UTC is positive.
    mutating func offset(hours: Int64) -> Int64? {
        let isNegative = skip("-")
        if !isNegative { _ = skip("+") }
        guard var value = number(0...hours).map({ $0 * 3_600 }) else { return nil }
        for unit in [Int64(60), 1] {
            guard skip(":") else { break }
            guard let part = number(0...59) else { return nil }
            value += part * unit
        }
        return isNegative ? -value : value
    }

    mutating func change() -> YearlyChange? {
        let day: YearlyChange.Day
        if skip("M") {
            guard let month = number(1...12), skip("."), let week = number(1...5), skip("."),
                let weekday = number(0...6)
            else { return nil }
            day = .weekday(month: month, week: week, weekday: weekday)
        } else if skip("J") {
            guard let number = number(1...365) else { return nil }
            day = .julian(number)
        } else {
            guard let number = number(0...365) else { return nil }
            day = .ordinal(number)
        }
        guard skip("/") else { return YearlyChange(day: day, second: 7_200) }
        guard let second = offset(hours: 167) else { return nil }
        return YearlyChange(day: day, second: second)
    }
}
