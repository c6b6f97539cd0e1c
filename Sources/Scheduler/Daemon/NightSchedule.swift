// When nights are due, and what to do about those whose time has come: decided from the book and the clock alone.
public import Encoding
public import Engine

/// A civil day's night and the instant at which it is due.
public struct DueNight: Sendable, Equatable {
    /// The civil day in the node's zone.
    public let day: CivilDate
    /// When it begins.
    public let at: Instant
}

/// What is to be done next.
public enum NightDecision: Sendable, Equatable {
    /// The book is empty: what passed before the first start is nobody's fault; this is the newest of it.
    case open(DueNight)
    /// These passed and will not be made up for, oldest first; so many older ones are beyond what the book takes.
    case miss([DueNight], unrecorded: Int)
    /// This one runs; `isLate` where it is made up for or taken up again.
    case run(DueNight, isLate: Bool)
    /// Nothing before this one.
    case wait(DueNight)
}

/// The nights of a node.
public struct NightSchedule: Sendable, Equatable {
    /// The node's civil days.
    public let calendar: CivilCalendar
    /// When nights begin (`nightly.at`).
    public let time: TimeOfDay
    /// The weekday of the larger run (`weekly.day`).
    public let weeklyDay: String
    /// How long after its time the newest night is still made up for, in hours (`nightly.catchUpHours`).
    public let catchUpHours: Int

    /// What is late by less than this is on time, whatever the setting, in milliseconds.
    static let punctual: Int64 = 5 * 60_000
    /// So many missed nights are written down one by one.
    static let bookedNights: Int64 = 400

    /// The nights that these settings mean.
    public init(calendar: CivilCalendar, time: TimeOfDay, weeklyDay: String, catchUpHours: Int = 20) {
        self.calendar = calendar
        self.time = time
        self.weeklyDay = weeklyDay
        self.catchUpHours = catchUpHours
    }

    /// What the runs of a day are.
    public func trigger(of day: CivilDate) -> RunTrigger {
        calendar.weekday(of: day) == weeklyDay ? .weekly : .nightly
    }

    /// The next night after an instant.
    public func next(after now: Instant) -> DueNight {
        var day = CivilDate(daysSinceEpoch: calendar.day(of: now).daysSinceEpoch - 1)
        while true {
            if let at = calendar.occurrence(of: time, on: day), at > now { return DueNight(day: day, at: at) }
            day = CivilDate(daysSinceEpoch: day.daysSinceEpoch + 1)
        }
    }

    /// What to do at an instant, when the newest night of the book stands so.
    public func decide(newest: NightRow?, now: Instant) -> NightDecision {
        guard let newest else { return .open(last(by: now)) }
        var passed: [DueNight] = newest.state == .running ? [DueNight(day: newest.day, at: newest.dueAt)] : []
        let first = newest.day.daysSinceEpoch + 1
        // A day further than today can be due already only where a clock change moved its time.
        let today = calendar.day(of: now).daysSinceEpoch + 1
        let booked = max(first, today - Self.bookedNights)
        var next: DueNight?
        var number = booked
        while next == nil {
            let day = CivilDate(daysSinceEpoch: number)
            number += 1
            guard let at = calendar.occurrence(of: time, on: day) else { continue }
            if at <= now { passed.append(DueNight(day: day, at: at)) } else { next = DueNight(day: day, at: at) }
        }
        guard let candidate = passed.last else { return next.map { .wait($0) } ?? .open(last(by: now)) }
        let lateness = now.milliseconds(since: candidate.at)
        guard lateness <= max(Self.punctual, Int64(catchUpHours) * 3_600_000) else {
            return .miss(passed, unrecorded: Int(booked - first))
        }
        guard passed.count == 1, booked == first else {
            return .miss(Array(passed.dropLast()), unrecorded: Int(booked - first))
        }
        return .run(candidate, isLate: lateness > Self.punctual || newest.state == .running)
    }

    /// The newest night whose time is not after an instant.
    private func last(by now: Instant) -> DueNight {
        var day = CivilDate(daysSinceEpoch: calendar.day(of: now).daysSinceEpoch + 1)
        while true {
            if let at = calendar.occurrence(of: time, on: day), at <= now { return DueNight(day: day, at: at) }
            day = CivilDate(daysSinceEpoch: day.daysSinceEpoch - 1)
        }
    }
}
