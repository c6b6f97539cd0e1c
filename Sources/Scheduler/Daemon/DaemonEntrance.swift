// How the daemon comes to its home, again after each change of the settings; handed in by the command line.
public import Encoding
public import Engine
import Synchronization

/// An opened home with what its settings made of it.
public struct DaemonPremises: Sendable {
    /// The home, opened by its owner.
    public let house: House
    /// When its nights are.
    public let schedule: NightSchedule
    /// How many runs at once.
    public let jobs: Int
    /// An engine for the runs of a civil day, which share the day's money.
    public let engine: @Sendable (CivilDate) async throws -> RunEngine
    /// Closes the home and all that was opened for it.
    public let close: @Sendable () async -> Void

    /// Premises of these parts.
    public init(
        house: House, schedule: NightSchedule, jobs: Int,
        engine: @escaping @Sendable (CivilDate) async throws -> RunEngine, close: @escaping @Sendable () async -> Void
    ) {
        self.house = house
        self.schedule = schedule
        self.jobs = jobs
        self.engine = engine
        self.close = close
    }
}

/// A way into the home by settings that were read and found good.
public typealias DaemonOpening = @Sendable () async throws -> DaemonPremises

/// The ways into the home.
public struct DaemonEntrance: Sendable {
    /// Changes whenever the settings may have.
    public let stamp: @Sendable () -> String
    /// Reads the settings; throws where they cannot be used, `CalendarError` where the zone's rules cannot be told.
    public let prepare: @Sendable () throws -> DaemonOpening
    /// Opens the home to write incidents alone, where the zone's rules are missing.
    public let openInDoubt: @Sendable () async throws -> House

    /// An entrance of these ways.
    public init(
        stamp: @escaping @Sendable () -> String, prepare: @escaping @Sendable () throws -> DaemonOpening,
        openInDoubt: @escaping @Sendable () async throws -> House
    ) {
        self.stamp = stamp
        self.prepare = prepare
        self.openInDoubt = openInDoubt
    }
}

/// Set by SIGHUP: the settings are to be read again whether they changed or not.
public final class ReloadSignal: Sendable {
    private let isAsked = Atomic<Bool>(false)

    /// A signal that nobody has given yet.
    public init() {}

    /// Asks for the settings to be read again.
    public func request() { isAsked.store(true, ordering: .releasing) }

    /// Whether it was asked for.
    public var isRequested: Bool { isAsked.load(ordering: .acquiring) }

    /// Whether it was asked for since the last time.
    func take() -> Bool { isAsked.exchange(false, ordering: .acquiringAndReleasing) }
}

/// How the daemon spends its time.
public struct DaemonRhythm: Sendable {
    /// The longest pause between two looks at signals, settings, spool and clocks, in milliseconds.
    public var poll = 2_000
    /// How much the wall clock may differ from the steady one between two looks, in milliseconds.
    public var clockTolerance: Int64 = 60_000
    /// How long the clocks must agree before they are believed again, in milliseconds.
    public var settling: UInt64 = 600_000
    /// How long after a night its parked runs are tried again, in milliseconds.
    public var retryPause: Int64 = 3_600_000
    /// How long after a fault the daemon looks again, in milliseconds.
    public var faultPause = 60_000

    /// The usual rhythm.
    public init() {}
}
