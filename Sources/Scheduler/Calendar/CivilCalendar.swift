// Civil days and wall-clock times in the node's zone.
public import Encoding

/// The Gregorian calendar in one IANA zone (C-04, C-05: local days, never multiples of 86,400 seconds).
///
/// The rules come from the system's time zone data, so that a government's change of mind arrives with an update of the
/// system. Instants are cut to whole seconds where the wall clock is read.
public struct CivilCalendar: Sendable, Equatable {
    /// The zone's IANA name.
    public let zone: String
    let rules: ZoneRules
    private let directory: ZoneDirectory

    /// The calendar of a zone.
    public init(zone: String, in directory: ZoneDirectory = .system) throws(CalendarError) {
        self.zone = zone
        self.directory = directory
        rules = try directory.rules(of: zone)
    }

    /// The same zone's calendar by the data as it is now.
    public func refreshed() throws(CalendarError) -> CivilCalendar { try CivilCalendar(zone: zone, in: directory) }

    /// The civil days of every zone that the same data has.
    var zoneDays: ZoneDays { ZoneDays(in: directory) }

    /// The civil day that an instant falls on.
    public func day(of instant: Instant) -> CivilDate {
        CivilDate(daysSinceEpoch: local(instant.unixSeconds).flooredDays)
    }

    /// The weekday of a day, as the lower-case English name that `weekly.day` uses.
    public func weekday(of day: CivilDate) -> String {
        ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"][Int(day.daysSinceEpoch.weekday)]
    }

    /// The first instant after `now` at which the wall clock reads `time`; in a gap, the first instant after it.
    ///
    /// Of a time that a day has twice only the first counts, also when it has passed and the second has not.
    public func next(_ time: TimeOfDay, after now: Instant) -> Instant {
        var day = self.day(of: now)
        while true {
            if let first = occurrence(of: time, on: day), first > now { return first }
            day = CivilDate(daysSinceEpoch: day.daysSinceEpoch + 1)
        }
    }

    /// When a day has its time: the first of two, in a gap the first instant after it; nil where the zone skipped the
    /// whole day.
    public func occurrence(of time: TimeOfDay, on day: CivilDate) -> Instant? {
        guard exists(day) else { return nil }
        switch rules.reading(ofLocal: day.daysSinceEpoch * 86_400 + time.second) {
        case .once(let second), .twice(let second, _), .never(let second, _): return Instant(unixSeconds: second)
        }
    }

    /// Whether the zone has the day: Samoa had no 30 December 2011.
    public func exists(_ day: CivilDate) -> Bool { self.day(of: start(of: day)) == day }

    /// The first instant of the day after `day`.
    public func end(of day: CivilDate) -> Instant { start(of: day, daysLater: 1) }

    /// The day after, which is a later one where the zone skipped a day.
    public func day(after day: CivilDate) -> CivilDate { self.day(of: end(of: day)) }

    /// The first instant of the civil day that follows `day` by so many days; a day that the zone skipped counts too,
    /// and begins with the next.
    public func start(of day: CivilDate, daysLater: Int = 0) -> Instant {
        Instant(unixSeconds: rules.start(ofDay: day.daysSinceEpoch + Int64(daysLater)))
    }

    /// The instant as the zone's clock reads it, with the offset: `2026-11-21T06:00:00+01:00` (RFC 3339).
    public func text(of instant: Instant) -> String {
        let offset = rules.offset(at: instant.unixSeconds)
        // The form has no seconds, which offsets had until the 1970s.
        let minutes = (abs(offset) + 30) / 60
        func two(_ number: Int64) -> String { (number < 10 ? "0" : "") + String(number) }
        return Instant(unixSeconds: instant.unixSeconds + offset).rfc3339.dropLast(5) + (offset < 0 ? "-" : "+")
            + two(minutes / 60) + ":" + two(minutes % 60)
    }

    /// How far the zone's clock is ahead of UTC at an instant, in seconds.
    public func secondsFromUTC(at instant: Instant) -> Int { Int(rules.offset(at: instant.unixSeconds)) }

    /// The zone's clock at a second since the epoch, as the second that it would name in UTC.
    func local(_ second: Int64) -> Int64 { second + rules.offset(at: second) }
}

extension Instant {
    init(unixSeconds: Int64) { self.init(unixMilliseconds: unixSeconds * 1_000) }

    /// Whole seconds since the epoch, rounded down.
    var unixSeconds: Int64 { unixMilliseconds >= 0 ? unixMilliseconds / 1_000 : (unixMilliseconds - 999) / 1_000 }
}

extension Int64 {
    /// Whole days in so many seconds, rounded down.
    var flooredDays: Int64 { self >= 0 ? self / 86_400 : (self - 86_399) / 86_400 }
}
