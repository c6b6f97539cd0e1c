// Opened texts of runs that wait long for a provider: let go of, and composed again where another round needs them.
import Community
import Encoding
import HTTPClient
import Ledger
import Persona
import Providers
import Synchronization
import TestSupport
import Testing

@testable import Engine

@Suite struct WaitingTextTests {
    /// An engine that lets go of a text almost at once.
    private func engine(_ home: TestHome, _ house: House, _ model: FakeModel) throws -> RunEngine {
        let router = try ProviderRouter(
            settings: [model.settings()], client: HTTPClient(), time: home.clock.source, sleep: { _ in })
        return RunEngine(
            house: house, router: router, night: NightBudget(limits: BudgetLimits()), textPatienceMilliseconds: 0)
    }

    /// Texts that wait under a clock that runs by itself, until all are released; how often memory was given back.
    private func givenBack(texts count: Int) async -> Int {
        let clock = Atomic<UInt64>(0)
        let given = Atomic(0)
        let waiting = WaitingTexts(
            patienceMilliseconds: 1, clock: { clock.add(1_000_000_000, ordering: .relaxed).newValue },
            sleep: { _ in await Task.yield() }, giveBack: { _ = given.add(1, ordering: .relaxed) })
        for _ in 0..<count { _ = waiting.enter {} }
        while waiting.released < count { await Task.yield() }
        // The last are told of before memory is given back for them.
        while count >= 256, given.load(ordering: .relaxed) == 0 { await Task.yield() }
        return given.load(ordering: .relaxed)
    }

    @Test func memoryIsGivenBackOnceForManyTexts() async {
        #expect(await givenBack(texts: 255) == 0)
        #expect((1...3).contains(await givenBack(texts: 800)))
    }

    private func homeOfMira() async throws -> TestHome {
        let home = try await TestHome()
        try await home.owned {
            _ = try await TestHome.admit(
                ["Mira"], prompt: "You keep the lamps.", model: ModelName(provider: "fake", model: "m") ?? .rehearsal,
                in: $0)
        }
        return home
    }

    @Test("a text that was let go of while the model thought says the same in the next round and after a failure")
    func sameWordsAgain() async throws {
        let home = try await homeOfMira()
        let held = Mutex<RunEngine?>(nil)
        // Answers once nothing of the text is held; the second request fails, and is sent again.
        let model = try FakeModel { number, body in
            // Each request before this one let go of a text once.
            while held.withLock({ $0?.waiting.released ?? 0 }) <= number { await Task.yield() }
            if number == 1 { return .status(500) }
            return FakeModel.round(of: body) == 0
                ? .call("post_to_website", ["content": "The lamps are lit."]) : .words("Good night.")
        }
        try await home.owned { house in
            let engine = try engine(home, house, model)
            held.withLock { $0 = engine }
            let resident = try #require(try await house.residents().residents.first)
            let report = await engine.run(resident, trigger: .nightly, day: home.today)
            #expect(report.outcome == .done && report.rounds == 2, "\(report)")
            #expect(engine.waiting.released >= 3)
            // The journal's digests say the same of the request and of its retry, made of a text that was opened again.
            let digests = try await house.spans(.providerCalled).map { $0.metadata["digest"]?.string }
            #expect(digests.count == 3 && digests[1] != nil && digests[1] == digests[2] && digests[0] != digests[1])
            // The second day begins with a history.
            let later = try #require(try await house.residents().residents.first)
            let next = CivilDate(daysSinceEpoch: home.today.daysSinceEpoch + 1)
            #expect(await engine.run(later, trigger: .nightly, day: next).outcome == .done)
            #expect(engine.waiting.released >= 5)
            held.withLock { $0 = nil }
        }
        let bodies = model.bodies
        #expect(bodies.count == 5)
        // The retry is the same request, byte for byte; the next round begins with all that the first one said.
        #expect(bodies[1] == bodies[2])
        let first = try #require(bodies[0]["messages"]?.array)
        let second = try #require(bodies[2]["messages"]?.array)
        #expect(Array(second.prefix(first.count)) == first && second.count == first.count + 2)
        #expect(bodies[0]["system"] == bodies[2]["system"])
        let third = try #require(bodies[3]["messages"]?.array)
        let fourth = try #require(bodies[4]["messages"]?.array)
        #expect(third.count > first.count && Array(fourth.prefix(third.count)) == third)
        #expect(fourth.count == third.count + 2 && bodies[3]["system"] == bodies[4]["system"])
        await model.stop()
    }
}
