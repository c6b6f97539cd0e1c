// The next occurrence of a cron expression in a zone whose clock is put forward and back.
public import Encoding

/// An occurrence of a cron expression.
public struct CronOccurrence: Sendable, Equatable {
    /// When it is.
    public let at: Instant
    /// The wall-clock time, as `2026-03-29T02:30:00`, that the clock skipped and this instant stands for; nil if the
    /// clock reads what the expression says.
    public let movedFrom: String?
}

extension CronExpression {
    /// Every Gregorian date but a leap day comes again within a year, and a leap day within eight.
    private static let horizonDays: Int64 = 8 * 366
    /// A gap that is longer than this is no clock change but a change of the zone itself: nothing is moved out of it.
    private static let longestGap: Int64 = 3 * 3_600

    /// The first occurrence after an instant.
    ///
    /// A recurring expression occurs at every real instant whose wall clock matches: twice where the clock is put back,
    /// not at all where it skips. Any other names times of a civil day: each occurs once, the first time that the clock
    /// reads so, or the first instant after a gap of up to three hours that swallows it.
    ///
    /// - Throws: `.cron(.never)` when none of the eight years that follow has one.
    public func next(after instant: Instant, in calendar: CivilCalendar) throws(CalendarError) -> CronOccurrence {
        let from = instant.unixSeconds + 1
        let limit = (calendar.local(from).flooredDays + Self.horizonDays + 1) * 86_400
        let found =
            isRecurring
            ? nextRecurring(from: from, before: limit, calendar.rules)
            : nextFixed(after: from - 1, before: limit, calendar.rules)
        guard let found else { throw .cron(.never(text)) }
        return found
    }

    /// Whether the wall clock reads one of the expression's times at an instant; what a gap moved does not match.
    public func matches(_ instant: Instant, in calendar: CivilCalendar) -> Bool {
        holds(local: calendar.local(instant.unixSeconds))
    }

    private func nextRecurring(from: Int64, before limit: Int64, _ rules: ZoneRules) -> CronOccurrence? {
        var second = from
        while true {
            let segment = rules.segment(at: second)
            // Looked for up to the segment's end only: beyond it the clock reads otherwise.
            let end = segment.end == .max ? limit : min(limit, segment.end + segment.offset)
            if let local = nextLocal(from: second + segment.offset, before: end) {
                return CronOccurrence(at: Instant(unixSeconds: local - segment.offset), movedFrom: nil)
            }
            guard segment.end != .max, segment.end + segment.offset < limit else { return nil }
            second = segment.end
        }
    }

    private func nextFixed(after: Int64, before limit: Int64, _ rules: ZoneRules) -> CronOccurrence? {
        // Every earlier reading of the clock came, or was skipped, before: what it stands for is not after.
        var from = after + 1 + rules.offset(at: after)
        while let local = nextLocal(from: from, before: limit) {
            from = local + 1
            switch rules.reading(ofLocal: local) {
            case .once(let second), .twice(let second, _):
                if second > after { return CronOccurrence(at: Instant(unixSeconds: second), movedFrom: nil) }
            case .never(let second, let length):
                guard second > after, length <= Self.longestGap else { continue }
                return CronOccurrence(
                    at: Instant(unixSeconds: second),
                    movedFrom: String(Instant(unixSeconds: local).rfc3339.dropLast(5)))
            }
        }
        return nil
    }
}
