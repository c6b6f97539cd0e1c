// Takes a cron expression apart: into its fields, and a field into the numbers it stands for.

/// The fields of an expression, as they were written.
struct CronFields {
    var second: Substring?
    let minute: Substring
    let hour: Substring
    let day: Substring
    let month: Substring
    let weekday: Substring
    var year: Substring?

    private static let maximumBytes = 256
    private static let nicknames = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    init(_ text: String) throws(CronFault) {
        guard text.utf8.count <= Self.maximumBytes else { throw .tooLong }
        var parts = text.split { $0 == " " || $0 == "\t" }
        if let nickname = parts.first, nickname.hasPrefix("@") {
            guard parts.count == 1, let meaning = Self.nicknames[nickname.lowercased()] else {
                throw .nickname(parts.joined(separator: " "))
            }
            parts = meaning.split(separator: " ")
        }
        guard (5...7).contains(parts.count) else { throw .fieldCount(parts.count) }
        if parts.count == 7 || parts.count == 6 && Self.isYear(parts[5]) { year = parts.removeLast() }
        if parts.count == 6 { second = parts.removeFirst() }
        (minute, hour, day, month, weekday) = (parts[0], parts[1], parts[2], parts[3], parts[4])
    }

    /// Whether a number of four digits stands in it, which no other field has.
    private static func isYear(_ field: Substring) -> Bool {
        field.utf8.split { !(0x30...0x39).contains($0) }.contains { $0.count == 4 }
    }
}

/// The numbers that one field stands for.
struct CronSet {
    private(set) var bits: UInt64 = 0
    /// Whether a star or question mark stands in it.
    private(set) var hasStar = false
    /// Whether it begins with one.
    let beginsWithStar: Bool

    init(_ text: Substring, _ field: CronField) throws(CronFault) {
        beginsWithStar = text.hasPrefix("*") || text.hasPrefix("?")
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let item = try CronItem(item, field)
            hasStar = hasStar || item.isStar
            for number in stride(from: item.range.lowerBound, through: item.range.upperBound, by: item.step) {
                bits |= 1 << UInt64(field == .dayOfWeek ? number % 7 : number)
            }
        }
    }

    /// The years of a field; nil for all.
    static func years(_ text: Substring) throws(CronFault) -> [ClosedRange<Int>]? {
        var years: [ClosedRange<Int>] = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let item = try CronItem(item, .year)
            if item.isStar, item.step == 1 { return nil }
            guard item.step > 1 else {
                years.append(item.range)
                continue
            }
            for year in stride(from: item.range.lowerBound, through: item.range.upperBound, by: item.step) {
                years.append(year...year)
            }
        }
        return years
    }
}

/// One element of a field's list: a range and a step.
private struct CronItem {
    let range: ClosedRange<Int>
    let step: Int
    let isStar: Bool

    init(_ text: Substring, _ field: CronField) throws(CronFault) {
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        // A star spans the week from Sunday to Saturday; 7 is only another name of 0.
        let widest = field == .dayOfWeek ? 0...6 : field.range
        isStar = halves[0] == "*" || halves[0] == "?"
        if isStar {
            range = widest
        } else {
            let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            let first = try Self.number(ends[0], of: text, field)
            if ends.count == 2 {
                var last = try Self.number(ends[1], of: text, field)
                if field == .dayOfWeek, last == 0, first > 0 { last = 7 }
                guard first <= last else { throw .reversed(field, String(text)) }
                range = first...last
            } else {
                range = first...(halves.count == 2 ? max(first, widest.upperBound) : first)
            }
        }
        guard halves.count == 2 else {
            step = 1
            return
        }
        guard let step = Self.digits(halves[1]) else { throw .malformed(field, String(text)) }
        guard (1...widest.upperBound - widest.lowerBound).contains(step) else { throw .step(field, String(text)) }
        self.step = step
    }

    private static func number(_ part: Substring, of text: Substring, _ field: CronField) throws(CronFault) -> Int {
        if let number = digits(part) {
            guard field.range.contains(number) else { throw .outOfRange(field, String(text)) }
            return number
        }
        let names: [String] =
            switch field {
            case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
            case .dayOfWeek: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
            default: []
            }
        if let index = names.firstIndex(of: part.lowercased()) { return field.range.lowerBound + index }
        throw isExtension(part) ? .unsupported(field, String(text)) : .malformed(field, String(text))
    }

    /// Whether the part is of Quartz's or Jenkins' making: `L`, `15W`, `6#3`, `H`.
    private static func isExtension(_ part: Substring) -> Bool {
        ["L", "W", "LW", "#", "H"].contains(part.uppercased().filter { !("0"..."9").contains($0) })
    }

    private static func digits(_ text: Substring) -> Int? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
