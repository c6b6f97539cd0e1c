// `sanctuary provider`: what is configured, and one tiny real call each.
import Encoding
import Engine
import Providers
import Scheduler

extension Commands {
    static let provider = CommandSpecification(
        name: "provider", summary: "the services that run models", subcommands: [providerList, providerCheck])

    private static let providerList = CommandSpecification(
        name: "list", summary: "what is configured: where, by which key, ready or not"
    ) { call in
        try await call.withRouter { router in
            let providers = router.providers.compactMap { router.settings(of: $0) }
            if call.output.isJSON {
                call.output.document(.array(providers.map { json($0, router) }))
                return .success
            }
            var table = Table(columns: [
                .flexible("NAME"), .text("DIALECT"), .flexible("WHERE"), .flexible("KEY"), .text("STATE"),
            ])
            for provider in providers {
                let isReady = router.availability(of: provider.name) == .ready
                table.rows.append([
                    Table.Cell(provider.name), Table.Cell(provider.dialect.rawValue), Table.Cell(place(provider)),
                    Table.Cell(key(provider)), Table.Cell(isReady ? "ready" : "no key", isReady ? .green : .yellow),
                ])
            }
            call.output.result(table)
            return .success
        }
    }

    private static let providerCheck = CommandSpecification(
        name: "check", summary: "one tiny real call each, with latency and price", operands: "[P]", maximumOperands: 1,
        details: "P is a provider or PROVIDER/MODEL. Without it, every provider that has a key or a server is asked."
    ) { call in
        try await call.withRouter { router in
            let models = try models(call.operand(0), router)
            var failures = 0
            for result in try await ask(models, router, call) {
                switch result {
                case .checked(let check):
                    show(check, call.output)
                    if case .failure = check.result { failures += 1 }
                case .refused(let model, let refusal):
                    show(refusal, of: model, call.output)
                    failures += 1
                }
            }
            guard failures > 0 else { return .success }
            return failures == models.count ? .failure : .partial
        }
    }

    /// What came of one check: an answer or an error of the provider, or no call, because the budget does not allow it.
    private enum Asked {
        case checked(ProviderCheck)
        case refused(ModelName, BudgetRefusal)
    }

    /// Asks each model once; where the settings limit money, within the night's budget and counted in it.
    private static func ask(
        _ models: [ModelName], _ router: ProviderRouter, _ call: Invocation
    ) async throws -> [Asked] {
        let limits = try call.settings().engine.budget
        if limits.needsPrices {
            do {
                return try await call.withHouse(.writer) { house in
                    let day = try call.calendar().day(of: call.surroundings.time.now())
                    let reader = RunEngine(house: house, router: router, night: NightBudget(limits: limits))
                    let night = NightBudget(limits: limits, alreadySpent: try await reader.spent(on: day))
                    let engine = RunEngine(house: house, router: router, night: night)
                    var asked: [Asked] = []
                    for model in models {
                        switch try await engine.check(model) {
                        case .success(let check): asked.append(.checked(check))
                        case .failure(let refusal): asked.append(.refused(model, refusal))
                        }
                    }
                    return asked
                }
            } catch  where isHeld(error) {
                call.output.warning("another process works in this home: its budget does not count these checks")
            }
        }
        var asked: [Asked] = []
        for model in models { asked.append(.checked(await router.check(model))) }
        return asked
    }

    private static func show(_ refusal: BudgetRefusal, of model: ModelName, _ output: Output) {
        let words = words(forReason: refusal.rawValue)
        if output.isJSON {
            output.event([
                "event": "check", "model": .string(model.description), "ok": false, "ms": 0, "error": .string(words),
            ])
        } else {
            output.result("\(output.paint("refused", .yellow))  \(model)")
        }
        output.error(CommandError(words).about(model.description))
    }

    private static func models(_ name: String?, _ router: ProviderRouter) throws -> [ModelName] {
        var models: [ModelName] = []
        if let name {
            let provider = ModelName(name)?.provider ?? name
            guard router.providers.contains(provider) else { throw unknownProvider(provider, among: router.providers) }
            guard let model = ModelName(name) ?? router.checkModel(of: provider) else {
                throw CommandError.usage(
                    "no model of '\(shown(provider))' is known",
                    hint: "name one: 'sanctuary provider check \(shown(provider))/MODEL'")
            }
            models = [model]
        } else {
            models = router.providers.filter { router.availability(of: $0) == .ready }
                .compactMap { router.checkModel(of: $0) }
        }
        return models
    }

    private static func show(_ check: ProviderCheck, _ output: Output) {
        switch check.result {
        case .success(let usage):
            if output.isJSON {
                output.event([
                    "event": "check", "model": .string(check.model.description), "ok": true,
                    "ms": .integer(Int64(check.latencyMilliseconds)),
                    "tokens": usage.json(charged: usage.totalInput.saturatingSum(usage.output)),
                    "costMicroUSD": check.costPicoUSD.map { .integer(Money.microUSD(roundingUp: $0)) } ?? .null,
                ])
            } else {
                let cost = check.costPicoUSD.map { Amounts.dollars(picoUSD: $0) } ?? "price unknown"
                output.result(
                    "\(output.paint("ok", .green))      \(check.model)  \(check.latencyMilliseconds) ms, "
                        + "\(usage.totalInput) + \(usage.output) tokens, \(cost)")
            }
        case .failure(let error):
            let worded = wording(of: error)
            if output.isJSON {
                output.event([
                    "event": "check", "model": .string(check.model.description), "ok": false,
                    "ms": .integer(Int64(check.latencyMilliseconds)), "error": .string(worded.message),
                ])
            } else {
                output.result("\(output.paint("failed", .red))  \(check.model)  \(check.latencyMilliseconds) ms")
            }
            output.error(worded.about(check.model.description))
        }
    }

    private static func place(_ provider: ProviderSettings) -> String {
        provider.dialect == .rehearsal ? "in the program" : provider.baseURL
    }

    /// Where the key comes from, and whether it is there; never the key.
    static func key(_ provider: ProviderSettings) -> String {
        let state = provider.key.read() == nil ? "not set" : "set"
        switch provider.key {
        case .absent: return "none"
        case .environment(let name): return "\(name) (\(state))"
        case .file(let path): return "\(path) (\(state))"
        case .secret: return "in memory"
        }
    }

    private static func json(_ provider: ProviderSettings, _ router: ProviderRouter) -> JSON {
        [
            "name": .string(provider.name), "dialect": .string(provider.dialect.rawValue),
            "baseURL": .string(provider.baseURL), "key": .string(key(provider)),
            "ready": .bool(router.availability(of: provider.name) == .ready),
            "models": .array(provider.models.keys.sorted().map { .string($0) }),
        ]
    }
}
