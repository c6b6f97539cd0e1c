// What is sent: the bodies of both dialects, beside what the providers' own SDKs send (samples/captured).
import Encoding
import Providers
import TestSupport
import Testing

private let getTime = ToolDeclaration(
    name: "get_time", description: "d",
    inputSchema: ["type": "object", "properties": ["tz": ["type": "string"]], "required": ["tz"]])

private func body(
    _ conversation: Conversation, _ name: String, _ change: (inout ProviderSettings) -> Void = { _ in }
) async throws -> JSON {
    let name = model(name)
    var settings = ProviderSettings(
        name: name.provider, dialect: name.provider == "openai" ? .openai : .anthropic, key: .absent)
    settings.streams = false
    change(&settings)
    let bench = try Bench([settings])
    let body = try JSON.parse(try bench.router.requestBody(of: conversation, for: name).bytes)
    await bench.close()
    return body
}

private func streamedBody(_ conversation: Conversation) async throws -> JSON {
    try await body(conversation, "anthropic/claude-sonnet-5-5") { $0.streams = true }
}

/// The body of a request in a file of captured ones.
private func captured(_ line: String) throws -> JSON {
    let text = try SharedData.text("samples/captured/sdk-requests-2026-11-21.txt")
    let section = text.split(separator: "==== ").first { $0.hasPrefix(line + "\n") }
    let json = section?.split(separator: "\n").first { $0.hasPrefix("{") }
    return try JSON.parse(Array((json ?? "null").utf8))
}

@Suite struct RequestBodyTests {
    @Test(.enabled(if: SharedData.isPresent, "the shared samples are not beside the checkout"))
    func theSDKsSendTheSame() async throws {
        var conversation = hello
        conversation.system = [SystemBlock(text: "S", cacheBreakpoint: true)]
        conversation.tools = [getTime]
        var expected = try captured("POST /v1/messages")
        // We always send content as blocks; the API takes a string for one text block.
        expected["messages"] = [["role": "user", "content": [["type": "text", "text": "hi"]]]]
        #expect(try await body(conversation, "anthropic/claude-sonnet-5-5") { $0.cacheLifetime = .oneHour } == expected)

        conversation.tools = [
            ToolDeclaration(name: "get_time", description: "", inputSchema: ["type": "object", "properties": [:]])
        ]
        var completion = try captured("POST /v1/chat/completions")
        completion["tools"] = [
            [
                "type": "function",
                "function": [
                    "name": "get_time", "description": "", "parameters": ["type": "object", "properties": [:]],
                ],
            ]
        ]
        #expect(try await body(conversation, "openai/gpt-6-luna") == completion)
    }

    private static let toolLoop = Conversation(
        system: [SystemBlock(text: "P", cacheBreakpoint: true), SystemBlock(text: "own")],
        turns: [
            Turn(role: .user, blocks: [.text("day")]),
            Turn(
                role: .assistant,
                blocks: [
                    .opaque(["type": "thinking", "thinking": "t", "signature": "s"]), .text("I look."),
                    .toolUse(ToolUse(id: "a", name: "get_time", arguments: .object(["tz": "CET"]))),
                    .toolUse(ToolUse(id: "b", name: "get_time", arguments: .unparsable("{tz"))),
                ], model: model("anthropic/claude-sonnet-5-5")),
            Turn(role: .user, blocks: [.text("conclude now"), .toolResult(id: "a", content: "12", isError: false)]),
            Turn(role: .user, blocks: [.toolResult(id: "b", content: "no JSON", isError: true)]),
        ], tools: [getTime], maximumOutputTokens: 500_000, toolUseAllowed: false)

