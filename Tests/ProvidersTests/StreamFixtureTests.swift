// Recorded streams of both dialects, each with what it means (samples/anthropic-sse and captured).
import Encoding
import HTTPServer
import Providers
import TestSupport
import Testing

private let isThere: ConditionTrait = .enabled(
    if: SharedData.isPresent, "the shared samples are not beside the checkout")

/// Sends the least conversation to a fake that answers with a recorded stream.
private func reply(to recording: String, as dialect: DialectName) async throws -> Result<Reply, ProviderError> {
    // Some recordings lack the blank line that ends the last event, which no server leaves out.
    let fake = try FakeProvider(.events(try SharedData.text(recording) + "\n\n"))
    let bench = try Bench([settings(dialect, fake, streams: true)])
    let result: Result<Reply, ProviderError>
    do throws(ProviderError) {
        result = .success(try await bench.router.send(hello, to: model("fake/m")))
    } catch {
        result = .failure(error)
    }
    await bench.close()
    await fake.stop()
    return result
}

/// What a recorded stream of the Anthropic SDK's own tests must come out as.
struct Fixture: CustomTestStringConvertible, Sendable {
    let name: String
    var blocks: [Block]
    var stop = StopReason.endTurn
    var usage: TokenUsage
    var model = "claude-sonnet-4-5"

    var testDescription: String { name }
}

private let greeting: [Block] = [.text("Hello there!")]
private let weather = "I'll check the current weather in Paris for you."

