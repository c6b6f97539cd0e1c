// The daemon: one owner of the home who sees to it that every night has its runs, until told to stop.
import Community
public import Encoding
public import Engine
public import Providers

/// Keeps the nights of one home.
///
/// Every decision comes from the book of nights, which is in the ledger's database, and the clock; nothing that matters
/// is kept in memory, so that it can be killed at any point and go on.
public final class Daemon: Sendable {
    /// Waits so many milliseconds, or less: it may return early, and does when a stop or a reload is asked for.
    public typealias Pause = @Sendable (Int) async -> Void

    let entrance: DaemonEntrance
    let time: TimeSource
    let rhythm: DaemonRhythm
    let stop: StopSignal
    let reload: ReloadSignal
    let notifier: ServiceNotifier
    let pause: Pause
    let beat: Sleep
    let tell: @Sendable (DaemonEvent) -> Void

    /// A daemon that has not begun.
    ///
    /// - Parameters:
    ///   - time: the wall clock, and one that never steps and goes on while the machine sleeps.
    ///   - beat: waits between two signs of life for the service manager's watchdog.
    ///   - tell: called one event at a time, from any thread.
    public init(
        entrance: DaemonEntrance, time: TimeSource, rhythm: DaemonRhythm = DaemonRhythm(), stop: StopSignal,
        reload: ReloadSignal, notifier: ServiceNotifier, pause: @escaping Pause,
        beat: @escaping Sleep, tell: @escaping @Sendable (DaemonEvent) -> Void
    ) {
        self.entrance = entrance
        self.time = time
        self.rhythm = rhythm
        self.stop = stop
        self.reload = reload
        self.notifier = notifier
        self.pause = pause
        self.beat = beat
        self.tell = tell
    }

    /// What the daemon remembers between two looks; all of it can be lost.
    struct Mind {
        var clock: ClockWatch
        var stamp = ""
        /// The way by which the home was opened.
        var opening: DaemonOpening?
        var hasRecovered = false
        var owesStartRun: Bool
        var isInDoubt = false
        var isZoneInDoubt = false
        /// Since when no night could begin for doubt, until one could again.
        var doubtedSince: Instant?
        /// What was told last, so that nothing is told twice in a row.
        var waitingFor: DueNight?
        var toldSpoolFault = false
        /// The quarter of an hour in which the laws of midnight were asked last.
        var quarterAsked: Int64?
        /// What kept them from being asked then.
        var toldMidnightDoubts: [String] = []
        /// Not before this is the night tried again for its parked runs.
        var notBefore: Instant?
        /// The residents whose parked runs are tried again; nil where everyone is due.
        var retried: Set<Identifier>?
    }

    /// Works until it is told to stop; throws what no waiting can mend.
    ///
    /// - Parameter runsOnStart: whether today's night is run at once, for trying (`RUN_ON_START`).
    public func run(runsOnStart: Bool = false) async throws {
        var mind = Mind(
            clock: ClockWatch(tolerance: rhythm.clockTolerance, settling: rhythm.settling * 1_000_000),
            owesStartRun: runsOnStart)
        let watchdog = watchdogTask()
        defer { watchdog?.cancel() }
        guard var premises = try await enter(&mind) else { return say(.stopping) }
        do {
            try await compareWithRecord(premises.house, &mind)
            tell(.started)
            notifier.ready("at work")
            while !stop.isRequested {
                premises = try await reloaded(premises, &mind)
                var next: Int
                do {
                    next = try await look(&premises, &mind)
                } catch let error as EngineError where !error.isIntegrityFailure {
                    // A full disk, a busy file: it may pass, and the night's time passes only hours from now.
                    tell(.fault(error))
                    next = rhythm.faultPause
                }
                guard !stop.isRequested else { break }
                await pause(next)
            }
        } catch {
            notifier.stopping()
            await premises.close()
            throw error
        }
        say(.stopping)
        await premises.close()
    }

    private func say(_ event: DaemonEvent) {
        tell(event)
        notifier.stopping()
    }

    /// One look at the clocks, the spool and the book, and what follows from it.
    ///
    /// - Returns: how long to wait for the next look, in milliseconds.
    private func look(_ premises: inout DaemonPremises, _ mind: inout Mind) async throws -> Int {
        guard try await isClockCertain(premises.house, &mind) else { return rhythm.poll }
        let now = time.now()
        if !mind.hasRecovered {
            tell(.recovered(try await premises.engine(premises.schedule.calendar.day(of: now)).recover()))
            mind.hasRecovered = true
        }
        await takeInSpool(premises.house, &mind)
        guard try await askMidnights(&premises, &mind) else { return rhythm.poll }
        let today = premises.schedule.calendar.day(of: now)
        var newest = try await premises.house.nights(newest: 1).first
        if let row = newest, row.dueAt > now {
            // Written by a clock that was wrong: nobody is to wait for it to come true.
            try await premises.house.forgetNights(after: now)
            newest = try await premises.house.nights(newest: 1).first
        }
        let decision = premises.schedule.decide(newest: newest, now: now)
        if case .wait(let next) = decision {
            // Not before what is due anyway: a night of its own closes what older ones left.
            if mind.owesStartRun {
                mind.owesStartRun = false
                _ = try await night(DueNight(day: today, at: now), premises, only: nil, isLate: false)
            }
            return wait(for: next, premises.schedule, &mind)
        }
        if case .run = decision, let notBefore = mind.notBefore, now < notBefore { return rhythm.poll }
        guard try await isZoneCertain(&premises, &mind) else { return rhythm.poll }
        try await act(on: decision, premises, &mind)
        return 1
    }

