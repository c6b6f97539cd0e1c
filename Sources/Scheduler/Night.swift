// The nightly batch: every resident that is due, once, several at once.
public import Community
public import Encoding
public import Engine
public import Providers

/// What a night is going to do.
public struct NightPlan: Sendable {
    /// The civil day whose night it is.
    public let day: CivilDate
    /// `nightly`, or `weekly` on the weekly day.
    public let trigger: RunTrigger
    /// Who is due, in the order in which they begin; ids alone, so that a million take 16 MB.
    public let due: [Identifier]
    /// How many active residents had their run of that day already.
    public let settled: Int
    /// Runs of that day that failed earlier, or were parked for what would happen again: not tried again by the night.
    public let failedEarlier: [RunRow]
    /// Whether it was narrowed to some residents.
    var isNarrowed = false
}

/// What a night tells while it goes on.
public enum NightEvent: Sendable {
    /// So many runs begin to be worked through.
    case began(due: Int)
    /// A resident's run was begun.
    case started(ResidentRecord)
    /// A run ended.
    case ended(RunReport)
    /// Letters and admissions were taken out of the spool; a fault that left some there is told once a night.
    case tookIn(SpoolReport)
}

/// What a night came to.
public struct NightSummary: Sendable {
    /// The civil day.
    public let day: CivilDate
    /// The reports, in the order in which the runs ended.
    public internal(set) var reports: [RunReport] = []
    /// How many were due and not begun, because the program was asked to stop.
    public internal(set) var notBegun = 0
    /// How long it took, in milliseconds.
    public internal(set) var milliseconds = 0

    /// How many runs ended so.
    public func count(_ outcome: RunState) -> Int { reports.count { $0.outcome == outcome } }

    /// What the models were asked by this night's own calls; a resumed run's earlier starts counted in theirs.
    public var models: [ModelSpending] { reports.flatMap(\.spending).byModel }
    /// What those calls used.
    public var usage: TokenUsage { models.reduce(TokenUsage()) { $0 + $1.usage } }
    /// What was charged to the residents.
    public var charged: Int { reports.map(\.charged).saturatingSum }
    /// What is known of their cost, in pico-USD.
    public var costPicoUSD: Int64 { models.map(\.costPicoUSD).saturatingSum }
    /// Whether everything that was due is done or was rightly not run.
    public var isWhole: Bool { notBegun == 0 && count(.failed) == 0 && count(.parked) == 0 }
}

/// Plans and runs one night.
public struct Night: Sendable {
    private let engine: RunEngine
    private let calendar: CivilCalendar
    private let weeklyDay: String
    private let stop: StopSignal
    private let time: TimeSource

    /// A night of an engine's house.
    ///
    /// - Parameter weeklyDay: the lower-case English weekday whose night is the weekly run.
    public init(engine: RunEngine, calendar: CivilCalendar, weeklyDay: String, stop: StopSignal) {
        self.engine = engine
        self.calendar = calendar
        self.weeklyDay = weeklyDay
        self.stop = stop
        time = engine.house.surroundings.time
    }

    /// Who is due on a day: active, and without a finished run of it.
    ///
    /// `only` narrows it to some.
    public func plan(day: CivilDate, only: Set<Identifier>? = nil) async throws(EngineError) -> NightPlan {
        let found = try await engine.due(on: day, only: only)
        return NightPlan(
            day: day, trigger: calendar.weekday(of: day) == weeklyDay ? .weekly : .nightly,
            due: Self.ordered(found.residents, day), settled: found.settled, failedEarlier: found.failed,
            isNarrowed: only != nil)
    }

    /// Makes the rows of a night, `queued`, in the database; a restart finds them there, and makes none twice.
    ///
    /// - Returns: how many rows were made.
    @discardableResult
    public func queue(_ plan: NightPlan) async throws(EngineError) -> Int {
        try await engine.queue(on: plan.day, trigger: plan.trigger, only: plan.isNarrowed ? plan.due : nil)
    }

    private static func ordered(_ ids: [Identifier], _ day: CivilDate) -> [Identifier] {
        var places = ids.map { (place: place($0, day), id: $0) }
        places.sort { $0.place < $1.place }
        return places.map(\.id)
    }

