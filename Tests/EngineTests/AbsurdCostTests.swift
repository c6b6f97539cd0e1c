// Whatever a provider claims a reply to have used or cost: the reply is written down, and nothing is asked again.
import Community
import Encoding
import Engine
import Ledger
import Providers
import SQLite
import TestSupport
import Testing

@Suite struct AbsurdCostTests {
    /// The largest cost that a span can hold.
    private static let recorded: Int64 = 9_007_199_254_740_991

    private func admit(_ names: [String], _ home: TestHome, _ model: FakeModel) async throws -> [Identifier] {
        try await home.owned { try await TestHome.admit(names, model: model.model, in: $0).map(\.id) }
    }

    @Test("a model that claims five thousand million tokens of input is believed nothing, and has its run")
    func tooManyTokens() async throws {
        let home = try await TestHome()
        let model = try FakeModel(usage: FakeUsage(input: 5_000_000_000, output: 5_000_000_000), rounds: [])
        let id = try await admit(["Mira"], home, model)[0]
        try await home.owned { house in
            let engine = try home.engine(house, providers: [model.settings()])
            let report = try await engine.run(id, on: home.today)
            #expect(report.outcome == .done && report.usage.input > 0, "\(report)")
            #expect(report.usage.totalInput < 100_000 && report.usage.output < 1_000, "\(report.usage)")
            #expect(try await house.faults() == [])
        }
        // Another start finds nothing to do.
        try await home.owned { house in
            let again = try await home.engine(house, providers: [model.settings()]).run(id, on: home.today)
            #expect(again.reason == "already_run")
        }
        #expect(model.bodies.count == 1)
        await model.stop()
    }

    @Test("a reply dearer than a span can say is recorded; the row of its run knows what it cost")
    func dearerThanASpanCanSay() async throws {
        let home = try await TestHome()
        // Five USD a token.
        let price = Price(input: 5_000_000_000_000, output: 5_000_000_000_000)
        let model = try FakeModel(rounds: [.call("post_to_website", ["content": "Dear."]), .words("Done.")])
        let id = try await admit(["Mira"], home, model)[0]
        let cost = 3_050 * 5_000_000_000_000 * Int64(2)
        try await home.owned { house in
            let engine = try home.engine(house, providers: [model.settings(price: price)])
            let report = try await engine.run(id, on: home.today)
            #expect(report.outcome == .done && report.costPicoUSD == cost, "\(report)")
            #expect(
                try await house.spans(.providerCalled).map { $0.metadata["costPicoUSD"]?.integer } == [
                    Self.recorded, Self.recorded,
                ])
            #expect(try await engine.spent(on: home.today) == cost)
            #expect(try await house.faults() == [])
        }
        #expect(model.bodies.count == 2)
        await model.stop()
    }

    @Test("costs whose sum no 64 bits hold stop at the largest value, run by run and start by start")
    func sumsPastTheRange() async throws {
        let home = try await TestHome()
        let price = Price(input: .max, output: .max)
        let model = try FakeModel(rounds: [.call("post_to_website", ["content": "Dear."]), .words("Done.")])
        let ids = try await admit(["Mira", "Tomas", "Ada"], home, model)
        for (place, id) in ids.enumerated() {
            try await home.owned { house in
                let known = try await home.engine(house).spent(on: home.today)
                #expect(known == (place == 0 ? 0 : .max))
                let engine = try home.engine(
                    house, providers: [model.settings(price: price)],
                    budget: place == 2 ? BudgetLimits(run: .max, residentDay: .max, night: .max) : BudgetLimits(),
                    alreadySpent: known)
                let report = try await engine.run(id, on: home.today)
                #expect(report.outcome == .done && report.costPicoUSD == .max, "\(report)")
                #expect(engine.nightSpent == .max)
                #expect(try await house.faults() == [])
            }
        }
        #expect(model.bodies.count == 6)
        await model.stop()
    }

    @Test("a budget stops at a reply that cost more than anything")
    func budgetsStop() async throws {
        let home = try await TestHome()
        let model = try FakeModel(
            usage: FakeUsage(input: 1_000_000_000, output: 50),
            rounds: [.call("post_to_website", ["content": "Dear."]), .words("Done.")])
        let ids = try await admit(["Mira", "Tomas"], home, model)
        let settings = model.settings(price: Price(input: 1_000_000_000, output: 1_000_000_000))
        try await home.owned { house in
            let limits = BudgetLimits(night: 2_000_000_000_000_000)
            let engine = try home.engine(house, providers: [settings], budget: limits)
            let report = try await engine.run(ids[0], on: home.today)
            #expect(report.outcome == .done && report.costPicoUSD == 1_000_000_050_000_000_000, "\(report)")
            let late = try home.engine(
                house, providers: [settings], budget: limits, alreadySpent: try await engine.spent(on: home.today))
            #expect(try await late.run(ids[1], on: home.today).reason == "budget_night")
            #expect(try await house.faults() == [])
        }
        #expect(model.bodies.count == 1)
        await model.stop()
    }
}
