// Prompt caching from end to end, against a provider that keeps its cache by the bytes of prefixes (providers.md 1.2).
import Community
import Cryptography
import Encoding
import Engine
import HTTPServer
import Ledger
import Persona
import Providers
import Scheduler
import Synchronization
import TestSupport
import Testing

/// What an Anthropic server remembers: the bytes of every prefix that a request of it marked.
private final class PrefixCache: Sendable {
    private let entries = Mutex<Set<[UInt8]>>([])

    /// The usage of a request, about four bytes a token; what it marks is remembered.
    func usage(of body: JSON) -> (input: Int, read: Int, write: Int) {
        var bytes: [UInt8] = Array((body["model"]?.string ?? "").utf8)
        var marks: [Int] = []
        func add(_ block: JSON) {
            var bare = block
            bare["cache_control"] = Optional<JSON>.none
            bytes += bare.serialized()
            if block["cache_control"] != nil { marks.append(bytes.count) }
        }
        for tool in body["tools"]?.array ?? [] { add(tool) }
        for block in body["system"]?.array ?? [] { add(block) }
        // Another choice of tools is another prefix from the messages on.
        bytes += (body["tool_choice"] ?? .null).serialized()
        for turn in body["messages"]?.array ?? [] {
            bytes += Array((turn["role"]?.string ?? "").utf8)
            for block in turn["content"]?.array ?? [] { add(block) }
        }
        #expect(marks.count <= 4)
        return entries.withLock { entries in
            let read = marks.last { entries.contains(Array(bytes[..<$0])) } ?? 0
            for mark in marks { entries.insert(Array(bytes[..<mark])) }
            let written = max(0, (marks.last ?? 0) - read)
            return ((bytes.count - read - written) / 4, read / 4, written / 4)
        }
    }
}

@Suite struct CachingTests {
    /// A model of two rounds whose usage is what its cache makes of each request.
    private func model(_ cache: PrefixCache) throws -> FakeModel {
        try FakeModel { number, body in
            let isFirst = FakeModel.round(of: body) == 0
            let block: JSON =
                isFirst
                ? [
                    "type": "tool_use", "id": .string("call_\(number)"), "name": "post_to_website",
                    "input": ["content": "Hello."],
                ] : ["type": "text", "text": "Done."]
            let usage = cache.usage(of: body)
            let reply: JSON = [
                "id": "msg", "type": "message", "role": "assistant", "model": "m", "content": [block],
                "stop_reason": isFirst ? "tool_use" : "end_turn",
                "usage": [
                    "input_tokens": .integer(Int64(usage.input)),
                    "cache_read_input_tokens": .integer(Int64(usage.read)),
                    "cache_creation_input_tokens": .integer(Int64(usage.write)), "output_tokens": 20,
                ],
            ]
            return .response(
                ServerResponse(headers: [("content-type", "application/json")], body: .bytes(reply.serialized())))
        }
    }

    private func settings(_ model: FakeModel) -> ProviderSettings {
        var settings = model.settings()
        settings.models["m"] = ModelCapabilities(
            cacheMinimum: 512, price: Price(input: 400, output: 2_000, cacheRead: 40, cacheWrite: 500))
        return settings
    }

