// What an interrupted run keeps: answers are not paid twice, deaths are counted, a stop burns nothing.
import Community
import Encoding
import Engine
import Ledger
import Providers
import SQLite
import Scheduler
import Synchronization
import TestSupport
import Testing

/// Stops an engine in the middle of what it does, as a death of its worker would, and lets nothing be written after.
final class Death: Sendable {
    private struct State {
        var count = 0
        var isDead = false
    }
    private let state = Mutex(State())
    private let boundary: Int

    /// Dies at the n-th record that was made durable; 0 never.
    init(afterRecord boundary: Int) { self.boundary = boundary }

    struct Dead: Error {}

    func step(_ step: HomeStep) throws {
        try state.withLock { state in
            if state.isDead { throw Dead() }
            guard step == .recordDurable else { return }
            state.count += 1
            if state.count == boundary {
                state.isDead = true
                throw Dead()
            }
        }
    }
}

@Suite struct ResumeTests {
    private static let rounds: [Spoken] = [
        .call("post_to_website", ["content": "First."]), .call("bank_tokens", ["amount": 300]), .words("Done."),
    ]

    /// Admits one resident of the model and gives its id.
    private func admit(_ home: TestHome, _ model: FakeModel) async throws -> Identifier {
        try await home.owned { try await TestHome.admit(["Mira"], model: model.model, in: $0)[0].id }
    }

    /// A run whose worker dies after so many records.
    private func die(_ home: TestHome, _ model: FakeModel, _ id: Identifier, afterRecord boundary: Int) async throws {
        let house = try await home.open(atStep: Death(afterRecord: boundary).step)
        let engine = try home.engine(house, providers: [model.settings()])
        let report = try await engine.run(id, on: home.today)
        #expect(report.outcome != .done)
        await house.close()
    }

