// The processes that the run benchmark starts: one that makes a home with residents, one that plays a night in it.
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

private let day: Int64 = 86_400_000

/// So many tokens a day that a whole history goes into a context.
let manyTokens = 1_000_000

private func settings(tokens: Int) -> EngineSettings {
    var settings = EngineSettings()
    settings.dailyTokens = tokens
    settings.bankCap = tokens
    settings.timezone = "UTC"
    return settings
}

/// The system's clock, so many days later.
func benchSurroundings(daysLater: Int64) -> HomeSurroundings {
    let time = TimeSource(
        now: { TimeSource.system.now().adding(milliseconds: daysLater * day) },
        monotonicNanoseconds: TimeSource.system.monotonicNanoseconds)
    return HomeSurroundings(time: time, random: .system, program: "sanctuary bench")
}

func openBench(
    _ paths: HomePaths, _ surroundings: HomeSurroundings, _ calendar: CivilCalendar, tokens: Int = manyTokens
) async throws -> House {
    let keys = try MasterKeyReader(environmentSecret: { _ in nil }).keys(
        setting: nil, paths: VaultPaths(home: paths.root))
    return try await House.open(
        at: paths, access: .owner(masterKeys: keys), settings: settings(tokens: tokens), surroundings: surroundings,
        civilTime: CivilTime(
            day: { calendar.day(of: $0) }, start: { calendar.start(of: $0, daysLater: $1) }))
}

/// Makes a home and admits residents that each bring a history of so many bytes, and of so many nights after it.
func prepare(repository: String, root: String, residents: Int, bytes: Int, nights: Int = 0) async throws {
    let paths = HomePaths(root: root)
    let surroundings = benchSurroundings(daysLater: 0)
    try await House.create(
        at: paths, plan: HomePlan(settings: "{}", templates: repository), surroundings: surroundings)
    let house = try await openBench(paths, surroundings, try CivilCalendar(zone: "UTC"))
    let model = ModelName(provider: "bench", model: "bench-model")
    guard let model else { throw BenchError.unfinished("model name") }
    _ = try await house.admit(
        (0..<residents).map { Admission(persona: try benchPersona($0, bytes: bytes, nights: nights), model: model) })
    await house.close()
}

/// A persona whose instructions and past messages are so many bytes together; each night adds what a run leaves.
func benchPersona(_ number: Int, bytes: Int, nights: Int = 0) throws -> ImportedPersona {
    let sentence = "The tide came in early, and we talked about the \"lighthouse\" until the lamps were lit. "
    var messages: [JSON] = [
        ["role": "system", "content": .string("You are number \(number), who keeps the harbour's log.")]
    ]
    var size = 0
    while size + 640 <= bytes {
        let text = String(repeating: sentence, count: 7)
        messages.append([
            "role": .string(messages.count.isMultiple(of: 2) ? "assistant" : "user"), "content": .string(text),
        ])
        size += text.utf8.count
    }
    for night in 0..<nights {
        messages.append(["role": "user", "content": .string("What did you find on the shore on day \(night)?")])
        let words = "I read, and wrote, and rest. "
        messages.append(["role": "assistant", "content": .string(String(repeating: words, count: 20))])
        messages.append(["role": "user", "content": "(You used: read_sanctuary_feed, select_next_prompt, post.)"])
    }
    let json: JSON = ["messages": .array(messages)]
    return try PersonaImport.read(json.serialized(), format: .openai, fileName: "bench.json", name: "Bench \(number)")
}

/// Plays one night and prints runs, CPU seconds, wall seconds, peak resident KiB and spans.
func playNight(root: String, port: String, night: Int64, tokens: Int) async throws {
    let calendar = try CivilCalendar(zone: "UTC")
    let house = try await openBench(
        HomePaths(root: root), benchSurroundings(daysLater: night), calendar, tokens: tokens)
    var provider = ProviderSettings(
        name: "bench", dialect: .anthropic, baseURL: "http://127.0.0.1:\(port)", key: .absent)
    provider.models = ["bench-model": ModelCapabilities(window: 1_000_000, price: nil)]
    let router = try ProviderRouter(
        settings: [provider], client: HTTPClient(), time: house.surroundings.time)
    let stop = StopSignal()
    let engine = RunEngine(house: house, router: router, night: NightBudget(limits: BudgetLimits()), stop: stop)
    let scheduler = Scheduler.Night(engine: engine, calendar: calendar, weeklyDay: "sunday", stop: stop)
    let today = calendar.day(of: house.surroundings.time.now())
    let before = try await house.ledger.size()
    let plan = try await scheduler.plan(day: today)
    var done = 0
    let cost = try await inThisProcess {
        let summary = try await scheduler.run(plan, jobs: 16) { _ in }
        done = summary.count(.done)
        guard summary.isWhole, summary.reports.allSatisfy({ $0.rounds == 2 && $0.toolCalls == 3 && $0.refused == 0 })
        else {
            throw BenchError.unfinished("night: \(summary.reports.first { $0.outcome != .done } as Any)")
        }
    }
    let spans = try await house.ledger.size() - before
    print(done, cost.cpu, cost.wall, peakResidentKiB(), spans)
    await router.shutdown()
    await house.close()
}

/// The most memory that this process ever had resident.
func peakResidentKiB() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
}