    @Test("all residents share one beginning, byte for byte; only the first run of a model pays for it")
    func sharedBeginning() async throws {
        let home = try await TestHome()
        let model = try model(PrefixCache())
        try await home.owned { house in
            try await TestHome.admit(["A", "B", "C", "D", "E", "F"], model: model.model, in: house)
            let engine = try home.engine(house, providers: [settings(model)])
            let night = Night(
                engine: engine, calendar: try CivilCalendar(zone: "UTC"), weeklyDay: "monday", stop: StopSignal())
            let summary = try await night.run(night.plan(day: home.today), jobs: 6) { _ in }
            #expect(summary.count(.done) == 6)
            let spans = try await house.spans(.providerCalled)
            func number(_ span: Span, _ key: String) -> Int { Int(span.metadata[key]?.integer ?? 0) }
            let firsts = spans.filter { number($0, "round") == 1 }
            #expect(firsts.count == 6)
            let cold = firsts.filter { number($0, "cacheRead") == 0 }
            #expect(cold.count == 1, "one went ahead, the others read what it wrote: \(cold.count)")
            let shared = Set(firsts.map { number($0, "cacheRead") }).subtracting([0])
            #expect(shared.count == 1 && (shared.first ?? 0) > 512, "the same prefix for everybody: \(shared)")
            for span in spans where number(span, "round") == 2 {
                let own = try #require(firsts.first { $0.traceID == span.traceID })
                let sent = number(own, "cacheRead") + number(own, "cacheWrite")
                #expect(number(span, "cacheRead") == sent, "round two reads all of round one")
            }
            #expect(summary.usage.cachePercent ?? 0 > 60, "\(summary.usage)")
            #expect(try await house.faults() == [])
        }
        // The very bytes, not only their meaning: tools first, then the preamble as its own block.
        let raw = model.rawBodies.map { String(decoding: $0, as: UTF8.self) }
        let bodies = model.bodies
        let tools = Set(bodies.compactMap { $0["tools"]?.serialized() })
        let preambles = Set(bodies.compactMap { $0["system"]?[0]?.serialized() })
        #expect(tools.count == 1 && preambles.count == 1)
        for bytes in [tools.first, preambles.first] {
            let text = String(decoding: bytes ?? [], as: UTF8.self)
            #expect(!text.isEmpty && raw.allSatisfy { $0.contains(text) })
        }
        await model.stop()
    }

    @Test("the clean room has other tools, so it is no first run for the others")
    func anotherBeginning() async throws {
        let tools = [ToolDeclaration(name: "self_delete", description: "d", inputSchema: ["type": "object"])]
        let long = String(repeating: "preamble ", count: 300)
        let gate = Mutex<[String]>([])
        let model = try FakeModel { _, body in
            gate.withLock { $0.append(body.toolNames.joined()) }
            return .words("ok")
        }
        let home = try await TestHome()
        try await home.owned { house in
            let router = try home.engine(house, providers: [settings(model)]).router
            func conversation(_ tools: [ToolDeclaration]) -> Conversation {
                Conversation(
                    system: [SystemBlock(text: long, cacheBreakpoint: true)],
                    turns: [Turn(role: .user, blocks: [.text("hi")])], tools: tools, maximumOutputTokens: 64)
            }
            _ = try await router.send(conversation(tools), to: model.model)
            // The room's request has warmed nothing for the day: the first of the day still goes alone.
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { _ = try? await router.send(conversation([]), to: model.model) } }
            }
            #expect(model.bodies.count == 5)
        }
        await model.stop()
    }

    @Test("thinking goes back unchanged, with its signature, within its run alone, and is dropped at settle")
    func thinking() async throws {
        let thought: JSON = [
            "type": "thinking", "thinking": "SECRET-THOUGHT {\"a\": 1.50}", "signature": "EqQBCkYI+/=SIGNATURE",
        ]
        let redacted: JSON = ["type": "redacted_thinking", "data": "AAEC/w=="]
        let model = try FakeModel { number, body in
            guard FakeModel.round(of: body) == 0 else { return .words("Done.") }
            return .content(
                [
                    thought, redacted, ["type": "text", "text": "I post."],
                    [
                        "type": "tool_use", "id": .string("t\(number)"), "name": "post_to_website",
                        "input": ["content": "Hello."],
                    ],
                ], stop: "tool_use")
        }
        let home = try await TestHome()
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            let engine = try home.engine(house, providers: [settings(model)])
            #expect(try await engine.run(id, on: home.today).outcome == .done)
            let back = model.bodies[1]["messages"]?.array?.last { $0["role"]?.string == "assistant" }
            #expect(back?["content"]?[0] == thought && back?["content"]?[1] == redacted)
            home.clock.advance(days: 1)
            #expect(try await engine.run(id, on: home.today).outcome == .done)
            let tomorrow = String(decoding: model.rawBodies[2], as: UTF8.self)
            #expect(tomorrow.contains("I post.") && !tomorrow.contains("SECRET-THOUGHT"))
            #expect(!tomorrow.contains("SIGNATURE") && !tomorrow.contains("redacted_thinking"))
            let package = try await house.package(of: id).encoded().withUnsafeBytes { Array($0) }
            #expect(!String(decoding: package, as: UTF8.self).contains("SECRET-THOUGHT"))
        }
        await model.stop()
    }
}