    @Test(arguments: ["anthropic/claude-sonnet-5-5", "openai/gpt-6-luna"])
    func aLaterRequestBeginsWithWhatWasWrittenBefore(name: String) async throws {
        let receiver = model(name)
        let bench = try Bench([
            ProviderSettings(
                name: receiver.provider, dialect: receiver.provider == "openai" ? .openai : .anthropic, key: .absent)
        ])
        var conversation = Self.toolLoop
        let later = conversation.turns.dropFirst()
        conversation.turns =
            [
                Turn(role: .user, blocks: [.text("before")]),
                Turn(role: .assistant, blocks: [.quoted(JSONText("\"so\""))]),
            ] + conversation.turns.prefix(1)
        conversation.closeOpening()
        let first = try bench.router.requestBody(of: conversation, for: receiver)
        #expect(first.openingCount > 0 && first.openingCount < first.bytes.count)
        conversation.turns += later
        let whole = try bench.router.requestBody(of: conversation, for: receiver)
        conversation.written = WrittenOpening(first, for: receiver)
        let continued = try bench.router.requestBody(of: conversation, for: receiver)
        #expect(continued == whole)
        #expect(whole.bytes.prefix(whole.openingCount) == first.bytes.prefix(first.openingCount))
        // What was written for one model is nothing to another, and a turn that goes on with the opening's last is
        // one message with it.
        conversation.written = WrittenOpening(first, for: model("other/one"))
        #expect(try bench.router.requestBody(of: conversation, for: receiver) == whole)
        conversation.turns.insert(Turn(role: .user, blocks: [.text("more")]), at: conversation.openingTurns)
        conversation.written = WrittenOpening(first, for: receiver)
        #expect(try bench.router.requestBody(of: conversation, for: receiver).openingCount == 0)
        await bench.close()
    }

