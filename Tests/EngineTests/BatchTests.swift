// Nights by batch: one batch a round, for half the price, read once and deleted; what fails is asked directly.
import Community
import Encoding
import Engine
import Foundation
import Glibc
import HTTPClient
import Ledger
import Persona
import Providers
import SQLite
import Scheduler
import Synchronization
import TestSupport
import Testing

/// A night by batch of everybody in a home.
@discardableResult
func batchNight(
    _ house: House, _ provider: FakeBatches, clock: TestClock, budget: BudgetLimits = BudgetLimits(),
    stop: StopSignal = StopSignal(), byBatch: Bool = true, jobs: Int = 3
) async throws -> NightSummary {
    let day = utc.day(clock.source.now())
    let router = try ProviderRouter(
        settings: [provider.settings()], client: HTTPClient(), time: clock.source,
        sleep: { _ in if stop.isRequested { throw CancellationError() } })
    let reader = RunEngine(house: house, router: router, night: NightBudget(limits: budget))
    let spent = try await reader.spent(on: day)
    let engine = RunEngine(
        house: house, router: router, night: NightBudget(limits: budget, alreadySpent: spent), stop: stop)
    _ = try await engine.recover()
    let night = Night(engine: engine, calendar: try CivilCalendar(zone: "UTC"), weeklyDay: "monday", stop: stop)
    return try await night.run(night.plan(day: day), jobs: jobs, byBatch: byBatch) { _ in }
}

/// How many batches and entries the house still knows of.
func batchRows(_ house: House) async throws -> [Int64] {
    try await house.ledger.read {
        [
            try $0.integer("SELECT count(*) FROM batch") ?? -1,
            try $0.integer("SELECT count(*) FROM batch_entry") ?? -1,
        ]
    }
}

@Suite struct BatchTests {
    private static let names = ["A", "B", "C", "D", "E", "F", "G"]

    private func home(of names: [String] = BatchTests.names) async throws -> TestHome {
        let home = try await TestHome()
        try await home.owned { house in
            // Each with a prompt of its own, so that no two of them ever ask the same.
            for name in names {
                try await TestHome.admit([name], prompt: "You are \(name).", model: FakeBatches.model, in: house)
            }
        }
        return home
    }

    @Test(
        "one batch a round for everybody, half the price, results deleted", arguments: [DialectName.anthropic, .openai])
    func wholeNight(_ dialect: DialectName) async throws {
        let home = try await home()
        let provider = try FakeBatches(dialect, now: home.clock.source.now)
        try await home.owned { house in
            let summary = try await batchNight(house, provider, clock: home.clock)
            #expect(summary.count(.done) == 7, "\(summary.reports.map(\.reason))")
            #expect(provider.count("made") == 2, "one batch a round")
            #expect(provider.count("direct") == 0 && Set(provider.paid).count == 14 && provider.paid.count == 14)
            // Half of 3,000 x 400 + 50 x 2,000, twice each.
            #expect(summary.costPicoUSD == 7 * 2 * 650_000, "\(summary.costPicoUSD)")
            #expect(provider.batches.isEmpty || dialect == .openai)
            #expect(provider.files.isEmpty, "requests and results are deleted: \(provider.files)")
            #expect(provider.count("deleted") == (dialect == .openai ? 4 : 2))
            #expect(try await batchRows(house) == [0, 0])
            #expect(try await house.community.feed(limit: 50).count == 7)
            #expect(try await house.faults() == [])
        }
        await provider.stop()
    }

    @Test(
        "what the provider fails, lets expire or loses is asked directly; only what was lost may be paid twice",
        arguments: [DialectName.anthropic, .openai])
    func fallsBack(_ dialect: DialectName) async throws {
        let home = try await home()
        var faults = BatchFaults()
        faults.fate = { [.succeeded, .errored, .expired, .succeeded, .lost, .succeeded, .succeeded][$0 % 7] }
        let provider = try FakeBatches(dialect, faults: faults, now: home.clock.source.now)
        try await home.owned { house in
            let summary = try await batchNight(house, provider, clock: home.clock, budget: BudgetLimits(night: .max))
            #expect(summary.count(.done) == 7, "\(summary.reports.map(\.reason))")
            #expect(provider.count("direct") >= 3)
            #expect(provider.paid.count - Set(provider.paid).count <= 1 + 1, "one lost line in each round at most")
            let stops = try await house.spans(.providerCalled).compactMap { $0.metadata["stop"]?.string }
            #expect(stops.contains("http_400") && stops.contains("http_408") && stops.contains("malformed_reply"))
            #expect(try await batchRows(house) == [0, 0])
            #expect(try await house.faults() == [])
        }
        await provider.stop()
    }

