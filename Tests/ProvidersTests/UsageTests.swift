// What a reply is taken to have used where its provider says it badly: the estimate, never nothing.
import Encoding
import HTTPServer
import Providers
import Testing

private let said = String(repeating: "word ", count: 3_000)
/// What fifteen thousand characters are estimated at, at least.
private let saidTokens = 5_000

/// A reply in one of the ways in which replies come; `usage` is JSON as the provider wrote it.
private enum Way: CaseIterable {
    case message, messageStream, messageBatch, completion, completionStream, completionBatch

    var isAnthropic: Bool { self == .message || self == .messageStream || self == .messageBatch }

    /// Usage in the words of the dialect.
    func usage(input: String?, output: String?, more: String? = nil) -> String {
        let names = isAnthropic ? ("input_tokens", "output_tokens") : ("prompt_tokens", "completion_tokens")
        let members = [input.map { "\"\(names.0)\":\($0)" }, output.map { "\"\(names.1)\":\($0)" }, more]
        return "{\(members.compactMap(\.self).joined(separator: ","))}"
    }

    private func message(_ usage: String) -> String {
        #"{"type":"message","model":"m","content":[{"type":"text","text":"\#(said)"}],"stop_reason":"end_turn","#
            + #""usage":\#(usage)}"#
    }

    private func completion(_ usage: String) -> String {
        #"{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"\#(said)"},"#
            + #""finish_reason":"stop"}],"usage":\#(usage)}"#
    }

    private func stream(_ usage: String) -> [String] {
        isAnthropic
            ? [
                #"{"type":"message_start","message":{"model":"m","usage":{"input_tokens":1,"output_tokens":1}}}"#,
                #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"\#(said)"}}"#,
                #"{"type":"content_block_stop","index":0}"#,
                #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":\#(usage)}"#,
                #"{"type":"message_stop"}"#,
            ]
            : [
                #"{"choices":[{"index":0,"delta":{"content":"\#(said)"},"finish_reason":"stop"}]}"#,
                #"{"choices":[],"usage":\#(usage)}"#, "[DONE]",
            ]
    }

    /// What the reply comes out as.
    func reply(_ usage: String) async throws -> Reply {
        let dialect: DialectName = isAnthropic ? .anthropic : .openai
        let line: String
        switch self {
        case .message, .completion:
            return try await sent(.json(self == .message ? message(usage) : completion(usage)), dialect, false)
        case .messageStream, .completionStream:
            return try await sent(.events(stream(usage).map { "data: \($0)\n\n" }.joined()), dialect, true)
        case .messageBatch:
            line = #"{"custom_id":"a","result":{"type":"succeeded","message":\#(message(usage))}}"#
        case .completionBatch:
            line = #"{"custom_id":"a","response":{"status_code":200,"body":\#(completion(usage))}}"#
        }
        let results = try #require(ReplyReading.results([Array((line + "\n").utf8)], dialect: dialect))
        guard case .reply(var reply) = try #require(results.first).result else { throw Failure.noReply }
        reply.estimateInput(of: hello)
        return reply
    }

    private enum Failure: Error { case noReply }
}

/// The reply that a provider sends.
private func sent(_ response: ServerResponse, _ dialect: DialectName, _ streams: Bool) async throws -> Reply {
    let fake = try FakeProvider(response)
    let bench = try Bench([settings(dialect, fake, streams: streams)])
    let reply: Reply
    do throws(ProviderError) {
        reply = try await bench.router.send(hello, to: model("fake/m"))
    } catch {
        await bench.close()
        await fake.stop()
        throw error
    }
    await bench.close()
    await fake.stop()
    return reply
}

/// What no provider can mean by a number of tokens.
private let unreadable = [
    nil, "null", "-1", "0.5", "150000.7", #""150000""#, "[]", "true", "1000000001", "900000000000", "1e300",
    "99999999999999999999",
]

@Suite struct UsageTests {
    @Test("a count of the output that is missing or unreadable is estimated from what was said", arguments: unreadable)
    func outputIsEstimated(_ written: String?) async throws {
        for way in Way.allCases {
            let reply = try await way.reply(way.usage(input: "70000", output: written))
            #expect(reply.usage.output >= saidTokens && reply.usage.output < 10_000, "\(way): \(reply.usage)")
            #expect(reply.usage.input == 70_000 && reply.usageIsEstimated, "\(way): \(reply.usage)")
        }
    }

    @Test("a count of the input that is missing or unreadable is estimated from the request", arguments: unreadable)
    func inputIsEstimated(_ written: String?) async throws {
        let estimate = TokenEstimate.inputTokens(of: hello)
        // The first event of a stream has told it already, and stands where nothing follows.
        for way in Way.allCases where way != .messageStream || (written != nil && written != "null") {
            let reply = try await way.reply(way.usage(input: written, output: "40"))
            #expect(reply.usage.input >= estimate && reply.usage.input < 1_000, "\(way): \(reply.usage)")
            #expect(reply.usage.output == 40 && reply.usageIsEstimated, "\(way): \(reply.usage)")
        }
    }

    @Test("usage that is no object, or an empty one, is estimated", arguments: ["{}", "null", "[]", "7", #""none""#])
    func withoutAnyCount(_ usage: String) async throws {
        for way in Way.allCases {
            let reply = try await way.reply(usage)
            #expect(reply.usage.output >= saidTokens && reply.usage.input > 0, "\(way): \(reply.usage)")
            #expect(reply.usageIsEstimated, "\(way)")
        }
    }

    @Test("a whole number is read however it is written", arguments: ["150000", "150000.0", "1.5e5"])
    func wholeNumbers(_ written: String) async throws {
        for way in Way.allCases {
            let reply = try await way.reply(way.usage(input: written, output: written))
            #expect(reply.usage == TokenUsage(input: 150_000, output: 150_000), "\(way)")
            #expect(!reply.usageIsEstimated, "\(way)")
        }
    }

    @Test("an unreadable count of a cache never makes the input less than the estimate", arguments: unreadable)
    func caches(_ written: String?) async throws {
        let estimate = TokenEstimate.inputTokens(of: hello)
        for way in Way.allCases where way.isAnthropic {
            for name in ["cache_read_input_tokens", "cache_creation_input_tokens"] {
                let more = written.map { "\"\(name)\":\($0)" }
                let isAbsent = more == nil || written == "null"
                let reply = try await way.reply(way.usage(input: "2", output: "3", more: more))
                #expect(reply.usage.totalInput >= (isAbsent ? 2 : estimate), "\(way): \(reply.usage)")
                #expect(reply.usage.output == 3 && reply.usageIsEstimated == !isAbsent, "\(way): \(reply.usage)")
            }
        }
        let more = written.map { #""prompt_tokens_details":{"cached_tokens":\#($0)}"# }
        let reply = try await Way.completion.reply(Way.completion.usage(input: "2", output: "3", more: more))
        #expect(reply.usage == TokenUsage(input: 2, output: 3), "what is not known to be cached costs the full price")
    }

    @Test("the words of a refusal are discarded and count as said all the same")
    func refusals() async throws {
        let body =
            #"{"type":"message","model":"m","content":[{"type":"text","text":"\#(said)"}],"stop_reason":"refusal"}"#
        let reply = try await sent(.json(body), .anthropic, false)
        #expect(reply.blocks.isEmpty && reply.usage.output >= saidTokens, "\(reply.usage)")
    }
}
