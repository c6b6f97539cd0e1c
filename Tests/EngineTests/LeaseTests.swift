// A worker that was taken for dead and comes back writes nothing: the lease is checked in the same statement.
import Community
import Encoding
import Ledger
import Providers
import TestSupport
import Testing

@testable import Engine

@Suite struct LeaseTests {
    @Test(
        "a stalled worker that wakes beside its successor neither writes nor acts", arguments: [Int64(3_600_000), 0])
    func zombie(textPatience: Int64) async throws {
        let home = try await TestHome()
        let (stalled, awake) = (Signal(), Signal())
        let model = try FakeModel { number, body in
            if number == 0 {
                stalled.raise()
                await awake.wait()
            }
            return FakeModel.round(of: body) == 0 ? .call("post_to_website", ["content": "Once."]) : .words("Done.")
        }
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            let engine = try home.engine(
                house, providers: [model.settings()], textPatienceMilliseconds: textPatience)
            async let zombie = engine.run(id, on: home.today)
            await stalled.wait()
            while textPatience == 0, engine.waiting.released == 0 { await Task.yield() }
            // Another start takes the run back and brings it to its end.
            #expect(try await engine.recover().resumed == 1)
            #expect(try await engine.run(id, on: home.today).outcome == .done)
            let size = try await house.ledger.size()
            awake.raise()
            let late = try await zombie
            #expect(late.outcome == .parked && late.reason == "lease_lost", "\(late)")
            #expect(try await house.ledger.size() == size, "it left nothing on the record")
            #expect(try await house.community.feed(limit: 5).count == 1)
            #expect(try await house.unfinishedRuns().isEmpty)
            #expect(try await house.residents()[id]?.generation == 1)
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test(
        "a clock that goes back or forth an hour or a day loses nothing and pays nothing twice",
        arguments: [-25, -1, 1, 25])
    func clock(_ hours: Int) async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: [.call("post_to_website", ["content": "A day."]), .words("Done.")])
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            let engine = try home.engine(house, providers: [model.settings()])
            let day = home.today
            #expect(try await engine.run(id, on: day).outcome == .done)
            home.clock.advance(hours: hours)
            #expect(try await engine.run(id, on: day).reason == "already_run")
            let next = CivilDate(daysSinceEpoch: day.daysSinceEpoch + 1)
            #expect(try await engine.run(id, on: next).outcome == .done)
            #expect(try await engine.run(id, .manual, on: home.today).outcome == .done)
            #expect(model.bodies.count == 6)
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }
}