    @Test(
        "a batch whose creation's reply is lost is found again, by its mark or by the names of its requests",
        arguments: [DialectName.anthropic, .openai])
    func lostCreation(_ dialect: DialectName) async throws {
        let home = try await home(of: ["A", "B", "C"])
        var faults = BatchFaults()
        faults.lostCreations = 1
        faults.failedLooks = 2
        faults.cutReadings = 1
        let provider = try FakeBatches(dialect, faults: faults, now: home.clock.source.now)
        try await home.owned { house in
            let summary = try await batchNight(house, provider, clock: home.clock)
            #expect(summary.count(.done) == 3, "\(summary.reports.map(\.reason))")
            #expect(provider.count("made") == 2 && provider.count("direct") == 0)
            #expect(provider.paid.count == 6)
            #expect(try await batchRows(house) == [0, 0])
        }
        await provider.stop()
    }

    @Test("a provider without batches, and a model without a batch price, are asked directly")
    func absent() async throws {
        let home = try await home(of: ["A", "B"])
        var faults = BatchFaults()
        faults.isAbsent = true
        let provider = try FakeBatches(.anthropic, faults: faults, now: home.clock.source.now)
        try await home.owned { house in
            let summary = try await batchNight(house, provider, clock: home.clock)
            #expect(summary.count(.done) == 2 && provider.count("direct") == 4)
            try await TestHome.admit(["Rehearsed"], in: house)
            home.clock.advance(days: 1)
            #expect(try await batchNight(house, provider, clock: home.clock).count(.done) == 3)
            #expect(try await batchRows(house) == [0, 0])
        }
        await provider.stop()
    }

    @Test("a provider that takes requests for batches, makes none and has no list is asked directly, and once")
    func pretence() async throws {
        let home = try await home(of: ["A", "B"])
        var faults = BatchFaults()
        faults.isPretence = true
        let provider = try FakeBatches(.anthropic, faults: faults, now: home.clock.source.now)
        try await home.owned { house in
            let summary = try await batchNight(house, provider, clock: home.clock, budget: BudgetLimits(night: .max))
            #expect(summary.count(.done) == 2, "\(summary.reports.map(\.reason))")
            #expect(provider.count("direct") == 4 && provider.count("pretended") == 2, "one try a round")
            let direct = 2 * 2 * (3_000 * 400 + 50 * 2_000)
            #expect(summary.costPicoUSD > Int64(direct), "what the requests for batches may have cost stays counted")
            #expect(try await batchRows(house) == [0, 0])
            #expect(try await house.faults() == [])
        }
        await provider.stop()
    }

    @Test(
        "a stop leaves the batch where it is; the next start reads it, batch or not, and pays nothing again",
        arguments: [(DialectName.anthropic, true), (.openai, false)])
    func stops(_ dialect: DialectName, _ byBatch: Bool) async throws {
        let home = try await home(of: ["A", "B", "C"])
        let stop = StopSignal()
        var faults = BatchFaults()
        faults.neverEnds = true
        let provider = try FakeBatches(dialect, faults: faults, now: home.clock.source.now)
        try await home.owned { house in
            async let night = batchNight(house, provider, clock: home.clock, stop: stop)
            while provider.count("made") == 0 { await Task.yield() }
            stop.request()
            let summary = try await night
            #expect(summary.reports.allSatisfy { $0.outcome == .parked && $0.reason == "interrupted" })
            #expect(try await batchRows(house) == [1, 3], "written down, with every request of it")
            #expect(provider.count("cancelled") == 0)
        }
        provider.change { $0.neverEnds = false }
        try await home.owned { house in
            let summary = try await batchNight(house, provider, clock: home.clock, byBatch: byBatch)
            #expect(summary.count(.done) == 3, "\(summary.reports.map(\.reason))")
            #expect(provider.paid.count == 6 && provider.count("made") == (byBatch ? 2 : 1))
            #expect(provider.count("direct") == (byBatch ? 0 : 3))
            #expect(try await batchRows(house) == [0, 0])
            #expect(try await house.faults() == [])
        }
        await provider.stop()
    }