private let fixtures = [
    Fixture(
        name: "basic_response", blocks: greeting, usage: TokenUsage(input: 11, output: 6), model: "claude-3-opus-latest"
    ),
    Fixture(
        name: "compaction_response",
        blocks: [
            .opaque([
                "type": "compaction", "content": "Earlier conversation summarized.",
                "encrypted_content": "EpwBCioIDxgCEAEYASJALd_opaque_compaction_payload",
            ]), .text("Hello there!"),
        ], usage: TokenUsage(input: 30, output: 8), model: "claude-opus-4-7"),
    Fixture(name: "context_management_response", blocks: greeting, usage: TokenUsage(input: 25, output: 8)),
    Fixture(name: "fallback_credit_response", blocks: greeting, usage: TokenUsage(input: 25, output: 8)),
    Fixture(
        name: "fallback_response",
        blocks: [
            .opaque([
                "type": "fallback", "from": ["model": "claude-opus-4-7"], "to": ["model": "claude-sonnet-4-5"],
                "trigger": ["type": "refusal", "category": nil],
            ]), .text("Hello there!"),
        ], usage: TokenUsage(input: 25, output: 8), model: "claude-opus-4-7"),
    Fixture(
        name: "input_transformations_delta_response", blocks: greeting, usage: TokenUsage(input: 25, output: 8)),
    Fixture(
        name: "input_transformations_empty_delta_response", blocks: greeting, usage: TokenUsage(input: 25, output: 8)),
    Fixture(
        name: "input_transformations_start_only_response", blocks: greeting, usage: TokenUsage(input: 25, output: 8)),
    Fixture(
        name: "message_delta_fields_response", blocks: greeting,
        usage: TokenUsage(input: 40, cacheRead: 7, cacheWrite: 12, output: 8)),
    Fixture(
        name: "message_delta_omitted_usage_response", blocks: greeting,
        usage: TokenUsage(input: 25, cacheRead: 5, cacheWrite: 10, output: 8)),
    Fixture(
        name: "refusal_response", blocks: [], stop: .refusal, usage: TokenUsage(input: 20), model: "claude-opus-4-7"),
    Fixture(
        name: "tool_use_response",
        blocks: [
            .text(weather),
            .toolUse(
                ToolUse(
                    id: "toolu_01NRLabsLyVHZPKxbKvkfSMn", name: "get_weather",
                    arguments: .object(["location": "Paris"]))),
        ], stop: .toolUse, usage: TokenUsage(input: 377, output: 65), model: "claude-sonnet-4-20250514"),
    Fixture(
        name: "tool_use_invalid_json_response",
        blocks: [
            .text(weather),
            .toolUse(
                ToolUse(
                    id: "toolu_01NRLabsLyVHZPKxbKvkfSMn", name: "get_weather",
                    arguments: .unparsable(#"{"location": "Paris", "unit": celsius}"#))),
        ], stop: .toolUse, usage: TokenUsage(input: 377, output: 65), model: "claude-sonnet-4-20250514"),
    Fixture(
        name: "unknown_events_response", blocks: greeting, usage: TokenUsage(input: 11, output: 6),
        model: "claude-3-opus-latest"),
]

@Suite(isThere) struct StreamFixtureTests {
    @Test(arguments: fixtures) func recordedStreamsMeanWhatTheySay(_ fixture: Fixture) async throws {
        let reply = try await reply(to: "samples/anthropic-sse/\(fixture.name).txt", as: .anthropic).get()
        #expect(reply.blocks == fixture.blocks)
        #expect(reply.stop == fixture.stop)
        #expect(reply.usage == fixture.usage)
        #expect(reply.model == fixture.model)
        #expect(!reply.usageIsEstimated)
    }

    @Test func serverToolsStayOpaqueAndLateUsageCounts() async throws {
        let reply = try await reply(to: "samples/anthropic-sse/server_tool_use_response.txt", as: .anthropic).get()
        #expect(reply.toolUses.isEmpty, "a tool that the provider ran is none of ours to run")
        #expect(reply.usage == TokenUsage(input: 9281, output: 97))
        #expect(reply.text.hasPrefix("Claude Opus 4.7 is now generally available with improvements"))
        guard case .opaque(let call) = reply.blocks.first else {
            Issue.record("the server's tool call is missing")
            return
        }
        #expect(call["type"]?.string == "server_tool_use")
        #expect(call["input"] == ["query": "anthropic claude release notes"])
        #expect(reply.blocks.count == 3)
    }

    @Test func aCallCutOffByTheTokenLimitCannotBeExecuted() async throws {
        let reply = try await reply(to: "samples/anthropic-sse/incomplete_partial_json_response.txt", as: .anthropic)
            .get()
        #expect(reply.stop == .maximumTokens)
        #expect(reply.usage == TokenUsage(input: 450, output: 124))
        guard case .unparsable(let text) = reply.toolUses.first?.arguments else {
            Issue.record("the cut call has arguments")
            return
        }
        #expect(text.hasPrefix(#"{"filename": "taxes.txt"#))
        #expect(text.hasSuffix("\"Filing taxes"))
    }

    @Test func aRealStreamOfRepeatedToolIDsIsRefused() async throws {
        let result = try await reply(
            to: "samples/captured/anthropic-sse-malformed-tool-use.litellm-1.106.2.txt", as: .anthropic)
        #expect(result == .failure(.malformed(.duplicateToolID, requestID: nil)))
    }

    @Test func liteLLMTextIsRead() async throws {
        let reply = try await reply(to: "samples/captured/anthropic-sse-text.litellm-1.106.2.txt", as: .anthropic).get()
        #expect(reply.blocks == [.text("\u{19e7}\u{4}9\u{17}a")])
        #expect(reply.stop == .maximumTokens)
        #expect(reply.usage == TokenUsage(input: 8, output: 7), "its first usage is 0, the last counts")
    }

    @Test func llamaTextIsReadAndItsMissingUsageEstimated() async throws {
        let reply = try await reply(to: "samples/captured/openai-sse-text.llama-cpp-python-0.3.36.txt", as: .openai)
            .get()
        #expect(reply.blocks == [.text("qcY>")])
        #expect(reply.stop == .maximumTokens)
        #expect(reply.usageIsEstimated)
        #expect(reply.usage.input > 0 && reply.usage.output > 0)
    }

    @Test func llamaToolDeltasThatRepeatTheNameAreOneCall() async throws {
        let reply = try await reply(
            to: "samples/captured/openai-sse-tool-repeated-name.llama-cpp-python-0.3.36.txt", as: .openai
        ).get()
        #expect(
            reply.toolUses == [
                ToolUse(
                    id: "call__0_get_time_cmpl-82adc16d-23bf-4905-a178-257f6be0ab11", name: "get_time",
                    arguments: .object(["tz": "CET"]))
            ])
        #expect(reply.stop == .toolUse)
    }

    /// Every prefix of a recorded stream that lacks the terminator is refused, wherever it was cut.
    @Test(arguments: [0.1, 0.5, 0.9, 0.99]) func aTruncatedRecordingIsRefused(_ share: Double) async throws {
        let whole = try SharedData.text("samples/anthropic-sse/tool_use_response.txt")
        let fake = try FakeProvider(.events(String(whole.prefix(Int(Double(whole.count) * share)))))
        let bench = try Bench([settings(.anthropic, fake, streams: true)])
        await #expect(throws: ProviderError.malformed(.truncated, requestID: nil)) {
            try await bench.router.send(hello, to: model("fake/m"))
        }
        await bench.close()
        await fake.stop()
    }
}
