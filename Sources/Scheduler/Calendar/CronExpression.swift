// Cron expressions: which wall-clock times they name.
internal import Encoding

/// A cron expression: five fields, six with leading seconds or a trailing year, or seven with both.
///
/// Fields hold numbers, names, ranges, lists, steps, `*` and `?`, which means `*`. Where both the day of month and the
/// day of week are restricted, either is enough, as in Vixie's cron; a day field that begins with `*` must hold too.
/// The zone is no part of the expression.
public struct CronExpression: Sendable, Equatable {
    /// The expression as it was written.
    public let text: String
    let seconds: UInt64
    let minutes: UInt64
    let hours: UInt64
    let days: UInt64
    let months: UInt64
    let weekdays: UInt64
    /// Nil where every year counts.
    let years: [ClosedRange<Int>]?
    /// Whether either of the two day fields is enough.
    let joinsDays: Bool
    /// Whether it names every real instant whose clock matches, clock changes included, and not times of a civil day.
    public let isRecurring: Bool

    /// Reads an expression or one of the nicknames `@yearly` (`@annually`), `@monthly`, `@weekly`, `@daily`
    /// (`@midnight`) and `@hourly`.
    ///
    /// Six fields end with a year if the last holds a number of four digits.
    public init(_ text: String) throws(CalendarError) {
        do throws(CronFault) {
            let fields = try CronFields(text)
            self.text = text
            seconds = try fields.second.map { text throws(CronFault) in try CronSet(text, .second).bits } ?? 1
            let minute = try CronSet(fields.minute, .minute)
            let hour = try CronSet(fields.hour, .hour)
            let day = try CronSet(fields.day, .dayOfMonth)
            let weekday = try CronSet(fields.weekday, .dayOfWeek)
            minutes = minute.bits
            hours = hour.bits
            days = day.bits
            months = try CronSet(fields.month, .month).bits
            weekdays = weekday.bits
            years = try fields.year.flatMap { text throws(CronFault) in try CronSet.years(text) }
            joinsDays = !day.beginsWithStar && !weekday.beginsWithStar
            isRecurring = minute.hasStar || hour.hasStar
        } catch {
            throw .cron(error)
        }
    }

    /// Whether the day that many days after the epoch is one of the expression's.
    func holds(day number: Int64) -> Bool {
        let date = CivilDate(daysSinceEpoch: number)
        guard months.has(Int(date.month)) else { return false }
        if let years, !years.contains(where: { $0.contains(Int(date.year)) }) { return false }
        let day = days.has(Int(date.day))
        let weekday = weekdays.has(Int(number.weekday))
        return joinsDays ? day || weekday : day && weekday
    }

    /// Whether a wall clock that reads so, as the second that it would name in UTC, is one of the expression's times.
    func holds(local second: Int64) -> Bool {
        let day = second.flooredDays
        let rest = Int(second - day * 86_400)
        return hours.has(rest / 3_600) && minutes.has(rest / 60 % 60) && seconds.has(rest % 60) && holds(day: day)
    }

    /// The first time from `second` on that the expression names, both read as above; nil when none is before `limit`.
    func nextLocal(from second: Int64, before limit: Int64) -> Int64? {
        var day = second.flooredDays
        var from = Int(second - day * 86_400)
        while day * 86_400 < limit {
            if holds(day: day), let time = nextTime(from: from) {
                let found = day * 86_400 + Int64(time)
                return found < limit ? found : nil
            }
            day += 1
            from = 0
        }
        return nil
    }

    /// The first second of a day from `from` on.
    private func nextTime(from: Int) -> Int? {
        guard let hour = hours.next(from: from / 3_600) else { return nil }
        if hour == from / 3_600 {
            let minute = from / 60 % 60
            if minutes.has(minute), let second = seconds.next(from: from % 60) {
                return hour * 3_600 + minute * 60 + second
            }
            if let minute = minutes.next(from: minute + 1) {
                return hour * 3_600 + minute * 60 + seconds.trailingZeroBitCount
            }
            guard let later = hours.next(from: hour + 1) else { return nil }
            return first(ofHour: later)
        }
        return first(ofHour: hour)
    }

    private func first(ofHour hour: Int) -> Int {
        hour * 3_600 + minutes.trailingZeroBitCount * 60 + seconds.trailingZeroBitCount
    }
}

extension UInt64 {
    /// Whether the set holds a number.
    func has(_ number: Int) -> Bool { number < 64 && self & (1 << UInt64(number)) != 0 }

    /// The smallest number of the set from `number` on.
    func next(from number: Int) -> Int? {
        guard number < 64 else { return nil }
        let rest = self >> UInt64(number)
        return rest == 0 ? nil : number + rest.trailingZeroBitCount
    }
}
