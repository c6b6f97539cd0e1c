// One attempt on the wire: headers, keys, time-outs, sizes and all that a server can do wrong (B-41, S2-57, S2-59).
import Cryptography
import Encoding
import HTTPClient
import HTTPServer
import Providers
import Synchronization
import TestSupport
import Testing

private let message = """
    {"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":"hello"},
    {"type":"tool_use","id":"t1","name":"look","input":{"at":"sky"}}],"stop_reason":"tool_use","stop_sequence":null,
    "usage":{"input_tokens":3,"cache_creation_input_tokens":2,"cache_read_input_tokens":1,"output_tokens":4}}
    """
private let completion = """
    {"id":"c1","object":"chat.completion","model":"gpt-x","choices":[{"index":0,"finish_reason":"stop","message":
    {"role":"assistant","content":"hello","refusal":null,"tool_calls":[{"id":"t1","type":"function","function":
    {"name":"look","arguments":"{\\"at\\":\\"sky\\"}"}}]}}],"usage":{"prompt_tokens":6,"completion_tokens":4,
    "prompt_tokens_details":{"cached_tokens":1,"cache_write_tokens":2}}}
    """
private let completionStream = """
    data: {"id":"c1","model":"gpt-x","choices":[{"index":0,"delta":{"role":"assistant","content":"hel"}}]}

    data: {"id":"c1","choices":[{"index":0,"delta":{"content":"lo","tool_calls":[{"index":0,"id":"t1",\
    "type":"function","function":{"name":"look","arguments":""}}]}}]}

    data: {"id":"c1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,\
    "function":{"arguments":"{\\"at\\":\\"sky\\"}"}}]}}]}

    data: {"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

    data: {"id":"c1","choices":[],"usage":{"prompt_tokens":6,"completion_tokens":4,\
    "prompt_tokens_details":{"cached_tokens":1,"cache_write_tokens":2}}}

    data: [DONE]


    """
private let messageStream = """
    data: {"type":"message_start","message":{"model":"claude-x","usage":{"input_tokens":3,\
    "cache_creation_input_tokens":2,"cache_read_input_tokens":1,"output_tokens":1}}}

    data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"hel"}}

    data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo"}}

    data: {"type":"content_block_stop","index":0}

    data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t1","name":"look",\
    "input":{"at":"sky"}}}

    data: {"type":"content_block_stop","index":1}

    data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":4}}

    data: {"type":"message_stop"}


    """

private let expected: [Block] = [
    .text("hello"), .toolUse(ToolUse(id: "t1", name: "look", arguments: .object(["at": "sky"]))),
]

