// Civil days of every zone that the system knows, as laws of midnight name them.
public import Encoding
public import Engine

/// Civil days of any zone by the time zone data of a directory, read anew at each question.
public struct ZoneDays: CivilDays {
    private let directory: ZoneDirectory

    /// The days of the zones of a directory.
    public init(in directory: ZoneDirectory = .system) { self.directory = directory }

    private func calendar(_ zone: String) -> CivilCalendar? { try? CivilCalendar(zone: zone, in: directory) }

    /// The civil day of an instant; nil where the zone, or its data, is not there.
    public func day(of instant: Instant, zone: String) -> CivilDate? { calendar(zone)?.day(of: instant) }

    /// The first instant of a civil day; nil where the zone, or its data, is not there.
    public func start(of day: CivilDate, zone: String) -> Instant? { calendar(zone)?.start(of: day) }

    /// The civil day that follows one; nil where the zone, or its data, is not there.
    public func day(after day: CivilDate, zone: String) -> CivilDate? { calendar(zone)?.day(after: day) }
}
