// What an operator can ask of runs: look them up, take one up whatever it was parked for, give one up.
import Community
import Encoding
import Engine
import Ledger
import Providers
import SQLite
import Synchronization
import TestSupport
import Testing

@Suite struct RunCatalogueTests {
    @Test("runs are found by night, resident, state and id; a journal is told by its steps' names alone")
    func lookUp() async throws {
        let home = try await TestHome()
        let model = try FakeModel { _, body in
            FakeModel.round(of: body) == 0 ? .call("post_to_website", ["content": "SECRET"]) : .status(503)
        }
        try await home.owned { house in
            let ids = try await TestHome.admit(["Mira", "Tomas"], model: model.model, in: house).map(\.id)
            let engine = try home.engine(house, providers: [model.settings()])
            let today = home.today
            let first = try await engine.run(ids[0], on: today)
            let second = try await engine.run(ids[1], .manual, on: today)
            #expect(first.outcome == .parked && second.outcome == .parked)
            var filter = RunFilter()
            #expect(try await house.runs(filter).map(\.run) == [second.run, first.run])
            filter.limit = 1
            #expect(try await house.runs(filter).map(\.run) == [second.run])
            filter = RunFilter()
            filter.resident = ids[0]
            filter.state = .parked
            filter.day = today
            #expect(try await house.runs(filter).map(\.run) == [first.run])
            filter.resident = nil
            #expect(try await house.runs(filter).count == 2)
            filter.day = CivilDate(daysSinceEpoch: today.daysSinceEpoch - 1)
            #expect(try await house.runs(filter).isEmpty)
            filter.day = nil
            filter.state = .done
            #expect(try await house.runs(filter).isEmpty)
            #expect(try await house.runs(matching: String(first.run.hexDigits.suffix(8))).map(\.run) == [first.run])
            #expect(try await house.runs(matching: first.run.description.uppercased()).map(\.run) == [first.run])
            for text in ["019", "%%%%", ""] { #expect(try await house.runs(matching: text).isEmpty) }
            let facts = try await house.journalFacts(of: first.run)
            #expect(
                facts.prefix(3).map(\.name) == ["model.intent/1/1", "model.result/1/1", "tool.result/1/1"]
                    && facts.allSatisfy { $0.bytes > 0 } && facts.map(\.index) == Array(facts.indices))
        }
        await model.stop()
    }

    @Test("a run that the nights leave alone is taken up when an operator asks for it")
    func resume() async throws {
        let home = try await TestHome()
        let isDown = Mutex(true)
        let model = try FakeModel { _, _ in isDown.withLock { $0 } ? .status(503) : .words("Done.") }
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            let engine = try home.engine(house, providers: [model.settings()])
            #expect(try await engine.run(id, on: home.today).outcome == .parked)
            let reason = RunEngine.workerDeaths
            try await house.ledger.write { try $0.run("UPDATE run SET reason = ?", .text(reason)) }
            isDown.withLock { $0 = false }
            let row = try #require(try await house.runs(RunFilter()).first)
            #expect(!row.mayGoOn)
            let tomorrow = CivilDate(daysSinceEpoch: home.today.daysSinceEpoch + 1)
            let report = try await engine.resume(row, today: tomorrow)
            #expect(report.outcome == .done && report.run == row.run, "\(report)")
            let done = try #require(try await house.runs(RunFilter()).first)
            #expect(done.occurrence == home.today.description && done.state == .done)
            await #expect(throws: EngineError.alreadyRun(.done)) { try await engine.resume(done, today: tomorrow) }
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("a run that is given up is failed on the record, without its journal, and final for its night")
    func cancel() async throws {
        let home = try await TestHome()
        let model = try FakeModel { _, _ in .status(503) }
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            let engine = try home.engine(house, providers: [model.settings()])
            let report = try await engine.run(id, on: home.today)
            let row = try #require(try await house.runs(RunFilter()).first)
            try await house.cancel(row)
            let given = try #require(try await house.runs(RunFilter()).first)
            #expect(given.state == .failed && given.reason == RunEngine.cancelled && !given.mayGoOn)
            #expect(try await house.journalFacts(of: row.run).isEmpty)
            let span = try #require(try await house.spans(.runFailed).last)
            #expect(span.who == .operator(house.operatorID) && span.traceID == report.run)
            await #expect(throws: EngineError.alreadyRun(.failed)) { try await house.cancel(given) }
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("nights without a run are counted back to the last one that was done; one alone is no trouble")
    func troubles() async throws {
        let home = try await TestHome()
        let unlucky = Mutex(false)
        let model = try FakeModel { _, body in
            unlucky.withLock { $0 } && body.systemTexts.last?.contains("unlucky") == true
                ? .status(400) : .words("Done.")
        }
        try await home.owned { house in
            try await TestHome.admit(["Mira"], model: model.model, in: house)
            let id = try await TestHome.admit(["Tomas"], prompt: "You are unlucky.", model: model.model, in: house)[0]
                .id
            let engine = try home.engine(house, providers: [model.settings()])
            func night(_ day: Int64) async throws -> [NightTrouble] {
                let day = CivilDate(daysSinceEpoch: home.today.daysSinceEpoch + day)
                for resident in try await house.residents().residents {
                    _ = await engine.run(resident, trigger: .nightly, day: day)
                }
                return try await house.troubledNights()
            }
            #expect(try await night(0).isEmpty)
            unlucky.withLock { $0 = true }
            #expect(try await night(1).isEmpty)
            // A night that was not held counts neither way.
            let found = try await night(3)
            #expect(found.map(\.resident) == [id] && found.map(\.nights) == [2])
            #expect(found.first?.state == .failed && found.first?.reason == "http_400")
            #expect(found.first?.since == CivilDate(daysSinceEpoch: home.today.daysSinceEpoch + 1))
            #expect(try await house.troubledNights(among: []).isEmpty)
            unlucky.withLock { $0 = false }
            #expect(try await night(4).isEmpty)
        }
        await model.stop()
    }
}
