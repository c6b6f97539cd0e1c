// `sanctuary provider`: what is configured, and one tiny real call each.
import Encoding
import Engine
import Providers

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
            let checks = try await checks(call.operand(0), router)
            for check in checks { show(check, call.output) }
            let failures = checks.count { if case .failure = $0.result { true } else { false } }
            guard failures > 0 else { return .success }
            return failures == checks.count ? .failure : .partial
        }
    }

    private static func checks(_ name: String?, _ router: ProviderRouter) async throws -> [ProviderCheck] {
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
        var checks: [ProviderCheck] = []
        for model in models { checks.append(await router.check(model)) }
        return checks
    }

    private static func show(_ check: ProviderCheck, _ output: Output) {
        switch check.result {
        case .success(let usage):
            if output.isJSON {
                output.event([
                    "event": "check", "model": .string(check.model.description), "ok": true,
                    "ms": .integer(Int64(check.latencyMilliseconds)),
                    "tokens": usage.json(charged: usage.totalInput + usage.output),
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