    /// A stable place in the night, so that not the same residents are always first, and restarts keep the order.
    private static func place(_ id: Identifier, _ day: CivilDate) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func take(_ word: UInt64) {
            for shift in stride(from: 56, through: 0, by: -8) {
                hash = (hash ^ (word >> UInt64(shift) & 0xFF)) &* 0x100_0000_01B3
            }
        }
        take(UInt64(bitPattern: day.daysSinceEpoch))
        take(id.high)
        take(id.low)
        return hash
    }

    /// So many runs of a night of batches are open at once; those that wait for results hold no place among the jobs.
    public static let batchWave = 2_000

    /// Runs what is due, at most `jobs` at once.
    ///
    /// - Parameters:
    ///   - byBatch: whether rounds are asked in batches where the provider takes them; many more runs are then begun,
    ///     of which at most `jobs` work at once while the others wait.
    ///   - tell: called one event at a time, from any thread.
    public func run(
        _ plan: NightPlan, jobs: Int, byBatch: Bool = false, tell: @escaping @Sendable (NightEvent) -> Void
    ) async throws(EngineError) -> NightSummary {
        let started = time.monotonicNanoseconds()
        try await engine.closeOlderNights(than: plan.day)
        // Last night's silence is not held against a provider.
        engine.router.closeBreakers()
        try await engine.tidyBatches()
        if byBatch { engine.collectBatches(places: max(1, jobs)) }
        try await queue(plan)
        tell(.began(due: plan.due.count))
        var summary = NightSummary(day: plan.day)
        var waiting = Waiting(plan.due, house: engine.house)
        await withTaskGroup(of: RunReport.self) { group in
            var hasToldFault = false
            func begin() async -> Bool {
                guard !stop.isRequested, let resident = await waiting.next() else { return false }
                tell(.started(resident))
                if byBatch { engine.expectRun(true) }
                group.addTask { [engine] in
                    byBatch
                        ? await engine.runInItsPlace(resident, trigger: plan.trigger, day: plan.day)
                        : await engine.run(resident, trigger: plan.trigger, day: plan.day)
                }
                return true
            }
            // No batch is made before all who are to begin have begun.
            if byBatch { engine.expectRun(true) }
            for _ in 0..<(byBatch ? max(jobs, Self.batchWave) : max(1, jobs)) {
                guard await begin() else { break }
            }
            if byBatch { engine.expectRun(false) }
            while let report = await group.next() {
                summary.reports.append(report)
                tell(.ended(report))
                // What other processes left meanwhile is taken in before the next claim; it can wait where it fails.
                var taken = await takeInSpool()
                if hasToldFault { taken.fault = nil }
                hasToldFault = hasToldFault || taken.fault != nil
                if !taken.isEmpty { tell(.tookIn(taken)) }
                _ = await begin()
                if byBatch { engine.expectRun(false) }
            }
        }
        await engine.finishBatches()
        summary.notBegun = waiting.count
        if let fault = waiting.fault { throw fault }
        summary.milliseconds = Int((time.monotonicNanoseconds() &- started) / 1_000_000)
        return summary
    }

    private func takeInSpool() async -> SpoolReport {
        do throws(EngineError) { return try await engine.house.takeInSpool() } catch {
            return SpoolReport(fault: error)
        }
    }
}

/// The residents that wait for their turn: ids, of which the next few are looked up together.
private struct Waiting {
    /// How many are looked up at once.
    static let atOnce = 128

    private let house: House
    private var ids: ArraySlice<Identifier>
    private var ready: ArraySlice<ResidentRecord> = []
    /// Why they could not be looked up.
    private(set) var fault: EngineError?

    init(_ ids: [Identifier], house: House) {
        self.ids = ids[...]
        self.house = house
    }

    var count: Int { ids.count + ready.count }

    mutating func next() async -> ResidentRecord? {
        while ready.isEmpty, !ids.isEmpty, fault == nil {
            do throws(EngineError) {
                ready = try await house.residents(Array(ids.prefix(Self.atOnce)))[...]
                ids = ids.dropFirst(Self.atOnce)
            } catch {
                fault = error
            }
        }
        return ready.popFirst()
    }
}