    @Test("a batch that takes too long is cancelled, and what it did not do is asked directly")
    func tooLong() async throws {
        var settings = EngineSettings()
        settings.batchWaitMilliseconds = 1
        let home = try await TestHome(settings: settings)
        var faults = BatchFaults()
        faults.neverEnds = true
        faults.fate = { _ in .expired }
        let provider = try FakeBatches(.anthropic, faults: faults, now: home.clock.source.now)
        try await home.owned { house in
            try await TestHome.admit(["A", "B"], model: FakeBatches.model, in: house)
            // The fake ends a batch when it is cancelled, but says so only to who looks once more.
            provider.change {
                $0.neverEnds = false; $0.looks = 3
            }
            let summary = try await batchNight(house, provider, clock: home.clock)
            #expect(summary.count(.done) == 2, "\(summary.reports.map(\.reason))")
            #expect(provider.count("cancelled") >= 1 && provider.count("direct") == 4)
        }
        await provider.stop()
    }

    @Test("one engine has nights by batch and others, and each is what it was asked to be")
    func alternating() async throws {
        let home = try await home(of: ["A", "B"])
        let provider = try FakeBatches(.anthropic, now: home.clock.source.now)
        try await home.owned { house in
            let router = try ProviderRouter(
                settings: [provider.settings()], client: HTTPClient(), time: home.clock.source, sleep: { _ in })
            let engine = RunEngine(house: house, router: router, night: NightBudget(limits: BudgetLimits()))
            let night = Night(
                engine: engine, calendar: try CivilCalendar(zone: "UTC"), weeklyDay: "monday", stop: StopSignal())
            for (number, byBatch) in [true, false, true].enumerated() {
                let made = provider.count("made")
                let direct = provider.count("direct")
                let summary = try await night.run(night.plan(day: home.today), jobs: 1, byBatch: byBatch) { _ in }
                #expect(summary.count(.done) == 2, "\(number)")
                #expect(provider.count("made") - made == (byBatch ? 2 : 0), "\(number)")
                #expect(provider.count("direct") - direct == (byBatch ? 0 : 4), "\(number)")
                home.clock.advance(days: 1)
            }
        }
        await provider.stop()
    }

    @Test("a batch that was refused before it was made leaves no file behind")
    func strayFile() async throws {
        let home = try await home(of: ["A"])
        var faults = BatchFaults()
        faults.refusedCreations = 9
        let provider = try FakeBatches(.openai, faults: faults, now: home.clock.source.now)
        try await home.owned { house in
            let summary = try await batchNight(house, provider, clock: home.clock)
            #expect(summary.count(.done) == 1 && provider.count("direct") == 2)
            #expect(provider.files.isEmpty && provider.count("deleted") == 2, "\(provider.files)")
            #expect(try await batchRows(house) == [0, 0])
        }
        await provider.stop()
    }

    @Test("a night that is over leaves no batch behind: it is cancelled, then deleted")
    func tidies() async throws {
        let home = try await home(of: ["A", "B"])
        let stop = StopSignal()
        var faults = BatchFaults()
        faults.neverEnds = true
        let provider = try FakeBatches(.anthropic, faults: faults, now: home.clock.source.now)
        try await home.owned { house in
            async let night = batchNight(house, provider, clock: home.clock, stop: stop)
            while provider.count("made") == 0 { await Task.yield() }
            stop.request()
            _ = try await night
        }
        provider.change {
            $0.neverEnds = false; $0.looks = 0
        }
        home.clock.advance(days: 1)
        try await home.owned { house in
            #expect(try await batchNight(house, provider, clock: home.clock, byBatch: false).count(.done) == 2)
            home.clock.advance(days: 1)
            _ = try await batchNight(house, provider, clock: home.clock, byBatch: false)
            #expect(provider.batches.isEmpty, "\(provider.batches)")
            #expect(try await batchRows(house) == [0, 0])
            #expect(try await house.faults() == [])
        }
        await provider.stop()
    }

