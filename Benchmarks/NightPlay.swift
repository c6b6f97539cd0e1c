// The processes of the night's benchmarks: one admits many residents, one plays a night of them, one plans a night.
import Cryptography
import Encoding
import Engine
import Foundation
import HTTPClient
import Ledger
import Persona
import Providers
import Scheduler
import Vault

/// How many personas are held in memory at once while a home is made.
private let admittedAtOnce = 500

/// Makes a home of many residents that each bring a history of so many bytes.
func prepareMany(repository: String, root: String, residents: Int, bytes: Int) async throws {
    let paths = HomePaths(root: root)
    let surroundings = benchSurroundings(daysLater: 0)
    try await House.create(
        at: paths, plan: HomePlan(settings: "{}", templates: repository), surroundings: surroundings)
    let house = try await openBench(paths, surroundings, try CivilCalendar(zone: "UTC"))
    guard let model = ModelName(provider: "bench", model: "bench-model") else {
        throw BenchError.unfinished("model name")
    }
    for first in stride(from: 0, to: residents, by: admittedAtOnce) {
        let numbers = first..<min(first + admittedAtOnce, residents)
        _ = try await house.admit(
            numbers.map { Admission(persona: try benchPersona($0, bytes: bytes), model: model) })
    }
    await house.close()
}

/// What a night of the benchmark is like.
struct NightOrder {
    /// The home.
    let root: String
    /// The provider, with the path that tells how it answers.
    let url: String
    /// How many days from now.
    let night: Int64
    /// How many runs at once.
    let jobs: Int
    /// How many rounds each run must have had.
    let rounds: Int

    init?(_ words: [String]) {
        guard words.count == 5, let night = Int64(words[2]), let jobs = Int(words[3]), let rounds = Int(words[4])
        else { return nil }
        (root, url, self.night, self.jobs, self.rounds) = (words[0], words[1], night, jobs, rounds)
    }
}

/// Plays a night and prints runs, CPU seconds, wall seconds, peak resident KiB and spans; the cost is that of planning
/// and running, without the opening of the home.
func play(_ order: NightOrder) async throws {
    let calendar = try CivilCalendar(zone: "UTC")
    let house = try await openBench(
        HomePaths(root: order.root), benchSurroundings(daysLater: order.night), calendar)
    var provider = ProviderSettings(name: "bench", dialect: .anthropic, baseURL: order.url, key: .absent)
    provider.models = ["bench-model": ModelCapabilities(window: 1_000_000, price: nil)]
    provider.concurrency = order.jobs
    var configuration = HTTPClient.Configuration()
    configuration.maximumConnections = max(configuration.maximumConnections, order.jobs)
    let router = try ProviderRouter(
        settings: [provider], client: HTTPClient(configuration: configuration), time: house.surroundings.time)
    let stop = StopSignal()
    let engine = RunEngine(house: house, router: router, night: NightBudget(limits: BudgetLimits()), stop: stop)
    let night = Scheduler.Night(engine: engine, calendar: calendar, weeklyDay: "sunday", stop: stop)
    let today = calendar.day(of: house.surroundings.time.now())
    let before = try await house.ledger.size()
    var done = 0
    let cost = try await inThisProcess {
        let plan = try await night.plan(day: today)
        let summary = try await night.run(plan, jobs: order.jobs) { _ in }
        done = summary.count(.done)
        let strange = summary.reports.first {
            $0.outcome != .done || $0.rounds != order.rounds || $0.refused != 0
                || $0.toolCalls != (order.rounds == 2 ? 3 : 0)
        }
        guard summary.isWhole, strange == nil else {
            throw BenchError.unfinished("night: \(strange.map { "\($0)" } ?? "not whole")")
        }
    }
    let spans = try await house.ledger.size() - before
    print(done, cost.cpu, cost.wall, peakResidentKiB(), spans)
    await router.shutdown()
    await house.close()
}

/// Plans a night and makes its rows; prints rows, CPU seconds, wall seconds and peak resident KiB.
func planNight(root: String, night: Int64) async throws {
    let calendar = try CivilCalendar(zone: "UTC")
    let house = try await openBench(HomePaths(root: root), benchSurroundings(daysLater: night), calendar)
    let router = try ProviderRouter(settings: [], client: HTTPClient(), time: house.surroundings.time)
    let stop = StopSignal()
    let engine = RunEngine(house: house, router: router, night: NightBudget(limits: BudgetLimits()), stop: stop)
    let scheduler = Scheduler.Night(engine: engine, calendar: calendar, weeklyDay: "sunday", stop: stop)
    let today = calendar.day(of: house.surroundings.time.now())
    var made = 0
    let cost = try await inThisProcess {
        let plan = try await scheduler.plan(day: today)
        made = try await scheduler.queue(plan)
        guard made == plan.due.count else { throw BenchError.unfinished("planning") }
    }
    print(made, cost.cpu, cost.wall, peakResidentKiB())
    await router.shutdown()
    await house.close()
}

/// What the process of a night printed.
struct PlayedNight {
    let runs: Double
    let cpuMilliseconds: Double
    let wallSeconds: Double
    let residentMegabytes: Double
    let spans: Double

    var runsPerSecond: Double { runs / wallSeconds }

    init(line: String) throws {
        let numbers = line.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard numbers.count == 5, numbers[0] > 0 else { throw BenchError.unreadable("night: \(line)") }
        runs = numbers[0]
        cpuMilliseconds = numbers[1] / numbers[0] * 1e3
        wallSeconds = numbers[2]
        residentMegabytes = numbers[3] / 1024
        spans = numbers[4] / numbers[0]
    }
}