    @Test func anthropicPutsToolResultsFirstInOneUserMessage() async throws {
        let body = try await body(Self.toolLoop, "anthropic/claude-sonnet-5-5")
        #expect(
            body["messages"] == [
                ["role": "user", "content": [["type": "text", "text": "day"]]],
                [
                    "role": "assistant",
                    "content": [
                        ["type": "thinking", "thinking": "t", "signature": "s"], ["type": "text", "text": "I look."],
                        ["type": "tool_use", "id": "a", "name": "get_time", "input": ["tz": "CET"]],
                        ["type": "tool_use", "id": "b", "name": "get_time", "input": [:]],
                    ],
                ],
                [
                    "role": "user",
                    "content": [
                        ["type": "tool_result", "tool_use_id": "a", "content": "12"],
                        ["type": "tool_result", "tool_use_id": "b", "content": "no JSON", "is_error": true],
                        ["type": "text", "text": "conclude now"],
                    ],
                ],
            ])
        #expect(
            body["system"] == [
                ["type": "text", "text": "P", "cache_control": ["type": "ephemeral"]], ["type": "text", "text": "own"],
            ])
        #expect(body["tool_choice"] == ["type": "none"])
        #expect(body["max_tokens"] == 21_333, "lowered to what comes within ten minutes, unstreamed")
        let streamed = try await streamedBody(Self.toolLoop)
        #expect(streamed["max_tokens"] == 128_000, "lowered to what the model can do")
        #expect(body["temperature"] == nil && body["stream"] == nil)
    }

    @Test func whatWillBeRepeatedIsCachedUpToItsEnd() async throws {
        let long = String(repeating: "A long day. ", count: 300)
        var conversation = Self.toolLoop
        conversation.toolUseAllowed = true
        conversation.carriesOn = true
        conversation.turns[0] = Turn(role: .user, blocks: [.text(long)])
        func marks(_ conversation: Conversation, _ name: String = "anthropic/claude-sonnet-5-5") async throws
            -> [String]
        {
            let body = try await body(conversation, name)
            var marks = (body["tools"]?.array ?? []).enumerated().compactMap { place, tool in
                tool["cache_control"] == nil ? nil : "tool \(place)"
            }
            for (place, block) in (body["system"]?.array ?? []).enumerated() where block["cache_control"] != nil {
                marks.append("system \(place)")
            }
            for (place, turn) in (body["messages"]?.array ?? []).enumerated() {
                for (index, block) in (turn["content"]?.array ?? []).enumerated() where block["cache_control"] != nil {
                    #expect(index == (turn["content"]?.array ?? []).count - 1, "at the end of a message")
                    #expect(block["type"] != "thinking", "the API refuses it there")
                    marks.append("message \(place)")
                }
            }
            return marks
        }
        #expect(try await marks(conversation) == ["system 0", "message 0", "message 2"])
        var first = conversation
        first.turns = [conversation.turns[0]]
        #expect(try await marks(first) == ["system 0", "message 0"], "what round two will read, round one writes")
        var crowded = conversation
        crowded.cachesTools = true
        crowded.system[1].cacheBreakpoint = true
        #expect(try await marks(crowded) == ["tool 0", "system 0", "system 1", "message 2"], "four, the newest first")
        var last = conversation
        last.toolUseAllowed = false
        #expect(try await marks(last) == ["system 0"], "another tool choice reads nothing of the messages")
        var short = conversation
        short.turns[0] = Turn(role: .user, blocks: [.text("day")])
        #expect(try await marks(short, "anthropic/claude-haiku-4-5") == ["system 0"], "under 4096 nothing is cached")
        // The next round repeats this one byte for byte, but for the marks themselves.
        let (one, two) = (
            try await body(first, "anthropic/claude-sonnet-5-5"),
            try await body(conversation, "anthropic/claude-sonnet-5-5")
        )
        #expect(one["system"] == two["system"] && one["tools"] == two["tools"])
        #expect(one["messages"]?[0] == two["messages"]?[0])
    }

    @Test func openAIAnswersEachCallWithAMessageOfItsOwn() async throws {
        let body = try await body(Self.toolLoop, "openai/qwen3") { $0.streams = true }
        #expect(
            body["messages"] == [
                ["role": "system", "content": "P\n\nown"], ["role": "user", "content": "day"],
                [
                    "role": "assistant", "content": "I look.",
                    "tool_calls": [
                        [
                            "id": "a", "type": "function",
                            "function": ["name": "get_time", "arguments": #"{"tz":"CET"}"#],
                        ],
                        ["id": "b", "type": "function", "function": ["name": "get_time", "arguments": "{}"]],
                    ],
                ],
                ["role": "tool", "tool_call_id": "a", "content": "12"],
                ["role": "tool", "tool_call_id": "b", "content": "Error: no JSON"],
                ["role": "user", "content": "conclude now"],
            ])
        #expect(body["max_tokens"] == 4_096, "an unknown model is asked for no more than its assumed limit")
        #expect(body["stream_options"] == ["include_usage": true])
        #expect(body["tool_choice"] == "none")
    }

    @Test func anotherModelGetsNoOpaqueBlocks() async throws {
        let body = try await body(Self.toolLoop, "anthropic/claude-opus-5-5")
        #expect(body["messages"]?[1]?["content"]?[0] == ["type": "text", "text": "I look."])
    }

    @Test func emptyTurnsAndBlankTextsAreLeftOut() async throws {
        var conversation = hello
        conversation.turns += [
            Turn(role: .assistant, blocks: []), Turn(role: .assistant, blocks: [.text(" \n")]),
            Turn(role: .user, blocks: [.text("again")]),
        ]
        let body = try await body(conversation, "anthropic/claude-sonnet-5-5")
        #expect(
            body["messages"] == [
                [
                    "role": "user", "content": [["type": "text", "text": "hi"], ["type": "text", "text": "again"]],
                ]
            ])
    }

    @Test func theLastToolMayBeABreakpointAndFiveAreTooMany() async throws {
        var conversation = hello
        conversation.tools = [getTime, getTime]
        conversation.cachesTools = true
        let sent = try await body(conversation, "anthropic/claude-sonnet-5-5")
        #expect(sent["tools"]?[0]?["cache_control"] == nil)
        #expect(sent["tools"]?[1]?["cache_control"] == ["type": "ephemeral"])
        conversation.system = (0..<4).map { SystemBlock(text: "\($0)", cacheBreakpoint: true) }
        await #expect(throws: ProviderError.invalidRequest(.tooManyBreakpoints(limit: 4))) {
            try await body(conversation, "anthropic/claude-sonnet-5-5")
        }
    }

    @Test func whatCannotBeAskedIsRefusedBeforeItIsSent() async throws {
        var silent = hello
        silent.turns = [Turn(role: .assistant, blocks: [.text("first")])]
        var mute = hello
        mute.maximumOutputTokens = 0
        for (conversation, fault) in [(silent, RequestFault.empty), (mute, .noOutput)] {
            await #expect(throws: ProviderError.invalidRequest(fault)) {
                try await body(conversation, "anthropic/claude-sonnet-5-5")
            }
        }
    }

    @Test func theSameConversationIsTheSameBytes() async throws {
        let bench = try Bench([ProviderSettings(name: "anthropic", dialect: .anthropic, key: .absent)])
        let name = model("anthropic/claude-sonnet-5-5")
        #expect(
            try bench.router.requestBody(of: Self.toolLoop, for: name)
                == bench.router.requestBody(of: Self.toolLoop, for: name))
        await bench.close()
    }
}
