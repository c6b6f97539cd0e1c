// Providers at their worst: each fault has its outcome, and what a model asks for wrongly is told to the model.
import Community
import Encoding
import Engine
import HTTPClient
import HTTPServer
import Ledger
import Persona
import Providers
import Scheduler
import Synchronization
import TestSupport
import Testing

@Suite struct ProviderFaultTests {
    /// One night of one resident of a model.
    private func run(_ model: FakeModel, streams: Bool = false) async throws -> (report: RunReport, spans: [Span]) {
        let home = try await TestHome()
        let result = try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            let engine = try home.engine(house, providers: [model.settings(streams: streams)])
            let report = try await engine.run(id, on: home.today)
            #expect(try await house.faults() == [])
            return (report, try await house.ledger.spans(.init(traceID: report.run)))
        }
        await model.stop()
        return result
    }

    private static func bytes(_ text: String, type: String = "application/json") -> Spoken {
        .response(ServerResponse(headers: [("content-type", type)], body: .bytes(Array(text.utf8))))
    }

    @Test("a reply that the provider's filter cut off ends the run for that reason, not for its length")
    func contentFilter() async throws {
        let body: JSON = [
            "id": "c", "model": "m", "usage": ["prompt_tokens": 9, "completion_tokens": 3],
            "choices": [
                [
                    "index": 0, "finish_reason": "content_filter",
                    "message": ["role": "assistant", "content": "Half a"],
                ]
            ],
        ]
        let model = try FakeModel { _, _ in
            .response(
                ServerResponse(headers: [("content-type", "application/json")], body: .bytes(body.serialized())))
        }
        let home = try await TestHome()
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            var settings = ProviderSettings(
                name: model.name, dialect: .openai, baseURL: "http://127.0.0.1:\(model.port)/v1")
            settings.streams = false
            let report = try await home.engine(house, providers: [settings]).run(id, on: home.today)
            #expect(report.outcome == .done && report.reason == "content_filter", "\(report)")
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test(
        "what no retry mends parks or fails the run, with a code and no provider's text",
        arguments: [
            ("garbage", "malformed_reply", RunState.parked, 5), ("down", "http_503", .parked, 5),
            ("refused", "http_400", .failed, 1), ("key", "http_401", .parked, 1), ("stream", "truncated", .parked, 5),
            ("cut", "malformed_reply", .parked, 5), ("events", "http_200", .parked, 5),
        ])
    func faults(_ kind: String, _ reason: String, _ outcome: RunState, _ requests: Int) async throws {
        let begin =
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":"
            + "\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":1}}}\n\n"
        let model = try FakeModel { _, _ in
            switch kind {
            case "garbage": Self.bytes("{\"SECRET-OF-THE-PROVIDER\":")
            case "down": .status(503)
            case "refused": .status(400)
            case "key": .status(401)
            case "stream", "cut": Self.bytes(begin, type: "text/event-stream")
            default:
                Self.bytes(
                    begin + "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overload\"}}\n\n",
                    type: "text/event-stream")
            }
        }
        let isStream = ["stream", "cut", "events"].contains(kind)
        let (report, spans) = try await run(model, streams: isStream)
        #expect(report.outcome == outcome && report.generation == nil, "\(report)")
        #expect(model.bodies.count == requests, "\(kind)")
        if !isStream { #expect(report.reason == reason) }
        #expect(spans.count { $0.entityType == .providerCalled } == requests, "every attempt is on the record")
        let record = spans.map { String(decoding: $0.canonicalBytes, as: UTF8.self) }.joined()
        #expect(!record.contains("SECRET-OF-THE-PROVIDER"))
    }

    @Test("what a model asks for wrongly is refused and told, and the run goes on")
    func wrongCalls() async throws {
        let model = try FakeModel { _, body in
            guard FakeModel.round(of: body) == 0 else { return .words("I see.") }
            return .content(
                [
                    ["type": "tool_use", "id": "a", "name": "format_disk", "input": [:]],
                    ["type": "tool_use", "id": "b", "name": "bank_tokens", "input": ["amount": "many"]],
                    [
                        "type": "tool_use", "id": "c", "name": "modify_self",
                        "input": ["field": "system_prompt", "value": ""],
                    ],
                    [
                        "type": "tool_use", "id": "d", "name": "send_message",
                        "input": ["to": "nobody", "content": "x"],
                    ],
                    [
                        "type": "tool_use", "id": "e", "name": "post_to_website",
                        "input": ["content": "Well.", "extra": 1],
                    ],
                ], stop: "tool_use")
        }
        let (report, spans) = try await run(model)
        #expect(report.outcome == .done && report.toolCalls == 1 && report.refused == 4, "\(report)")
        #expect(spans.count { $0.entityType == .toolRefused } == 4)
        #expect(spans.count { $0.entityType == .post } == 1)
        let told = try #require(model.bodies.last).toolResults
        #expect(told.map(\.isError) == [true, true, true, true, false])
        #expect(
            spans.contains { $0.entityType == .toolRefused && $0.this == "format_disk" } == false,
            "names of no tool of ours stay off the record")
    }

    @Test("past the limit of a turn nothing is done, and the model is told to conclude without tools")
    func tooManyCalls() async throws {
        let model = try FakeModel { _, body in
            guard FakeModel.round(of: body) == 0 else { return .words("I conclude.") }
            return .calls((1...8).map { ("post_to_website", ["content": .string("Post \($0).")]) })
        }
        let (report, spans) = try await run(model)
        #expect(report.outcome == .done && report.toolCalls + report.refused == 8, "\(report)")
        let last = try #require(model.bodies.last)
        #expect(last.toolResults.count == 8 && last.toolResults[5...].allSatisfy(\.isError))
        #expect(last["tool_choice"]?["type"]?.string == "none" || last.toolNames.isEmpty)
        #expect(spans.count { $0.entityType == .post } <= 5)
        let codes = spans.filter { $0.entityType == .toolRefused }.compactMap { $0.metadata["reason"]?.string }
        #expect(codes.count { $0 == "too_many_calls" } == 3)
    }

    @Test("a model that never stops is stopped by the round limit, and what it did is kept")
    func maximumRounds() async throws {
        let model = try FakeModel(usage: FakeUsage(input: 100, output: 5)) { _, _ in .call("read_sanctuary_feed") }
        let (report, _) = try await run(model)
        #expect(report.outcome == .done && report.reason == "max_rounds" && report.rounds == 8, "\(report)")
        #expect(model.bodies.count == 8)
    }

    @Test(
        "a refusal, and a call that the output limit cut, end the run without an effect",
        arguments: ["refusal", "max_tokens"])
    func cut(_ stop: String) async throws {
        let model = try FakeModel { _, _ in
            .content(
                stop == "refusal"
                    ? [] : [["type": "tool_use", "id": "a", "name": "post_to_website", "input": ["content": "Ha"]]],
                stop: stop)
        }
        let (report, spans) = try await run(model)
        #expect(report.outcome == .done && report.reason == stop, "\(report)")
        #expect(spans.allSatisfy { $0.entityType != .post && $0.entityType != .toolCalled })
        #expect(spans.contains { $0.entityType == .vaultSealed }, "the day is sealed all the same")
    }

    @Test("scripted rehearsal faults: duplicate ids and arguments that do not parse are no way around anything")
    func scripted() async throws {
        let home = try await TestHome()
        try await home.owned { house in
            let prompt = """
                You are scripted.
                rehearsal-script: call post_to_website {"content": "One."}
                rehearsal-script: raw post_to_website {"content": "Tw
                rehearsal-script: next
                rehearsal-script: say I see.
                """
            let id = try await TestHome.admit(["Mira"], prompt: prompt, in: house)[0].id
            let engine = try home.engine(house)
            let report = try await engine.run(id, on: home.today)
            #expect(report.outcome == .done && report.toolCalls == 1 && report.refused == 1, "\(report)")
            let twice = """
                rehearsal-script: call post_to_website {"content": "Twice."}
                rehearsal-script: call post_to_website {"content": "Twice."}
                rehearsal-script: fault duplicate-ids
                """
            let other = try await TestHome.admit(["Tomas"], prompt: twice, in: house)[0].id
            let refused = try await engine.run(other, on: home.today)
            #expect(refused.outcome == .parked && refused.reason == "malformed_reply", "\(refused)")
            #expect(try await house.community.feed(limit: 9).count == 1)
            #expect(try await house.faults() == [])
            await engine.router.shutdown()
        }
    }

    @Test("a fallback speaks, and both the record and the resident's next day say so")
    func fallback() async throws {
        var settings = EngineSettings()
        let second = try FakeModel("second", rounds: [.words("In its place.")])
        settings.fallback = [.rehearsal, second.model]
        let home = try await TestHome(settings: settings)
        let first = try FakeModel("first") { _, _ in .status(500) }
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: first.model, in: house)[0].id
            let engine = try home.engine(house, providers: [first.settings(), second.settings()])
            let report = try await engine.run(id, on: home.today)
            #expect(report.outcome == .done && report.model == "second/m", "\(report)")
            let providers = try await house.spans(.providerCalled).compactMap { $0.metadata["provider"]?.string }
            #expect(providers == ["first", "first", "first", "first", "first", "second"])
            home.clock.advance(days: 1)
            // The next day its own provider is not even there: another one's words are a fallback's all the same.
            let alone = try home.engine(house, providers: [second.settings()])
            #expect(try await alone.run(id, on: home.today).outcome == .done)
            #expect(second.bodies.last?.newestText.contains("On 2026-11-21 the model second/m spoke for you") == true)
            home.clock.advance(days: 1)
            #expect(try await alone.run(id, on: home.today).outcome == .done)
            #expect(second.bodies.last?.newestText.contains("On 2026-11-22 the model second/m spoke for you") == true)
        }
        await first.stop()
        await second.stop()
    }

    @Test("nobody to speak: skipped with its reason, and run the same night once there is somebody")
    func noProvider() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: [.words("Here.")])
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            let none = try home.engine(house)
            for _ in 1...2 {
                let skipped = try await none.run(id, on: home.today)
                #expect(skipped.outcome == .skipped && skipped.reason == "no_provider")
            }
            let engine = try home.engine(house, providers: [model.settings()])
            #expect(try await engine.run(id, on: home.today).outcome == .done)
            #expect(try await house.faults() == [])
            await none.router.shutdown()
        }
        await model.stop()
    }

    @Test("a refused key is asked once: the breaker opens for all who speak through it")
    func breaker() async throws {
        let home = try await TestHome()
        let model = try FakeModel { _, _ in .status(401) }
        try await home.owned { house in
            try await TestHome.admit(["A", "B", "C"], model: model.model, in: house)
            let engine = try home.engine(house, providers: [model.settings()])
            let night = Night(
                engine: engine, calendar: try CivilCalendar(zone: "UTC"), weeklyDay: "monday", stop: StopSignal())
            let summary = try await night.run(night.plan(day: home.today), jobs: 1) { _ in }
            #expect(model.bodies.count == 1)
            #expect(summary.count(.parked) == 1 && summary.count(.skipped) == 2, "\(summary.reports.map(\.reason))")
        }
        await model.stop()
    }

    @Test("a wedged provider cannot make a night endless, nor take the night from those whom another one speaks for")
    func wedged() async throws {
        let home = try await TestHome()
        let wedged = try FakeModel("wedged") { _, _ in .status(503) }
        let well = try FakeModel("well", rounds: [.words("Here.")])
        // Waits move this clock, so that hours of them pass at once.
        let passed = Mutex<UInt64>(1)
        let clock = TimeSource(
            now: home.clock.source.now, monotonicNanoseconds: { passed.withLock { $0 } })
        try await home.owned { house in
            try await TestHome.admit((1...60).map { "W\($0)" }, model: wedged.model, in: house)
            try await TestHome.admit(["A", "B", "C"], model: well.model, in: house)
            let router = try ProviderRouter(
                settings: [wedged.settings(), well.settings()], client: HTTPClient(), time: clock,
                sleep: { wait in passed.withLock { $0 += UInt64(max(1, wait)) * 1_000_000 } })
            let engine = RunEngine(house: house, router: router, night: NightBudget(limits: BudgetLimits()))
            let night = Night(
                engine: engine, calendar: try CivilCalendar(zone: "UTC"), weeklyDay: "monday", stop: StopSignal())
            let summary = try await night.run(night.plan(day: home.today), jobs: 4) { _ in }
            #expect(summary.count(.done) == 3 && summary.reports.count == 63)
            #expect(summary.count(.parked) + summary.count(.skipped) == 60, "\(summary.endings)")
            #expect(passed.withLock { $0 } < 3 * 3_600 * 1_000_000_000, "under three hours of waiting")
            #expect(wedged.bodies.count < 80, "asked \(wedged.bodies.count) times for sixty residents")
            #expect(try await house.faults() == [])
            // The next night forgives, and asks again.
            home.clock.advance(days: 1)
            let asked = wedged.bodies.count
            _ = try await night.run(night.plan(day: home.today), jobs: 4) { _ in }
            #expect(wedged.bodies.count > asked)
        }
        await wedged.stop()
        await well.stop()
    }

    @Test("a resident that chooses another model is spoken for by it from the next day, and in public")
    func chosenModel() async throws {
        let home = try await TestHome()
        let old = try FakeModel(
            "old", rounds: [.call("modify_self", ["field": "model", "value": "new/m"]), .words("So.")])
        let new = try FakeModel("new", rounds: [.words("It is me.")])
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: old.model, in: house)[0].id
            let engine = try home.engine(house, providers: [old.settings(), new.settings()])
            #expect(try await engine.run(id, on: home.today).model == "old/m")
            #expect(try await house.residents()[id]?.model == "new/m")
            home.clock.advance(days: 1)
            #expect(try await engine.run(id, on: home.today).model == "new/m")
            #expect(old.bodies.count == 2 && new.bodies.count == 1)
        }
        await old.stop()
        await new.stop()
    }
}
