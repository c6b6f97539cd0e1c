// The rules of both streams, one broken at a time (providers.md 1.1, 1.4, 1.6).
import Encoding
import HTTPServer
import Providers
import Testing

/// What a stream of these data lines comes out as.
private func read(_ lines: [String], _ dialect: DialectName) async throws -> Result<Reply, ProviderError> {
    let fake = try FakeProvider(.events(lines.map { "data: \($0)\n\n" }.joined()))
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

private func malformed(_ reason: MalformedReply) -> Result<Reply, ProviderError> {
    .failure(.malformed(reason, requestID: nil))
}

private let start = #"{"type":"message_start","message":{"model":"m","usage":{"input_tokens":1,"output_tokens":1}}}"#
private let stop = #"{"type":"message_stop"}"#
private func end(_ reason: String) -> String {
    #"{"type":"message_delta","delta":{"stop_reason":"\#(reason)"},"usage":{"output_tokens":2}}"#
}
private func open(_ index: Int, _ block: String) -> String {
    #"{"type":"content_block_start","index":\#(index),"content_block":\#(block)}"#
}
private func delta(_ index: Int, _ delta: String) -> String {
    #"{"type":"content_block_delta","index":\#(index),"delta":\#(delta)}"#
}
private func close(_ index: Int) -> String {
    #"{"type":"content_block_stop","index":\#(index)}"#
}
private func call(_ id: String, _ name: String = "t") -> String {
    #"{"type":"tool_use","id":"\#(id)","name":"\#(name)","input":{}}"#
}
private func json(_ part: String) -> String {
    #"{"type":"input_json_delta","partial_json":"\#(part)"}"#
}

@Suite struct AnthropicStreamRuleTests {
    @Test func aStreamOutOfOrderIsNoReply() async throws {
        let text = #"{"type":"text","text":"x"}"#
        for lines in [
            [start, start, stop], [start, open(1, text), stop],
            [start, delta(0, #"{"type":"text_delta","text":"x"}"#)],
            [start, open(0, text), close(0), close(0)], [start, open(0, text), close(0), delta(0, "{}")],
            [start, open(0, text), open(0, text)], [start, close(-1)], [start, close(9)],
        ] {
            #expect(try await read(lines, .anthropic) == malformed(.eventOrder), "\(lines)")
        }
    }

    @Test func whatIsUnknownIsNeverSuccess() async throws {
        #expect(
            try await read([start, end("compaction"), stop], .anthropic)
                == malformed(.unknownValue(of: "stop_reason")))
        #expect(
            try await read([start, end("content_filter"), stop], .anthropic)
                == malformed(.unknownValue(of: "stop_reason")), "our own word is none of theirs")
        #expect(try await read([start, stop], .anthropic) == malformed(.missing("stop_reason")))
        #expect(
            try await read(
                [start, open(0, #"{"type":"text","text":""}"#), delta(0, #"{"type":"hint_delta"}"#)], .anthropic)
                == malformed(.unknownValue(of: "delta.type")))
    }

    @Test func anOpenBlockIsTruncatedUnlessTheReasonSaysSo() async throws {
        let lines = [start, open(0, #"{"type":"text","text":"half"}"#)]
        #expect(try await read(lines + [end("end_turn"), stop], .anthropic) == malformed(.truncated))
        let cut = try await read(lines + [end("max_tokens"), stop], .anthropic).get()
        #expect(cut.blocks == [.text("half")] && cut.stop == .maximumTokens)
    }

    @Test func argumentsAreExecutedOnlyWhole() async throws {
        func arguments(_ lines: [String], _ reason: String = "tool_use") async throws -> ToolArguments? {
            try await read([start, open(0, call("a"))] + lines + [end(reason), stop], .anthropic).get()
                .toolUses.first?.arguments
        }
        #expect(try await arguments([delta(0, json("")), close(0)]) == .object([:]), "empty means none")
        #expect(try await arguments([close(0)]) == .object([:]))
        #expect(try await arguments([delta(0, json("[1]")), close(0)]) == .unparsable("[1]"))
        #expect(try await arguments([delta(0, json("null")), close(0)]) == .unparsable("null"))
        // Cut at its very beginning, a call of self_delete would look like one without arguments.
        #expect(try await arguments([], "max_tokens") == .unparsable(""))
        #expect(try await arguments([close(0)], "max_tokens") == .unparsable(""))
        #expect(try await arguments([delta(0, json("{}"))], "max_tokens") == .unparsable("{}"))
        #expect(try await arguments([], "model_context_window_exceeded") == .unparsable(""))
    }

    @Test func callsNeedAnIDAndANameOfTheirOwn() async throws {
        for (block, field) in [(call(""), "tool_use.id"), (call("a", ""), "tool_use.name")] {
            #expect(
                try await read([start, open(0, block), close(0), end("tool_use"), stop], .anthropic)
                    == malformed(.missing(field)))
        }
        let twice = [start, open(0, call("a")), close(0), open(1, call("a", "u")), close(1), end("tool_use"), stop]
        #expect(try await read(twice, .anthropic) == malformed(.duplicateToolID))
    }

    @Test func thinkingIsKeptVerbatimAndSentBack() async throws {
        let lines = [
            start, open(0, #"{"type":"thinking","thinking":"","signature":""}"#),
            delta(0, #"{"type":"thinking_delta","thinking":"let me "}"#),
            delta(0, #"{"type":"thinking_delta","thinking":"see"}"#),
            delta(0, #"{"type":"signature_delta","signature":"EqQ="}"#), close(0),
            open(1, #"{"type":"redacted_thinking","data":"zzz"}"#), close(1), open(2, call("a")), close(2),
            end("tool_use"), stop,
        ]
        let reply = try await read(lines, .anthropic).get()
        #expect(
            reply.blocks == [
                .opaque(["type": "thinking", "thinking": "let me see", "signature": "EqQ="]),
                .opaque(["type": "redacted_thinking", "data": "zzz"]),
                .toolUse(ToolUse(id: "a", name: "t", arguments: .object([:]))),
            ])
        #expect(Reply(json: reply.json) == reply)
    }

    @Test func aRefusalCountsWhateverWasSaid() async throws {
        let lines = [start, open(0, call("a")), close(0), end("refusal"), stop]
        let reply = try await read(lines, .anthropic).get()
        #expect(reply.stop == .refusal && reply.blocks.isEmpty, "nothing of a refused reply is acted upon")
    }

    @Test func countsThatAreNoneAreEstimated() async throws {
        let usage = #"{"input_tokens":-5,"output_tokens":"many"}"#
        let odd = #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":\#(usage)}"#
        let reply = try await read([start, odd, stop], .anthropic).get()
        #expect(reply.usageIsEstimated && reply.usage.input >= TokenEstimate.inputTokens(of: hello))
    }

    @Test func endlessBlocksAreRefused() async throws {
        var lines = [start]
        for index in 0...1_000 { lines += [open(index, #"{"type":"text","text":"x"}"#), close(index)] }
        #expect(try await read(lines, .anthropic) == malformed(.tooManyBlocks(limit: 1_000)))
    }
}

private func chunk(_ delta: String, finish: String = "null") -> String {
    #"{"id":"c1","model":"m","choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(finish)}]}"#
}
private func toolDelta(_ fields: String) -> String {
    #"{"tool_calls":[{\#(fields)}]}"#
}

@Suite struct OpenAIStreamRuleTests {
    @Test func theQuirksOfServersAreRead() async throws {
        // vLLM: "" for no arguments, finish_reason stop after calls; LiteLLM: a usage chunk with choices and extras.
        let lines = [
            chunk(#"{"role":"assistant","content":null,"tool_calls":null,"function_call":null}"#),
            chunk(toolDelta(#""index":0,"id":"a","type":"function","function":{"name":"t","arguments":""}"#)),
            chunk(toolDelta(#""index":1,"id":"b","function":{"name":"u","arguments":"{\"x\":"}"#)),
            chunk(toolDelta(#""index":1,"id":"b","function":{"name":"u","arguments":"1}"}"#)),
            chunk("{}", finish: #""stop""#),
            #"{"choices":[{"index":0,"delta":{}}],"usage":{"prompt_tokens":5,"completion_tokens":2},"cost":0.1}"#,
            "[DONE]", "whatever follows",
        ]
        let reply = try await read(lines, .openai).get()
        #expect(
            reply.toolUses == [
                ToolUse(id: "a", name: "t", arguments: .object([:])),
                ToolUse(id: "b", name: "u", arguments: .object(["x": 1])),
            ])
        #expect(reply.stop == .toolUse)
        #expect(reply.usage == TokenUsage(input: 5, output: 2) && !reply.usageIsEstimated)
    }

    @Test func callsWithoutIndexOrIDAreToldApart() async throws {
        let lines = [
            chunk(#"{"tool_calls":[{"id":"a","function":{"name":"t","arguments":{"x":1}}}]}"#),
            chunk(#"{"tool_calls":[{"id":"b","function":{"name":"t","arguments":"{}"}}]}"#), "[DONE]",
        ]
        #expect(
            try await read(lines, .openai).get().toolUses == [
                ToolUse(id: "a", name: "t", arguments: .object(["x": 1])),
                ToolUse(id: "b", name: "t", arguments: .object([:])),
            ])
        let nameless = [
            chunk(
                #"{"tool_calls":[{"function":{"name":"t","arguments":"{}"}},"#
                    + #"{"function":{"name":"u","arguments":"{}"}}]}"#
            ),
            "[DONE]",
        ]
        let uses = try await read(nameless, .openai).get().toolUses
        #expect(uses.map(\.name) == ["t", "u"])
        #expect(Set(uses.map(\.id)).count == 2 && uses.allSatisfy { !$0.id.isEmpty })
    }

    @Test func aStreamEndsByItsReasonOrItsMark() async throws {
        #expect(
            try await read([chunk(#"{"content":"x"}"#, finish: #""stop""#)], .openai).get().stop == .endTurn)
        #expect(try await read([chunk(#"{"content":"x"}"#), "[DONE]"], .openai).get().stop == .endTurn)
        #expect(try await read([chunk(#"{"content":"x"}"#)], .openai) == malformed(.truncated))
        #expect(try await read(["[DONE]"], .openai) == malformed(.missing("finish_reason")))
        #expect(
            try await read([chunk("{}", finish: #""whim""#), "[DONE]"], .openai)
                == malformed(.unknownValue(of: "finish_reason")))
    }

    @Test func reasonsAreMapped() async throws {
        for (reason, stop) in [("length", StopReason.maximumTokens), ("content_filter", .contentFilter)] {
            let reply = try await read([chunk(#"{"content":"x"}"#, finish: #""\#(reason)""#), "[DONE]"], .openai).get()
            #expect(reply.stop == stop)
        }
        let refusal = try await read(
            [chunk(#"{"refusal":"I will not"}"#), chunk("{}", finish: #""stop""#), "[DONE]"], .openai
        ).get()
        #expect(refusal.stop == .refusal && refusal.blocks.isEmpty)
    }

    @Test func mixedUpCallsAreRefused() async throws {
        let first = chunk(toolDelta(#""index":0,"id":"a","function":{"name":"t","arguments":"{}"}"#))
        let otherName = chunk(toolDelta(#""index":0,"id":"a","function":{"name":"u"}"#))
        #expect(try await read([first, otherName, "[DONE]"], .openai) == malformed(.conflictingToolName))
        let otherID = chunk(toolDelta(#""index":0,"id":"b","function":{}"#))
        #expect(try await read([first, otherID, "[DONE]"], .openai) == malformed(.duplicateToolID))
        let sameID = chunk(toolDelta(#""index":1,"id":"a","function":{"name":"t","arguments":"{}"}"#))
        #expect(try await read([first, sameID, "[DONE]"], .openai) == malformed(.duplicateToolID))
        let unnamed = chunk(toolDelta(#""index":0,"id":"a","function":{"arguments":"{}"}"#))
        #expect(
            try await read([unnamed, "[DONE]"], .openai) == malformed(.missing("tool_calls.function.name")))
        let far = chunk(toolDelta(#""index":1000,"id":"a","function":{"name":"t"}"#))
        #expect(try await read([far, "[DONE]"], .openai) == malformed(.tooManyBlocks(limit: 1_000)))
    }

    @Test func aCallCutAtItsBeginningIsNotOneWithoutArguments() async throws {
        let lines = [
            chunk(toolDelta(#""index":0,"id":"a","function":{"name":"self_delete","arguments":""}"#)),
            chunk("{}", finish: #""length""#), "[DONE]",
        ]
        #expect(try await read(lines, .openai).get().toolUses.map(\.arguments) == [.unparsable("")])
    }
}
