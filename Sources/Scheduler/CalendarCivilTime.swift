// The calendar as the engine takes it.
public import Engine

extension CivilCalendar {
    /// The civil days of this calendar, for runs.
    public var civilTime: CivilTime {
        CivilTime(day: { day(of: $0) }, start: { start(of: $0, daysLater: $1) })
    }
}
