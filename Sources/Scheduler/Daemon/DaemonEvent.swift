// What the daemon tells while it works; the command line puts it into log lines.
public import Encoding
public import Engine

/// Why the daemon changes nothing for the time being.
public enum Doubt: Sendable, Equatable {
    /// The wall clock was set by so many milliseconds while the daemon watched.
    case clockJumped(milliseconds: Int64)
    /// The wall clock is before the newest record of the ledger by so many milliseconds.
    case clockBehind(milliseconds: Int64)
    /// The zone's rules cannot be read.
    case zone(CalendarError)

    /// The code that stands in the incident's span.
    public var kind: String {
        switch self {
        case .clockJumped: "clock_jumped"
        case .clockBehind: "clock_behind_record"
        case .zone: "zone_data_missing"
        }
    }
}

/// One thing that happened.
public enum DaemonEvent: Sendable {
    /// The home is open.
    case started
    /// What interrupted runs came to.
    case recovered(RecoveryReport)
    /// Letters and admissions were taken out of the spool.
    case tookIn(SpoolReport)
    /// Nothing is due before this night.
    case waiting(DueNight)
    /// A night begins, late or not, or for `RUN_ON_START`; `retried` are those alone that were parked in it.
    case nightBegan(NightPlan, isLate: Bool)
    /// A run ended.
    case run(RunReport)
    /// A night ended; parked runs of it are tried again later where `retryAt` says when.
    case nightEnded(NightSummary, retryAt: Instant?)
    /// A night passed without: so many residents have no run of it.
    case missed(DueNight, residents: Int)
    /// The laws of midnight were asked, or could not be for doubt.
    case midnights(MidnightReport)
    /// So many nights passed that are too old for the book.
    case unrecorded(nights: Int)
    /// From here on nothing is changed.
    case doubt(Doubt)
    /// The doubt is over.
    case settled
    /// The settings were read again and hold from here on.
    case reloaded
    /// The new settings cannot be used, the old ones stay.
    case reloadRefused(any Error)
    /// A night, or what must come before it, failed as a whole; it is tried again.
    case fault(EngineError)
    /// It was told to stop.
    case stopping
}
