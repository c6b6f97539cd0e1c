// What was lost on its way is neither free nor silent: replies under a budget, letters, backups.
import Community
import Cryptography
import Encoding
import Engine
import Files
import HTTPServer
import Ledger
import Providers
import TestSupport
import Testing
import Vault

@Suite("losses are counted and named")
struct LossTests {
    /// What one run comes to whose provider answers every request like this; and what the night then counts as spent.
    private func run(status: Int, body: String) async throws -> (report: RunReport, spent: Int64) {
        let server = try HTTPServer { _ in
            ServerResponse(
                status: status, headers: [("content-type", "application/json")], body: .bytes(Array(body.utf8)))
        }
        var provider = ProviderSettings(name: "fake", dialect: .anthropic, baseURL: "http://127.0.0.1:\(server.port)")
        provider.streams = false
        provider.models["m"] = ModelCapabilities(price: Price(input: 3, output: 15))
        let settings = provider
        let home = try await TestHome()
        let result = try await home.owned { house in
            let model = try #require(ModelName(provider: "fake", model: "m"))
            let admitted = try await house.admit([
                Admission(persona: try TestHome.persona("Mira"), model: model)
            ])
            let engine = try home.engine(
                house, providers: [settings], budget: BudgetLimits(run: 1_000_000_000_000, night: nil))
            let resident = try #require(try await house.residents()[admitted[0].id])
            let report = await engine.run(resident, trigger: .nightly, day: home.today)
            return (report, try await engine.spent(on: home.today))
        }
        await server.stop()
        return result
    }

    @Test("under a budget, replies that were lost count with their worst case, also for the next start")
    func lostReplies() async throws {
        let (report, spent) = try await run(status: 200, body: "{\"half\": ")
        #expect(report.outcome == .parked, "\(report)")
        #expect(spent > 0)
        #expect(report.costPicoUSD == spent)
    }

    @Test("a provider that refuses costs nothing")
    func refusals() async throws {
        let (report, spent) = try await run(status: 500, body: "{}")
        #expect(report.outcome == .parked, "\(report)")
        #expect(spent == 0 && report.costPicoUSD == 0)
    }

    @Test("a restore from a place without a backup is refused, where a home stands and where none does")
    func noBackup() async throws {
        let home = try await TestHome()
        let nowhere = "\(home.directory.path)/nowhere"
        await #expect(throws: EngineError.backupMissing(path: nowhere)) {
            try await home.owned { try await $0.restoreBlobs(from: nowhere) }
        }
        let paths = HomePaths(root: "\(home.directory.path)/other")
        await #expect(throws: EngineError.backupMissing(path: nowhere)) {
            try await House.restore(
                from: nowhere, to: paths, keys: nil, surroundings: TestHome.surroundings(home.clock)
            )
        }
    }

    @Test("a restore that failed can be tried again; the head of the lost ledger makes way, a newer one does not")
    func restoredTwice() async throws {
        let home = try await TestHome()
        let backup = "\(home.directory.path)/backup"
        let surroundings = TestHome.surroundings(home.clock)
        let old = try await home.owned { house in
            try await TestHome.admit(["Mira"], in: house)
            _ = try await house.backUp(to: backup, keysUnder: nil)
            return try readFile(home.paths.head)
        }
        for name in ["", "-wal", "-shm"] { try? Files.remove(home.paths.ledger + name) }
        // What lies in the way of the database stands for a disk that fills up while it is copied.
        let obstacle = home.paths.ledger + "-journal"
        try Files.createDirectory(obstacle)
        try Files.remove(home.paths.head)
        await #expect(throws: EngineError.self) {
            try await House.restore(from: backup, to: home.paths, keys: nil, surroundings: surroundings)
        }
        #expect(!Files.exists(home.paths.ledger) && !Files.exists(home.paths.head))
        try Files.removeDirectory(obstacle)
        try writeFile(home.paths.head, old)
        try Files.createDirectory(obstacle)
        await #expect(throws: EngineError.self) {
            try await House.restore(from: backup, to: home.paths, keys: nil, surroundings: surroundings)
        }
        #expect(try readFile(home.paths.head) == old)
        try Files.removeDirectory(obstacle)
        _ = try await House.restore(from: backup, to: home.paths, keys: nil, surroundings: surroundings)
        let newer = try await home.owned { house in
            try await TestHome.admit(["Tomas"], in: house)
            return try readFile(home.paths.head)
        }
        for name in ["", "-wal", "-shm"] { try? Files.remove(home.paths.ledger + name) }
        let refusal = await #expect(throws: EngineError.self) {
            try await House.restore(from: backup, to: home.paths, keys: nil, surroundings: surroundings)
        }
        guard case .ledger(.rolledBack(_, _, _, _)) = refusal else {
            Issue.record("\(String(describing: refusal))")
            return
        }
        #expect(try readFile(home.paths.head) == newer)
        #expect(!Files.exists(home.paths.head + ".lost"))
    }

    @Test("making a home that fails leaves the place as it was, so that it can be tried again")
    func failedCreation() async throws {
        let directory = try TemporaryDirectory()
        let paths = HomePaths(root: "\(directory.path)/home")
        let surroundings = HomeSurroundings(time: TestClock().source, random: .system, program: "sanctuary test")
        // An origin that no span can carry: the ledger refuses when keys and vault are made already.
        let refused = HomePlan(origin: String(repeating: "x", count: 70_000), settings: "{}", templates: repository)
        await #expect(throws: EngineError.self) {
            try await House.create(at: paths, plan: refused, surroundings: surroundings)
        }
        #expect(try Files.list(paths.root) == [])
        let plan = HomePlan(settings: "{}", templates: repository)
        try await House.create(at: paths, plan: plan, surroundings: surroundings)
        #expect(Files.exists(paths.settings))
    }

    @Test("a letter that the house key does not open is named, not left out")
    func sealedLetters() async throws {
        let home = try await TestHome()
        try await home.owned { house in
            try await TestHome.admit(["Mira", "Tomas", "Ada", "Ben"], in: house)
            let engine = try home.engine(house)
            for _ in 0..<60 where try await house.letters(from: nil).isEmpty {
                for resident in try await house.residents().residents {
                    let report = await engine.run(resident, trigger: .nightly, day: home.today)
                    #expect(report.outcome == .done, "\(report)")
                }
                home.clock.advance(days: 1)
            }
            let opened = try await house.letters(from: nil)
            #expect(!opened.isEmpty)
            #expect(opened.allSatisfy { $0.opened != nil })
        }
        let key = "\(home.paths.keys)/house.x25519"
        try Files.remove(key)
        try Files.createExclusively(Array((String(repeating: "5a", count: 32) + "\n").utf8), at: key)
        let house = try await home.open(.reader)
        let letters = try await house.letters(from: nil)
        await house.close()
        #expect(letters.allSatisfy { $0.opened == nil })
        #expect(!letters.isEmpty)
    }
}