    private func act(on decision: NightDecision, _ premises: DaemonPremises, _ mind: inout Mind) async throws {
        mind.waitingFor = nil
        switch decision {
        case .wait: break
        case .open(let night):
            try await premises.house.mark(night.day, dueAt: night.at, .ended, reason: "before_first_start")
        case .miss(let nights, let unrecorded):
            try await miss(nights, unrecorded: unrecorded, premises, mind)
            mind.notBefore = nil
            mind.retried = nil
        case .run(let due, let isLate):
            try await premises.house.mark(due.day, dueAt: due.at, .running)
            var only = mind.retried
            if only == nil { only = try await premises.admitted(by: isLate ? due.at : time.now()) }
            let summary = try await night(due, premises, only: only, isLate: isLate)
            try await conclude(due, summary, premises, &mind)
        }
    }

    private func wait(for next: DueNight, _ schedule: NightSchedule, _ mind: inout Mind) -> Int {
        mind.doubtedSince = nil
        if mind.waitingFor != next {
            mind.waitingFor = next
            tell(.waiting(next))
            notifier.status("waiting for the night of \(next.day), \(schedule.calendar.text(of: next.at))")
        }
        return untilMidnight(Int(clamping: min(Int64(rhythm.poll), max(1, next.at.milliseconds(since: time.now())))))
    }

    /// Runs what is due of a night.
    private func night(
        _ due: DueNight, _ premises: DaemonPremises, only: Set<Identifier>?, isLate: Bool
    ) async throws -> NightSummary {
        let night = Night(
            engine: try await premises.engine(due.day), calendar: premises.schedule.calendar,
            weeklyDay: premises.schedule.weeklyDay, stop: stop)
        let plan = try await night.plan(day: due.day, only: only)
        tell(.nightBegan(plan, isLate: isLate))
        notifier.status("the night of \(due.day): \(plan.due.count) due")
        let summary = try await night.run(plan, jobs: premises.jobs) { [tell] event in
            switch event {
            case .ended(let report): tell(.run(report))
            case .tookIn(let report): tell(.tookIn(report))
            default: break
            }
        }
        return summary
    }

    /// Closes the book on a night, or keeps it open for those whose cause may pass within its time.
    private func conclude(
        _ due: DueNight, _ summary: NightSummary, _ premises: DaemonPremises, _ mind: inout Mind
    ) async throws {
        guard summary.notBegun == 0, !stop.isRequested else { return tell(.nightEnded(summary, retryAt: nil)) }
        let waiting = summary.reports.filter { $0.outcome == .parked && Self.mayPass($0.reason) }.map(\.resident)
        let retryAt = time.now().adding(milliseconds: rhythm.retryPause)
        let closes = due.at.adding(milliseconds: Int64(premises.schedule.catchUpHours) * 3_600_000)
        if !waiting.isEmpty, retryAt < closes {
            mind.retried = Set(waiting)
            mind.notBefore = retryAt
            return tell(.nightEnded(summary, retryAt: retryAt))
        }
        mind.retried = nil
        mind.notBefore = nil
        try await premises.house.mark(due.day, dueAt: due.at, .ended)
        tell(.nightEnded(summary, retryAt: nil))
    }

    /// Whether a parked run may go through an hour later: not where the money of the day is used up.
    private static func mayPass(_ reason: String?) -> Bool {
        reason.map { !$0.hasPrefix("budget_") && $0 != RunEngine.workerDeaths && $0 != "journal_broken" } ?? false
    }

    private func miss(
        _ nights: [DueNight], unrecorded: Int, _ premises: DaemonPremises, _ mind: Mind
    ) async throws {
        if unrecorded > 0 {
            try await premises.house.note(
                incident: "nights_unrecorded", concerning: "schedule", found: .integer(Int64(unrecorded)))
            tell(.unrecorded(nights: unrecorded))
        }
        for night in nights {
            let wasInDoubt = mind.doubtedSince.map { night.at >= $0 } ?? false
            let residents = try await premises.house.miss(
                night.day, dueAt: night.at, trigger: premises.schedule.trigger(of: night.day),
                reason: wasInDoubt ? .inDoubt : .notRunning)
            if residents > 0 { tell(.missed(night, residents: residents)) }
            guard !stop.isRequested else { return }
        }
    }

    /// Takes in what other processes left, between nights.
    private func takeInSpool(_ house: House, _ mind: inout Mind) async {
        var report: SpoolReport
        do throws(EngineError) { report = try await house.takeInSpool() } catch { report = SpoolReport(fault: error) }
        let hasFault = report.fault != nil
        if mind.toldSpoolFault { report.fault = nil }
        mind.toldSpoolFault = hasFault
        if !report.isEmpty { tell(.tookIn(report)) }
    }

    /// Says that it is alive, also while a night is under way.
    private func watchdogTask() -> Task<Void, Never>? {
        guard let interval = notifier.watchdogMilliseconds else { return nil }
        return Task { [notifier, beat] in
            while !Task.isCancelled {
                notifier.watchdog()
                guard (try? await beat(Int64(interval))) != nil else { return }
            }
        }
    }
}

extension DaemonPremises {
    /// The residents who were admitted by an instant: nobody else can be late for it.
    fileprivate func admitted(by instant: Instant) async throws -> Set<Identifier> {
        Set(try await house.residents().residents.filter { $0.admittedAt <= instant }.map(\.id))
    }
}
