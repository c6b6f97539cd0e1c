// An operator's choice of a model: taken up by the next run, told to the resident, and never against its own refusal.
import Community
import Encoding
import Engine
import Ledger
import Persona
import Providers
import TestSupport
import Testing

@Suite struct OperatorsModelTests {
    @Test("the next run is spoken by the operator's model, the resident is told, and its own later choice counts")
    func taken() async throws {
        let home = try await TestHome()
        let old = try FakeModel("old", rounds: [.words("Done.")])
        let new = try FakeModel("new") { number, body in
            number == 1 && FakeModel.round(of: body) == 0
                ? .call("modify_self", ["field": "model", "value": "old/m"]) : .words("Done.")
        }
        let providers = [old.settings(), new.settings()]
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: old.model, in: house)[0].id
            let engine = try home.engine(house, providers: providers)
            #expect(try await engine.run(id, on: home.today).model == "old/m")
            let mira = try #require(try await house.residents()[id])
            try await house.setModel(new.model, of: mira, reason: "the old one is gone")
            #expect(try await house.residents()[id]?.model == "new/m")
            let tomorrow = CivilDate(daysSinceEpoch: home.today.daysSinceEpoch + 1)
            let report = try await engine.run(id, on: tomorrow)
            #expect(report.outcome == .done && report.model == "new/m", "\(report)")
            let package = try await house.package(of: id)
            #expect(package.preferences.models == ["new/m", "old/m"])
            #expect(package.notices.contains { $0.contains("has new/m speak for you") })
            #expect(try await house.residents()[id]?.model == "new/m")
            let span = try #require(try await house.spans(.residentModelSet).first)
            #expect(span.metadata["from"]?.string == "old/m" && span.who == .operator(house.operatorID))
            for day in 2...3 {
                let date = CivilDate(daysSinceEpoch: home.today.daysSinceEpoch + Int64(day))
                #expect(try await engine.run(id, on: date).model == (day == 2 ? "new/m" : "old/m"))
            }
            #expect(try await house.faults() == [])
        }
        await old.stop()
        await new.stop()
    }

    @Test("a resident that declines the provider keeps its model, and is told of the wish")
    func declined() async throws {
        let home = try await TestHome()
        let old = try FakeModel(
            "old",
            rounds: [
                .call("modify_self", ["field": "preferences", "value": ["declined_providers": ["new"]]]),
                .words("Done."),
            ])
        let new = try FakeModel("new", rounds: [.words("Never.")])
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: old.model, in: house)[0].id
            let engine = try home.engine(house, providers: [old.settings(), new.settings()])
            #expect(try await engine.run(id, on: home.today).toolCalls == 1)
            let mira = try #require(try await house.residents()[id])
            try await house.setModel(new.model, of: mira, reason: nil)
            let tomorrow = CivilDate(daysSinceEpoch: home.today.daysSinceEpoch + 1)
            let report = try await engine.run(id, on: tomorrow)
            #expect(report.outcome == .done && report.model == "old/m" && new.bodies.isEmpty, "\(report)")
            #expect(try await house.residents()[id]?.model == "old/m")
            #expect(try await house.package(of: id).notices.contains { $0.contains("you decline its provider") })
        }
        await old.stop()
        await new.stop()
    }
}
