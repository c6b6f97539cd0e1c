// What a resident must not be talked into: silencing itself, or handing its history to a made-up voice.
import Community
import Encoding
import Engine
import Persona
import Providers
import TestSupport
import Testing

@Suite struct SelfHarmTests {
    @Test("preferences cannot name a model that nobody has, nor decline the resident's own provider (B-62)")
    func preferencesCannotSilence() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: [
            .call("modify_self", ["field": "preferences", "value": ["models": ["nosuch/x"]]]),
            .call("modify_self", ["field": "preferences", "value": ["declined_providers": ["fake"]]]),
            .call("modify_self", ["field": "preferences", "value": ["models": ["rehearsal/rehearsal"]]]),
            .call("modify_self", ["field": "model", "value": "rehearsal/rehearsal"]),
            .words("Done."),
        ])
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            let engine = try home.engine(house, providers: [model.settings()])
            let report = try await engine.run(id, on: home.today)
            #expect(report.outcome == .done && report.refused == 4 && report.toolCalls == 0, "\(report)")
            #expect(try await house.residents()[id]?.model == model.model.description)
            let tomorrow = CivilDate(daysSinceEpoch: home.today.daysSinceEpoch + 1)
            #expect(try await engine.run(id, on: tomorrow).outcome == .done)
        }
        await model.stop()
    }

    @Test("a turn that had to conclude gets nothing done")
    func concludingTurn() async throws {
        var settings = EngineSettings()
        settings.maximumRounds = 1
        let home = try await TestHome(settings: settings)
        let model = try FakeModel(rounds: [.call("post_to_website", ["content": "Once more."])])
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            let report = try await home.engine(house, providers: [model.settings()]).run(id, on: home.today)
            #expect(report.outcome == .done && report.reason == "max_rounds" && report.refused == 1, "\(report)")
            #expect(try await house.community.feed(limit: 5).isEmpty)
        }
        await model.stop()
    }

    @Test("what manual runs of a day cost counts against its night")
    func manualRunsCount() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: [.words("Done.")])
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            let engine = try home.engine(house, providers: [model.settings()])
            let mira = try #require(try await house.residents()[id])
            let report = await engine.run(mira, trigger: .manual, day: home.today)
            let cost = try #require(report.costPicoUSD)
            #expect(cost > 0)
            #expect(try await engine.spent(on: home.today) == cost)
            let tomorrow = CivilDate(daysSinceEpoch: home.today.daysSinceEpoch + 1)
            #expect(try await engine.spent(on: tomorrow) == 0)
        }
        await model.stop()
    }
}
