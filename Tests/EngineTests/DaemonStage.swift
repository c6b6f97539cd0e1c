// A home and a daemon whose time is a test's: weeks pass in a moment, and things happen at their hours.
import Community
import Cryptography
import Encoding
import Engine
import Files
import HTTPClient
import Ledger
import Providers
import SQLite
import Scheduler
import Synchronization
import TestSupport
import Testing
import Vault

/// A wall clock and one that never steps; both go on only when the daemon waits, and a test can set the first.
final class DaemonClock: Sendable {
    private struct State {
        var wall: Int64
        var steady: Int64 = 0
    }

    private let state: Mutex<State>

    init(_ text: String) throws {
        state = Mutex(State(wall: try #require(Instant(rfc3339: text)).unixMilliseconds))
    }

    var now: Instant { Instant(unixMilliseconds: state.withLock(\.wall)) }

    func advance(milliseconds: Int) {
        state.withLock { state in
            state.wall += Int64(milliseconds)
            state.steady += Int64(milliseconds)
        }
    }

    /// Sets the wall clock, as a hand or a time server would.
    func set(byHours hours: Int) { state.withLock { $0.wall += Int64(hours) * 3_600_000 } }

    var source: TimeSource {
        TimeSource(
            now: { self.now }, monotonicNanoseconds: { UInt64(self.state.withLock(\.steady)) * 1_000_000 })
    }
}

/// Something that happens when the wall clock reaches an instant, in the order of the list.
struct DaemonAct: Sendable {
    let at: Instant
    let act: @Sendable (DaemonStage) async throws -> Void

    init(_ at: String, _ act: @escaping @Sendable (DaemonStage) async throws -> Void) throws {
        self.at = try #require(Instant(rfc3339: at))
        self.act = act
    }
}

/// The settings of a stage.
struct StageSettings: Sendable, Equatable {
    var zone = "Europe/Paris"
    var at = "06:00"
    var weeklyDay = "sunday"
    var catchUpHours = 20
    /// What stands for a mistake in the file.
    var isBroken = false
    /// Whether the home cannot be opened by these settings.
    var opensNothing = false
}

/// A mistake in the settings.
struct StageSettingsError: Error {}

/// What a model can stop the daemon by, in the middle of a night.
final class Rope: Sendable {
    private let stop = Mutex<StopSignal?>(nil)
    func tie(to signal: StopSignal) { stop.withLock { $0 = signal } }
    func pull() { stop.withLock { $0 }?.request() }
}

final class DaemonStage: Sendable {
    let home: TestHome
    let clock: DaemonClock
    let model: FakeModel
    let settings: Mutex<StageSettings>
    let zones: Mutex<ZoneDirectory>
    let reload = ReloadSignal()
    let events = Mutex<[DaemonEvent]>([])
    let rope: Rope
    /// Whether nothing can be written.
    let isDiskFull = Mutex(false)

    /// A home made at an instant, with some residents.
    init(
        from: String, residents: Int = 2, settings: StageSettings = StageSettings(), rope: Rope = Rope(),
        _ answer: @escaping @Sendable (Int, JSON) async -> Spoken = { _, _ in .words("Done.") }
    ) async throws {
        home = try await TestHome(clock: TestClock(from))
        clock = try DaemonClock(from)
        model = try FakeModel("fake", answer)
        self.settings = Mutex(settings)
        self.rope = rope
        zones = Mutex(ZoneDirectory.system)
        clock.advance(milliseconds: 60_000)
        let model = model.model
        _ = try await home.owned { house in
            for number in 0..<residents {
                try await TestHome.admit(
                    ["Resident \(number)"], prompt: "You are number \(number).", model: model, in: house)
            }
        }
    }

    func calendar() throws -> CivilCalendar {
        try CivilCalendar(zone: settings.withLock(\.zone), in: zones.withLock { $0 })
    }

    /// Opens the home with the stage's clock.
    func open(_ calendar: CivilCalendar) async throws -> House {
        let keys = try MasterKeyReader(environmentSecret: { _ in nil }).keys(
            setting: nil, paths: VaultPaths(home: home.paths.root))
        return try await House.open(
            at: home.paths, access: .owner(masterKeys: keys), settings: home.settings,
            surroundings: HomeSurroundings(
                time: clock.source, random: .system, program: "sanctuary test",
                atStep: { step in
                    if case .recordReady = step, self.isDiskFull.withLock({ $0 }) {
                        throw EngineError.file(FileError(operation: "write", path: "ledger.sqlite", code: 28))
                    }
                }),
            civilTime: calendar.civilTime)
    }

    private func premises(_ schedule: NightSchedule, _ stop: StopSignal) async throws -> DaemonPremises {
        let house = try await open(schedule.calendar)
        let router = try ProviderRouter(
            settings: [model.settings()], client: HTTPClient(), time: clock.source, sleep: { _ in },
            isStopping: { stop.isRequested })
        return DaemonPremises(
            house: house, schedule: schedule, jobs: 2,
            engine: { _ in
                RunEngine(house: house, router: router, night: NightBudget(limits: BudgetLimits()), stop: stop)
            },
            close: {
                await router.shutdown()
                await house.close()
            })
    }

    /// Lets a daemon work until the wall clock reads `until`, or an act fails.
    func play(
        until: String, runsOnStart: Bool = false, pollMinutes: Int = 7, notifier: ServiceNotifier? = nil,
        _ acts: [DaemonAct] = []
    ) async throws {
        let end = try #require(Instant(rfc3339: until))
        let stop = StopSignal()
        rope.tie(to: stop)
        let waiting = Mutex(acts[...])
        let failure = Mutex<(any Error)?>(nil)
        var rhythm = DaemonRhythm()
        rhythm.poll = pollMinutes * 60_000
        let daemon = Daemon(
            entrance: DaemonEntrance(
                stamp: { "\(self.settings.withLock { $0 })" },
                prepare: {
                    let settings = self.settings.withLock { $0 }
                    guard !settings.isBroken else { throw StageSettingsError() }
                    let schedule = NightSchedule(
                        calendar: try self.calendar(), time: try TimeOfDay(settings.at),
                        weeklyDay: settings.weeklyDay, catchUpHours: settings.catchUpHours)
                    return {
                        if settings.opensNothing { throw StageSettingsError() }
                        return try await self.premises(schedule, stop)
                    }
                }, openInDoubt: { try await self.open(CivilCalendar(zone: "UTC")) }),
            time: clock.source, rhythm: rhythm, stop: stop, reload: reload,
            notifier: notifier ?? ServiceNotifier(socket: nil, process: 1),
            pause: { milliseconds in
                self.clock.advance(milliseconds: milliseconds)
                while let act = waiting.withLock({ acts in
                    acts.first.flatMap { $0.at <= self.clock.now ? acts.popFirst() : nil }
                }) {
                    do { try await act.act(self) } catch { failure.withLock { $0 = error } }
                }
                if self.clock.now >= end || failure.withLock({ $0 != nil }) { stop.request() }
            }, beat: { _ in throw CancellationError() },
            tell: { event in self.events.withLock { $0.append(event) } })
        try await daemon.run(runsOnStart: runsOnStart)
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// What the home holds, once nobody works in it.
    func read<R: Sendable>(_ body: (House) async throws -> R) async throws -> R {
        try await open(try CivilCalendar(zone: "UTC")).closing(after: body)
    }

    /// The book as `2026-11-21 ended`, oldest first.
    func book() async throws -> [String] {
        try await read { house in
            try await house.nights(newest: 1_000).reversed().map { night in
                "\(night.day) \(night.state.rawValue)" + (night.reason.map { " \($0)" } ?? "")
            }
        }
    }

    /// How many runs a day has in each state, as `2026-11-21 done 2`.
    func runs(on day: String) async throws -> [String: Int] {
        let day = try #require(CivilDate(day))
        return try await read { house in
            let rows = try await RunEngine(
                house: house, router: try ProviderRouter(settings: [], client: HTTPClient(), time: self.clock.source),
                night: NightBudget(limits: BudgetLimits())
            ).runs(on: day)
            return Dictionary(grouping: rows, by: { $0.state.rawValue + ($0.reason.map { " \($0)" } ?? "") })
                .mapValues(\.count)
        }
    }

    /// The incidents on the record, as their kinds.
    func incidents() async throws -> [String] {
        try await read { try await $0.spans(.incident).compactMap { $0.metadata["kind"]?.string } }
    }

    /// The nights that the daemon told of: `began 2026-11-21 nightly 2`, `late`, `missed 2026-11-20 2`.
    var told: [String] {
        events.withLock { $0 }.compactMap { event in
            switch event {
            case .nightBegan(let plan, let isLate):
                "began \(plan.day) \(plan.trigger.rawValue) \(plan.due.count)" + (isLate ? " late" : "")
            case .missed(let night, let residents): "missed \(night.day) \(residents)"
            case .doubt(let doubt): "doubt \(doubt.kind)"
            case .settled: "settled"
            case .reloaded: "reloaded"
            case .reloadRefused: "refused"
            case .fault: "fault"
            case .unrecorded(let nights): "unrecorded \(nights)"
            case .tookIn(let report): "took in \(report.letters)"
            default: nil
            }
        }
    }

    func forget() { events.withLock { $0 = [] } }

    /// Ledger and vault hold, and nobody has two completed runs of one day.
    func check() async throws {
        try await read { house in
            #expect(try await house.faults() == [])
            let twice = try await house.ledger.read { connection in
                try connection.rows(
                    "SELECT occurrence FROM run WHERE state = 'done' GROUP BY occurrence, resident HAVING count(*) > 1",
                    []
                ) { $0.text(0) }
            }
            #expect(twice == [])
        }
        await model.stop()
    }
}