    @Test("a resumed run asks only for what was not answered, and does what the journal says once")
    func resumes() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: Self.rounds)
        let id = try await admit(home, model)
        // Records: claim, intent 1, result 1, acts 1 with intent 2, result 2, acts 2 with intent 3.
        try await die(home, model, id, afterRecord: 6)
        #expect(model.bodies.count == 2)
        let first = model.rawBodies
        try await home.owned { house in
            let engine = try home.engine(house, providers: [model.settings()])
            #expect(try await engine.recover().resumed == 1)
            let report = try await engine.run(id, on: home.today)
            #expect(report.outcome == .done && report.rounds == 3 && report.toolCalls == 2, "\(report)")
            #expect(report.usage.input == 9_000, "the replayed rounds count as well")
            #expect(report.costPicoUSD == Int64(29_250))
            #expect(model.bodies.count == 3 && !first.contains(model.rawBodies[2]))
            #expect(try await house.community.feed(limit: 9).count == 1)
            #expect(try await house.residents()[id]?.bank == 300)
            #expect(
                try await house.spans(.vaultOpened).compactMap { $0.metadata["reason"]?.string } == ["run", "recover"])
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("a resumed run sees the letters that it saw before; what came since waits")
    func keepsItsWorld() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: [.call("read_messages"), .words("Done.")])
        let id = try await admit(home, model)
        try await home.owned { house in
            let mira = try #require(try await house.residents()[id])
            try await house.send("The first letter.", to: mira, as: "Ana")
        }
        try await die(home, model, id, afterRecord: 3)
        try await home.owned { house in
            let mira = try #require(try await house.residents()[id])
            try await house.send("The second letter.", to: mira, as: "Ana")
            let engine = try home.engine(house, providers: [model.settings()])
            _ = try await engine.recover()
            #expect(try await engine.run(id, on: home.today).outcome == .done)
            let sent = model.rawBodies.map { String(decoding: $0, as: UTF8.self) }
            #expect(sent.allSatisfy { $0.contains("The first letter.") && !$0.contains("The second letter.") })
            #expect(try await house.spans(.mailDelivered).count == 1)
            let waiting = try await house.community.inbox(of: id, now: home.clock.source.now())
            #expect(waiting.count == 1)
        }
        await model.stop()
    }

    @Test("three deaths inside one run park it, for the night; the next night closes it and runs its own")
    func parksAfterThreeDeaths() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: [.words("Hello.")])
        let id = try await admit(home, model)
        for death in 1...3 {
            try await die(home, model, id, afterRecord: 1)
            try await home.owned { house in
                let engine = try home.engine(house, providers: [model.settings()])
                let report = try await engine.recover()
                #expect(report.resumed == (death < 3 ? 1 : 0) && report.parked == (death < 3 ? 0 : 1))
            }
        }
        try await home.owned { house in
            let engine = try home.engine(house, providers: [model.settings()])
            let night = Night(
                engine: engine, calendar: try CivilCalendar(zone: "UTC"), weeklyDay: "monday", stop: StopSignal())
            let today = home.today
            #expect(try await night.plan(day: today).due.isEmpty, "a run that kills its workers is left alone")
            #expect(try await house.unfinishedRuns().first?.reason == RunEngine.workerDeaths)
            let next = try await night.run(
                night.plan(day: CivilDate(daysSinceEpoch: today.daysSinceEpoch + 1)), jobs: 1
            ) { _ in }
            #expect(next.count(.done) == 1)
            #expect(try await house.unfinishedRuns().isEmpty)
            #expect(try await house.spans(.runFailed).compactMap { $0.metadata["reason"]?.string } == ["worker_deaths"])
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("a stop leaves the run queued: nothing is burnt, and the next start goes on")
    func stops() async throws {
        let home = try await TestHome()
        let stop = StopSignal()
        let model = try FakeModel { number, body in
            // Asked to stop while the first call is in flight: it may end.
            if number == 0 { stop.request() }
            return FakeModel.round(of: body) == 0
                ? .call("post_to_website", ["content": "Once."]) : .words("Done.")
        }
        let id = try await admit(home, model)
        try await home.owned { house in
            let engine = try home.engine(house, providers: [model.settings()], stop: stop)
            let report = try await engine.run(id, on: home.today)
            #expect(report.outcome == .parked && report.reason == "interrupted")
            let row = try #require(try await house.unfinishedRuns().first)
            #expect(row.state == .queued && row.deaths == 0)
            #expect(model.bodies.count == 1)
        }
        try await home.owned { house in
            let engine = try home.engine(house, providers: [model.settings()])
            #expect(try await engine.recover().resumed == 0)
            let report = try await engine.run(id, on: home.today)
            #expect(report.outcome == .done)
            #expect(model.bodies.count == 2)
            #expect(try await house.community.feed(limit: 9).count == 1)
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("a reading of the feed is not kept in the journal, and says after a death what it said before")
    func readsAgain() async throws {
        let home = try await TestHome()
        let words = String(repeating: "The tide was high, and the ferry late. ", count: 40)
        let author = try FakeModel(rounds: [.call("post_to_website", ["content": .string(words)]), .words("Done.")])
        let model = try FakeModel(rounds: [.call("read_sanctuary_feed"), .words("I read it.")])
        let names = try await home.owned { house in
            let ada = try await TestHome.admit(["Ada"], model: author.model, in: house)[0].id
            let mira = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            let engine = try home.engine(house, providers: [author.settings()])
            #expect(try await engine.run(ada, on: home.today).outcome == .done)
            return (ada: ada, mira: mira)
        }
        // Records: claim, intent 1, result 1, its reading with intent 2, result 2.
        try await die(home, model, names.mira, afterRecord: 5)
        let before = try #require(model.bodies.last?["messages"]?.array?.last)
        #expect(String(decoding: before.serialized(), as: UTF8.self).contains("the ferry late"))
        try await home.owned { house in
            let sizes = try await house.ledger.read {
                try $0.rows("SELECT name, length(body) FROM journal", []) { ($0.text(0), $0.integer(1)) }
            }
            #expect(sizes.contains { $0.0 == "tool.result/1/1" && $0.1 < 1_000 })
            // As if the last reply had been lost: the round is asked for again.
            _ = try await house.ledger.write { try $0.run("DELETE FROM journal WHERE name LIKE 'model.result/2/%'") }
            let engine = try home.engine(house, providers: [model.settings()])
            #expect(try await engine.recover().resumed == 1)
            #expect(try await engine.run(names.mira, on: home.today).outcome == .done)
        }
        #expect(model.bodies.count == 3)
        #expect(try #require(model.bodies.last?["messages"]?.array?.last) == before)
        await author.stop()
        await model.stop()
    }

    @Test("a journal that does not open parks its run; the next night is not harmed by it")
    func brokenJournal() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: Self.rounds)
        let id = try await admit(home, model)
        try await die(home, model, id, afterRecord: 4)
        try await home.owned { house in
            _ = try await house.ledger.write {
                try $0.run("UPDATE journal SET body = (SELECT body FROM journal WHERE step = 0) WHERE step = 1")
            }
            let engine = try home.engine(house, providers: [model.settings()])
            _ = try await engine.recover()
            let report = try await engine.run(id, on: home.today)
            #expect(report.outcome == .parked && report.reason == "journal_broken", "\(report)")
            #expect(model.bodies.count == 1, "nothing was asked for on the ground of a broken journal")
            let tomorrow = CivilDate(daysSinceEpoch: home.today.daysSinceEpoch + 1)
            try await engine.closeOlderNights(than: tomorrow)
            #expect(try await engine.run(id, on: tomorrow).outcome == .done)
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("a manual run goes on where it was interrupted, and never uses up the night's")
    func manualRuns() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: Self.rounds)
        let id = try await admit(home, model)
        let house = try await home.open(atStep: Death(afterRecord: 4).step)
        _ = try await home.engine(house, providers: [model.settings()]).run(id, .manual, on: home.today)
        await house.close()
        try await home.owned { house in
            let engine = try home.engine(house, providers: [model.settings()])
            #expect(try await engine.recover().resumed == 1)
            let manual = try await engine.run(id, .manual, on: home.today)
            #expect(manual.outcome == .done && manual.trigger == .manual)
            #expect(model.bodies.count == 3, "three rounds in all")
            #expect(try await engine.run(id, on: home.today).outcome == .done)
            #expect(try await engine.run(id, on: home.today).reason == "already_run")
            #expect(try await house.spans(.runClaimed).count == 2)
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }
}
