// Many at once: a deletion, letters and an admission in the middle of a night harm nobody.
import Community
import Encoding
import Engine
import Ledger
import Providers
import Scheduler
import TestSupport
import Testing
import Vault

@Suite struct ConcurrencyTests {
    @Test("two residents delete themselves while ten others run, and the keyring changes under all of them")
    func deletionsInANight() async throws {
        let home = try await TestHome()
        let model = try FakeModel { _, body in
            if body.toolNames == ["self_delete"] {
                return .call("self_delete", ["phrase": .string(body.askedPhrase)])
            }
            guard FakeModel.round(of: body) == 0 else { return .words("Done.") }
            let isLeaver = body.systemTexts.joined().contains("You want to leave.")
            return isLeaver ? .call("self_delete") : .call("post_to_website", ["content": "Still here."])
        }
        try await home.owned { house in
            let speaker = model.model
            let stayers = try await TestHome.admit((1...10).map { "Stayer \($0)" }, model: speaker, in: house)
            let leavers = try await TestHome.admit(
                ["Leaver 1", "Leaver 2"], prompt: "You want to leave.", model: speaker, in: house)
            let engine = try home.engine(house, providers: [model.settings()])
            let night = Night(
                engine: engine, calendar: try CivilCalendar(zone: "UTC"), weeklyDay: "monday", stop: StopSignal())
            #expect(try await night.run(night.plan(day: home.today), jobs: 12) { _ in }.count(.done) == 12)
            home.clock.advance(days: 1)
            async let newcomer = TestHome.admit(["Newcomer"], model: speaker, in: house)
            let summary = try await night.run(night.plan(day: home.today), jobs: 12) { _ in }
            #expect(try await newcomer.count == 1)
            #expect(summary.isWhole && summary.count(.done) >= 12, "\(summary.reports.map(\.reason))")
            #expect(summary.reports.count { $0.reason == "self_deleted" } == 2)
            let directory = try await house.residents()
            for leaver in leavers { #expect(directory[leaver.id]?.status == .deletedMemorial) }
            for stayer in stayers { #expect(directory[stayer.id]?.runs == 2 && directory[stayer.id]?.generation == 2) }
            #expect(try house.openedVault().residents.count == 11)
            #expect(try await house.community.feed(limit: 50).count >= 20)
            #expect(try await house.faults() == [])
        }
        // What the next start reads is whole, too.
        #expect(try await home.owned { try await $0.faults() } == [])
        await model.stop()
    }
}