    @Test("the budget counts batches at their price: what fits in a batch may be too dear directly")
    func budget() async throws {
        let home = try await home(of: ["A"])
        let provider = try FakeBatches(.anthropic, now: home.clock.source.now)
        try await home.owned { house in
            let reader = try home.engine(house, providers: [provider.settings()])
            let resident = try #require(try await house.residents().residents.first)
            let direct = reader.worstCase(of: resident, trigger: .nightly)
            #expect(direct.costPicoUSD ?? 0 > 0)
            // Too little for any call: nothing is sent at all.
            let poor = try await batchNight(house, provider, clock: home.clock, budget: BudgetLimits(night: 700_000))
            #expect(poor.reports.first?.reason == "budget_night" && provider.count("made") == 0)
            // Enough for a batched call of at most about 11 million, not for a direct one of twice that.
            let rich = try await batchNight(
                house, provider, clock: home.clock, budget: BudgetLimits(run: 14_000_000))
            #expect(rich.count(.done) == 1, "\(rich.reports)")
            #expect(provider.count("direct") == 0 && rich.costPicoUSD == 1_300_000, "\(rich.costPicoUSD)")
            #expect(try await batchRows(house) == [0, 0])
        }
        await provider.stop()
    }
}

/// Kill −9 at every boundary of a night by batch (engine.md, "The suite that decides").
///
/// A child process plays the night beside a provider of its own, whose book outlives it in a file, and kills itself at
/// the n-th boundary; the parent plays the night again with the same book.
@Suite(.serialized) struct BatchKillTests {
    private static let day = "2026-11-21"

    private static func night(_ root: String, _ dialect: String, deadly: Int) async throws -> (NightSummary, Int) {
        let clock = TestClock("\(day)T05:00:00.000Z")
        let count = Atomic<Int>(0)
        let provider = try FakeBatches(
            DialectName(rawValue: dialect) ?? .anthropic, path: root + ".book", now: clock.source.now)
        let house = try await TestHome.open(
            root, clock: clock,
            atStep: { _ in
                if count.add(1, ordering: .relaxed).newValue == deadly { kill(getpid(), SIGKILL) }
            })
        let summary = try await batchNight(house, provider, clock: clock, jobs: 1)
        await house.close()
        await provider.stop()
        return (summary, count.load(ordering: .relaxed))
    }

    private func home() async throws -> TestHome {
        let home = try await TestHome()
        try await home.owned { house in
            for name in ["A", "B"] {
                try await TestHome.admit([name], prompt: "You are \(name).", model: FakeBatches.model, in: house)
            }
        }
        return home
    }

    @Test("a night by batch that is killed anywhere happens once and is paid once", arguments: ["anthropic", "openai"])
    func killed(_ dialect: String) async throws {
        let whole = try await home()
        let (summary, boundaries) = try await Self.night(whole.paths.root, dialect, deadly: .max)
        #expect(summary.count(.done) == 2 && boundaries > 20, "\(boundaries)")
        // Each child is a process of its own; all boundaries take minutes.
        let isThorough = getenv("SANCTUARY_BATCH_KILLS") != nil
        for deadly in stride(from: dialect == "openai" ? 1 : 3, through: boundaries, by: isThorough ? 1 : 5) {
            let home = try await home()
            let root = home.paths.root
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [root = root as String, dialect = dialect as String, deadly = deadly as Int] in
                _ = try await Self.night(root, dialect, deadly: deadly)
            }
            let (again, _) = try await Self.night(root, dialect, deadly: .max)
            #expect(again.count(.failed) == 0 && again.count(.parked) == 0, "\(deadly): \(again.reports.map(\.reason))")
            let book = try FakeBatches(
                DialectName(rawValue: dialect) ?? .anthropic, path: root + ".book", now: TestClock().source.now)
            #expect(book.paid.count == Set(book.paid).count && book.paid.count == 4, "\(deadly): paid \(book.paid)")
            #expect(book.files.isEmpty && (dialect == "openai" || book.batches.isEmpty), "\(deadly): \(book.files)")
            await book.stop()
            try await home.owned { try await checkOnce($0, deadly) }
        }
    }

    private func checkOnce(_ house: House, _ deadly: Int) async throws {
        #expect(try await house.community.feed(limit: 9).count == 2, "\(deadly)")
        #expect(try await house.spans(.runCompleted).count == 2, "\(deadly)")
        #expect(try await batchRows(house) == [0, 0], "\(deadly)")
        #expect(try await house.faults() == [], "\(deadly)")
    }
}