private func send(_ fake: FakeProvider, _ provider: ProviderSettings) async throws -> Result<Reply, ProviderError> {
    let bench = try Bench([provider])
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

private func secret(_ text: String) -> KeySource {
    .secret(SharedSecret(SecretBytes(copying: Array(text.utf8))))
}

@Suite struct WireTests {
    @Test(arguments: [DialectName.anthropic, .openai], [true, false])
    func aReplyComesWholeInBothDialectsAndWays(_ dialect: DialectName, _ streams: Bool) async throws {
        let headers = [("request-id", "req_1")]
        let fake = try FakeProvider(
            streams
                ? .events(dialect == .anthropic ? messageStream : completionStream, headers: headers)
                : .json(dialect == .anthropic ? message : completion, headers: headers))
        let reply = try await send(fake, settings(dialect, fake, streams: streams)).get()
        #expect(reply.blocks == expected)
        #expect(reply.stop == .toolUse, "tool calls count, whatever chat completions call the reason")
        #expect(reply.usage == TokenUsage(input: 3, cacheRead: 1, cacheWrite: 2, output: 4))
        #expect(reply.requestID == "req_1")
        #expect(reply.model == (dialect == .anthropic ? "claude-x" : "gpt-x"))
        #expect(fake.requests.map(\.path) == [dialect == .anthropic ? "/v1/messages" : "/v1/chat/completions"])
        #expect(fake.bodies.first?["stream"] == (streams ? true : nil))
    }

    @Test func theKeyTravelsInTheHeaderThatTheSettingsName() async throws {
        for (dialect, header) in [
            (DialectName.anthropic, KeyHeader?.none), (.anthropic, .bearer), (.openai, nil), (.openai, .apiKey),
        ] {
            let fake = try FakeProvider(.json(dialect == .anthropic ? message : completion))
            var provider = ProviderSettings(
                name: "fake", dialect: dialect, baseURL: fake.url + "/v1", key: secret("sk-test"), keyHeader: header)
            provider.streams = false
            _ = try await send(fake, provider).get()
            let request = try #require(fake.requests.first)
            let isBearer = (header ?? (dialect == .openai ? .bearer : .apiKey)) == .bearer
            #expect(request.header("authorization") == (isBearer ? "Bearer sk-test" : nil))
            #expect(request.header("x-api-key") == (isBearer ? nil : "sk-test"))
            #expect(request.header("anthropic-version") == (dialect == .anthropic ? "2023-06-01" : nil))
            #expect(request.header("content-type") == "application/json")
            #expect(request.path == (dialect == .anthropic ? "/v1/messages" : "/v1/chat/completions"))
        }
    }

    @Test func aWholeMessageInAnswerToAStreamIsRead() async throws {
        let fake = try FakeProvider(.json(message))
        #expect(try await send(fake, settings(.anthropic, fake, streams: true)).get().blocks == expected)
    }

    @Test(arguments: [true, false]) func otherContentTypesAreRefused(_ streams: Bool) async throws {
        for type in ["text/html", "text/plain", "application/jsonp"] {
            let fake = try FakeProvider(
                ServerResponse(headers: [("content-type", type)], body: .bytes(Array(message.utf8))))
            #expect(
                try await send(fake, settings(.anthropic, fake, streams: streams))
                    == .failure(.malformed(.contentType, requestID: nil)))
        }
    }

    @Test func garbageIsRefused() async throws {
        for (response, streams, fault) in [
            (ServerResponse.json("{\"type\":\"message\""), false, MalformedReply.notJSON),
            (.json("[]"), false, .missing("content")), (.events("data: nonsense\n\n"), true, .notJSON),
            (.events(""), true, .truncated), (.events("not events at all"), true, .truncated),
        ] {
            let fake = try FakeProvider(response)
            #expect(
                try await send(fake, settings(.anthropic, fake, streams: streams))
                    == .failure(.malformed(fault, requestID: nil)))
        }
    }

    @Test func aConnectionCutMidStreamIsATruncatedReply() async throws {
        let fake = try FakeProvider { _, _ in
            let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
            continuation.yield(Array(messageStream.utf8.prefix(400)))
            continuation.finish()
            return ServerResponse(headers: [("content-type", "text/event-stream")], body: .stream(stream))
        }
        #expect(
            try await send(fake, settings(.anthropic, fake, streams: true))
                == .failure(.malformed(.truncated, requestID: nil)))
    }

    @Test func aFinishedStreamIsNotWaitedFor() async throws {
        let held = Mutex<AsyncStream<[UInt8]>.Continuation?>(nil)
        let hold: @Sendable (AsyncStream<[UInt8]>.Continuation?) -> Void = { kept in held.withLock { $0 = kept } }
        let fake = try FakeProvider { _, _ in
            let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
            continuation.yield(Array(messageStream.utf8))
            hold(continuation)
            return ServerResponse(headers: [("content-type", "text/event-stream")], body: .stream(stream))
        }
        var provider = settings(.anthropic, fake, streams: true)
        provider.idleTimeoutMilliseconds = 120_000
        #expect(try await send(fake, provider).get().blocks == expected, "though the server keeps the stream open")
        held.withLock { $0?.finish() }
    }

    @Test func aSilentServerTimesOut() async throws {
        let fake = try FakeProvider { _, _ in
            let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
            continuation.yield(Array(messageStream.utf8.prefix(300)))
            continuation.onTermination = { _ in _ = continuation }
            return ServerResponse(headers: [("content-type", "text/event-stream")], body: .stream(stream))
        }
        var provider = settings(.anthropic, fake, streams: true)
        provider.idleTimeoutMilliseconds = 100
        #expect(try await send(fake, provider) == .failure(.transport(.timedOut(.idle))))
    }

    @Test func aClosedPortIsATransportError() async throws {
        let closed = try ClosedPort()
        let bench = try Bench([
            ProviderSettings(
                name: "fake", dialect: .anthropic, baseURL: "http://127.0.0.1:\(closed.number)", key: .absent)
        ])
        await #expect(throws: ProviderError.transport(.connectFailed)) {
            try await bench.router.send(hello, to: model("fake/m"))
        }
        await bench.close()
    }

    @Test(arguments: [true, false]) func errorsKeepStatusKindAndRequestButNoText(_ streams: Bool) async throws {
        let fake = try FakeProvider(
            .json(
                """
                {"type":"error","error":{"type":"rate_limit_error","message":"the hidden marmalade",
                "details":{"error_code":"ramp_limit_exceeded"}},"request_id":"req_9"}
                """, status: 429, headers: [("retry-after", "1.5"), ("request-id", "req_9")]))
        let result = try await send(fake, settings(.anthropic, fake, streams: streams))
        #expect(
            result
                == .failure(
                    .refused(
                        Refusal(
                            status: 429, kind: "rate_limit_error", code: "ramp_limit_exceeded", requestID: "req_9",
                            hints: RetryHints(afterMilliseconds: 1_500)))))
        #expect(!"\(result)".contains("marmalade"))
    }

    @Test func anErrorWithoutAReadableBodyKeepsItsStatus() async throws {
        for body in ["", "<html>gateway</html>", "{\"error\":\"busy\"}", "{\"detail\":\"Invalid API key\"}"] {
            let fake = try FakeProvider(ServerResponse(status: 503, body: .bytes(Array(body.utf8))))
            #expect(
                try await send(fake, settings(.openai, fake, streams: true)) == .failure(.refused(Refusal(status: 503)))
            )
        }
    }

    @Test func errorsInTheMiddleOfAStreamHaveTheStatusOfTheirKind() async throws {
        for (dialect, line, status) in [
            (DialectName.anthropic, #"{"type":"error","error":{"type":"overloaded_error","message":"m"}}"#, 529),
            (.anthropic, #"{"type":"error","error":{"type":"novel_error","message":"m"}}"#, 500),
            (.openai, #"{"error":{"message":"m","type":"server_error","code":null}}"#, 500),
            (.openai, #"{"error":{"message":"m","type":"tokens","code":"rate_limit_exceeded"}}"#, 429),
        ] {
            let start = dialect == .anthropic ? messageStream.prefix(300) : completionStream.prefix(100)
            let complete = start.split(separator: "\n\n", omittingEmptySubsequences: false).dropLast()
            let fake = try FakeProvider(.events(complete.joined(separator: "\n\n") + "\n\ndata: \(line)\n\n"))
            guard case .failure(.refused(let refusal)) = try await send(fake, settings(dialect, fake, streams: true))
            else {
                Issue.record("\(line) is no refusal")
                continue
            }
            #expect(refusal.status == status && refusal.isMidStream)
        }
    }

    @Test func redirectsAreNotFollowed() async throws {
        let fake = try FakeProvider(ServerResponse(status: 307, headers: [("location", "http://127.0.0.1:1/")]))
        let result = try await send(fake, settings(.anthropic, fake, streams: true))
        #expect(result == .failure(.refused(Refusal(status: 307))))
    }

    @Test func cancellingEndsTheAttempt() async throws {
        let arrived = AsyncStream<Void>.makeStream()
        let fake = try FakeProvider { _, _ in
            arrived.continuation.yield()
            let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
            continuation.onTermination = { _ in _ = continuation }
            return ServerResponse(headers: [("content-type", "text/event-stream")], body: .stream(stream))
        }
        let bench = try Bench([settings(.anthropic, fake, streams: true)])
        let task = Task { () async -> ProviderError? in
            do throws(ProviderError) {
                _ = try await bench.router.send(hello, to: model("fake/m"))
                return nil
            } catch {
                return error
            }
        }
        for await _ in arrived.stream { break }
        task.cancel()
        #expect(await task.value == .cancelled)
        await bench.close()
        await fake.stop()
    }
}
