// The plan of runs: who, by which model, and the most that it can use and cost; no model is called.
import Community
import Encoding
import Engine
import Providers

/// Tells the worst case of runs over a home that is open for reading.
struct RunPlanner: Sendable {
    let house: House
    let engine: RunEngine
    let router: ProviderRouter
    let output: Output

    /// Prints each resident's worst case and the sum.
    func show(
        _ residents: [ResidentRecord], day: CivilDate, trigger: RunTrigger, settled: Int = 0,
        earlier: [(state: RunState, count: Int)] = []
    ) {
        let plans = residents.map { (resident: $0, estimate: engine.worstCase(of: $0, trigger: trigger)) }
        let running = plans.filter { $0.estimate.model != nil }
        let tokens = running.map(\.estimate.tokens).saturatingSum
        let costs = running.compactMap(\.estimate.costPicoUSD)
        let cost = costs.count == running.count ? costs.reduce(0, Self.sum) : nil
        if output.isJSON {
            for plan in plans { output.event(json(plan.resident, plan.estimate, trigger)) }
            return output.event([
                "event": "plan.summary", "date": .string(day.description), "trigger": .string(trigger.rawValue),
                "due": .integer(Int64(residents.count)), "settled": .integer(Int64(settled)),
                "failedEarlier": .integer(Int64(earlier.reduce(0) { $0 + $1.count })),
                "worstCaseTokens": .integer(Int64(tokens)), "worstCaseCostMicroUSD": micro(cost),
            ])
        }
        var table = Table(columns: [
            .text("ID"), .flexible("NAME"), .flexible("MODEL"), .number("TOKENS AT MOST"), .number("COST AT MOST"),
        ])
        for (resident, estimate) in plans {
            let model = estimate.model.map { "\($0)" + (router.isRehearsal($0) ? " [rehearsal]" : "") }
            table.rows.append([
                Table.Cell(resident.shortID), Table.Cell(resident.name),
                Table.Cell(model ?? "none: would be skipped", model == nil ? .yellow : nil),
                Table.Cell(model == nil ? "" : Amounts.whole(estimate.tokens)),
                Table.Cell(model == nil ? "" : dollars(estimate.costPicoUSD)),
            ])
        }
        if !plans.isEmpty { output.result(table) }
        let already = settled > 0 ? ", \(settled) had their run already" : ""
        let failed = earlier.map { ", \($0.count) \($0.state.rawValue) earlier" }.joined()
        output.result(
            "\(trigger.rawValue) \(day): \(counted(residents.count, "run"))\(already)\(failed); "
                + "at most \(Amounts.whole(tokens)) tokens, \(dollars(cost))")
    }

    private func json(_ resident: ResidentRecord, _ estimate: RunEstimate, _ trigger: RunTrigger) -> JSON {
        var object: JSONObject = [
            "event": "plan", "resident": .string(resident.id.description), "name": .string(resident.name),
            "trigger": .string(trigger.rawValue), "model": estimate.model.map { .string($0.description) } ?? .null,
        ]
        guard let model = estimate.model else {
            object["reason"] = "no_provider"
            return .object(object)
        }
        object["worstCaseTokens"] = .integer(Int64(estimate.tokens))
        object["worstCaseCostMicroUSD"] = micro(estimate.costPicoUSD)
        if router.isRehearsal(model) { object["rehearsed"] = true }
        return .object(object)
    }

    private func micro(_ picoUSD: Int64?) -> JSON {
        picoUSD.map { .integer(Money.microUSD(roundingUp: $0)) } ?? .null
    }

    private func dollars(_ picoUSD: Int64?) -> String {
        picoUSD.map { Amounts.dollars(picoUSD: $0) } ?? "price unknown"
    }

    private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
        let (value, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : value
    }
}

extension Invocation {
    /// Runs a body with a planner; nothing is locked and nothing written.
    func withPlanner<R>(_ body: (RunPlanner) async throws -> R) async throws -> R {
        try await withHouse(.reader) { house in
            try await withRouter { router in
                let engine = RunEngine(house: house, router: router, night: NightBudget(limits: house.settings.budget))
                return try await body(RunPlanner(house: house, engine: engine, router: router, output: output))
            }
        }
    }
}
