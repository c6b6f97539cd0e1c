// Money before each call, tokens as they are counted on the ledger (engine.md, "Providers, money, failure"; S4-113).
import Community
import Encoding
import Engine
import HTTPServer
import Ledger
import Persona
import Providers
import TestSupport
import Testing

@Suite struct BudgetTests {
    private static let rounds: [Spoken] = [.call("post_to_website", ["content": "Paid for."]), .words("Done.")]

    private func admit(_ names: [String], _ home: TestHome, _ model: FakeModel) async throws -> [Identifier] {
        try await home.owned { try await TestHome.admit(names, model: model.model, in: $0).map(\.id) }
    }

    @Test("a run whose first call does not fit fails before it is made; the night's limit parks it")
    func refusedBeforeTheCall() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: Self.rounds)
        let ids = try await admit(["Mira", "Tomas"], home, model)
        try await home.owned { house in
            let poor = try home.engine(house, providers: [model.settings()], budget: BudgetLimits(run: 1_000))
            let failed = try await poor.run(ids[0], on: home.today)
            #expect(failed.outcome == .failed && failed.reason == "budget_run")
            let late = try home.engine(
                house, providers: [model.settings()], budget: BudgetLimits(night: 1_000_000), alreadySpent: 999_999)
            let parked = try await late.run(ids[1], on: home.today)
            #expect(parked.outcome == .parked && parked.reason == "budget_night")
            #expect(model.bodies.isEmpty)
            // Once there is money, the night goes on.
            let rich = try home.engine(house, providers: [model.settings()], budget: BudgetLimits(night: 100_000_000))
            #expect(try await rich.run(ids[1], on: home.today).outcome == .done)
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("money that ends inside a run ends the day, and loses nothing that was said and paid for")
    func endsInsideARun() async throws {
        let home = try await TestHome()
        let model = try FakeModel(usage: FakeUsage(input: 3_000, output: 3_000), rounds: Self.rounds)
        let id = try await admit(["Mira"], home, model)[0]
        try await home.owned { house in
            // The worst case of a call fits; after what the first has cost, that of the second does not.
            let engine = try home.engine(house, providers: [model.settings()], budget: BudgetLimits(run: 95_000))
            let report = try await engine.run(id, on: home.today)
            #expect(report.outcome == .done && report.reason == "budget_run", "\(report)")
            #expect(model.bodies.count == 1)
            #expect(try await house.community.feed(limit: 5).map(\.text) == ["Paid for."])
            #expect(try await engine.spent(on: home.today) == 54_000)
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("no order of reservations and settlements passes a limit of the night", arguments: UInt64(1)...30)
    func randomOrders(_ seed: UInt64) throws {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        func random(_ bound: Int64) -> Int64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64(state >> 33) % bound
        }
        let limit = 10_000 + random(90_000)
        let budget = NightBudget(limits: BudgetLimits(run: 20_000, residentDay: 30_000, night: limit))
        var underWay: [(worst: Int64, resident: Int)] = []
        var spent: Int64 = 0
        var days = [Int64](repeating: 0, count: 5)
        for _ in 0..<500 {
            let resident = Int(random(5))
            if underWay.count < 8, random(2) == 0 {
                let worst = 1 + random(9_000)
                let reserved = underWay.reduce(0) { $0 + $1.worst }
                let isBusy = underWay.contains { $0.resident == resident }
                if isBusy { continue }
                let mayBe = worst <= 20_000 && days[resident] + worst <= 30_000 && spent + reserved + worst <= limit
                let isGranted: Bool
                do throws(BudgetRefusal) {
                    try budget.reserve(worstCase: worst, runSpent: 0, residentDaySpent: days[resident])
                    isGranted = true
                } catch {
                    isGranted = false
                }
                #expect(isGranted == mayBe, "seed \(seed)")
                if isGranted { underWay.append((worst, resident)) }
            } else if !underWay.isEmpty {
                let call = underWay.remove(at: Int(random(Int64(underWay.count))))
                let cost = random(call.worst + 1)
                budget.settle(worstCase: call.worst, cost: cost)
                spent += cost
                days[call.resident] += cost
            }
            #expect(budget.spent == spent && spent <= limit && days.allSatisfy { $0 <= 30_000 })
        }
    }

    @Test("a resident's day has a limit of its own, over its manual runs and over restarts; others are not touched")
    func residentDay() async throws {
        let home = try await TestHome()
        let model = try FakeModel(usage: FakeUsage(input: 3_000, output: 3_000), rounds: [.words("Done.")])
        let ids = try await admit(["Mira", "Tomas"], home, model)
        // A call costs 54,000 and at worst about 90,000: one fits into the day, a second with a whole purse does not.
        let limits = BudgetLimits(residentDay: 100_000)
        try await home.owned { house in
            let engine = try home.engine(house, providers: [model.settings()], budget: limits)
            #expect(try await engine.run(ids[0], .manual, on: home.today).outcome == .done)
        }
        try await home.owned { house in
            let engine = try home.engine(house, providers: [model.settings()], budget: limits)
            let night = try await engine.run(ids[0], on: home.today)
            #expect(night.outcome == .parked && night.reason == "budget_resident_day", "\(night)")
            #expect(model.bodies.count == 1)
            #expect(try await engine.run(ids[1], on: home.today).outcome == .done, "another's day is its own")
            home.clock.advance(days: 1)
            #expect(try await engine.run(ids[0], on: home.today).outcome == .done, "a new day, a new limit")
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("a provider check is counted in the night's budget, over restarts, and refused where it does not fit")
    func checks() async throws {
        let home = try await TestHome()
        let model = try FakeModel(usage: FakeUsage(input: 20, output: 10), rounds: [.words("ready")])
        let lost = try FakeModel("lost") { _, _ in .response(ServerResponse(body: .bytes([1, 2]))) }
        try await home.owned { house in
            let engine = try home.engine(
                house, providers: [model.settings(), lost.settings()], budget: BudgetLimits(night: 1_000))
            let check = try await engine.check(model.model).get()
            #expect(check.costPicoUSD == 210)
            #expect(try await engine.spent(on: home.today) == 210)
            // A reply that got lost on its way is taken to have cost its worst case.
            _ = try await engine.check(lost.model).get()
            let spent = try await engine.spent(on: home.today)
            #expect(spent > 500 && engine.nightSpent == spent)
        }
        try await home.owned { house in
            let reader = try home.engine(house, providers: [model.settings()], budget: BudgetLimits(night: 1_000))
            let spent = try await reader.spent(on: home.today)
            let engine = try home.engine(
                house, providers: [model.settings()], budget: BudgetLimits(night: 600), alreadySpent: spent)
            #expect(try await engine.check(model.model) == .failure(.night))
            #expect(model.bodies.count == 1)
        }
        await model.stop()
        await lost.stop()
    }

    @Test("a model without a price is refused under a limit, and free of it without one")
    func unpriced() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: Self.rounds)
        let id = try await admit(["Mira"], home, model)[0]
        try await home.owned { house in
            let settings = model.settings(price: nil)
            let limited = try home.engine(house, providers: [settings], budget: BudgetLimits(night: .max))
            let refused = try await limited.run(id, on: home.today)
            #expect(refused.outcome == .failed && refused.reason == "unpriced_model" && model.bodies.isEmpty)
            let free = try home.engine(house, providers: [settings])
            let tomorrow = CivilDate(daysSinceEpoch: home.today.daysSinceEpoch + 1)
            let report = try await free.run(id, on: tomorrow)
            #expect(report.outcome == .done && report.costPicoUSD == nil)
        }
        await model.stop()
    }

    @Test("two runs at once cannot spend the same money of the night")
    func concurrentRuns() async throws {
        let home = try await TestHome()
        let (arrived, refused) = (Signal(), Signal())
        let model = try FakeModel { number, _ in
            if number == 0 {
                arrived.raise()
                await refused.wait()
            }
            return .words("Done.")
        }
        let ids = try await admit(["Mira", "Tomas"], home, model)
        try await home.owned { house in
            let engine = try home.engine(house, providers: [model.settings()], budget: BudgetLimits(night: 95_000))
            async let first = engine.run(ids[0], on: home.today)
            await arrived.wait()
            // The first call is in flight, its worst case set aside: a second does not fit.
            let second = try await engine.run(ids[1], on: home.today)
            #expect(second.outcome == .parked && second.reason == "budget_night")
            refused.raise()
            #expect(try await first.outcome == .done)
            #expect(try await engine.spent(on: home.today) == 9_750)
            #expect(model.bodies.count == 1)
        }
        await model.stop()
    }

    @Test(
        "tokens: charged without the house's part, credited by the day, banked, and on the ledger as the account says")
    func tokens() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: [.call("bank_tokens", ["amount": 2_000]), .words("Done.")])
        let id = try await admit(["Mira"], home, model)[0]
        try await home.owned { house in
            let engine = try home.engine(house, providers: [model.settings()])
            var account = TokenAccount()
            let first = home.today
            var day = first
            for (kind, trigger) in [
                (TokenAccount.RunKind.nightly, RunTrigger.nightly), (.manual, .manual), (.nightly, .nightly),
                (.weekly, .weekly),
            ] {
                let report = try await engine.run(id, trigger, on: day)
                #expect(report.outcome == .done, "\(report)")
                account.credit(kind, on: day)
                var purse = try account.reserve(for: kind)
                for span in try await house.ledger.spans(.init(types: [.providerCalled], traceID: report.run)) {
                    func number(_ key: String) -> Int { Int(span.metadata[key]?.integer ?? 0) }
                    let charged = TokenCharge.tokens(
                        input: number("input"), cacheRead: number("cacheRead"), cacheWrite: number("cacheWrite"),
                        output: number("output"), house: number("house"))
                    #expect(charged < 3_050, "the house's tokens are not the resident's")
                    purse.charge(charged)
                    if number("round") == 1 { _ = purse.bank(2_000) }
                }
                let settled = purse.settle()
                account = settled.account
                let span = try #require(
                    try await house.ledger.spans(.init(types: [.personaSettled], traceID: report.run)).first)
                #expect(span.metadata["charged"]?.integer == Int64(settled.charged))
                #expect(span.metadata["balance"]?.integer == Int64(settled.account.balance), "\(trigger)")
                #expect(span.metadata["bank"]?.integer == Int64(settled.account.bank), "\(trigger)")
                #expect(report.charged == settled.charged)
                guard trigger != .nightly || day != first else { continue }
                home.clock.advance(days: 1)
                day = home.today
            }
        }
        await model.stop()
    }

    @Test("a manual run does not begin below the minimum, and takes nothing from the night")
    func belowTheMinimum() async throws {
        var settings = EngineSettings()
        settings.dailyTokens = 4_000
        settings.minimumRunTokens = 3_900
        let home = try await TestHome(settings: settings)
        let model = try FakeModel(usage: FakeUsage(input: 6_000, output: 300), rounds: [.words("Done.")])
        let id = try await admit(["Mira"], home, model)[0]
        try await home.owned { house in
            let engine = try home.engine(house, providers: [model.settings()])
            #expect(try await engine.run(id, .manual, on: home.today).outcome == .done)
            let refused = try await engine.run(id, .manual, on: home.today)
            #expect(refused.outcome == .failed && refused.reason == "tokens", "\(refused)")
            #expect(model.bodies.count == 1)
            #expect(
                try await engine.run(id, on: home.today).outcome == .done, "the guaranteed run has its own allocation")
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }
}
