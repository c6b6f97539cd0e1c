// The OpenAI chat completions dialect: requests, whole replies and errors (providers.md 1.4, 1.6).
internal import Encoding

/// Chat completions, as OpenAI and the many servers compatible with it speak them.
struct OpenAIDialect: Dialect {
    func path(below basePath: String) -> String { "/chat/completions" }

    func assembler() -> any StreamAssembler { OpenAIStream() }

    func body(
        of conversation: Conversation, model: ModelName, capabilities: ModelCapabilities, settings: ProviderSettings
    ) throws(RequestFault) -> JSON {
        let turns = conversation.joinedTurns(for: model)
        guard let first = turns.first, first.role == .user else { throw .empty }
        // One message: the chat templates of many servers take instructions only once, and only first.
        let system = conversation.system.map(\.text).filter { !$0.isEmpty }.joined(separator: "\n\n")
        var messages: [JSON] = []
        if !system.isEmpty {
            messages.append(["role": .string(capabilities.systemRole.rawValue), "content": .string(system)])
        }
        for turn in turns { messages += turn.role == .user ? Self.userMessages(turn) : [Self.assistantMessage(turn)] }
        let limit = min(conversation.maximumOutputTokens, capabilities.maximumOutput)
        var body: JSONObject = [
            "model": .string(model.model), "messages": .array(messages),
            capabilities.outputLimitName.rawValue: .integer(Int64(limit)),
        ]
        if !conversation.tools.isEmpty {
            body["tools"] = .array(conversation.tools.map(Self.tool))
            if !conversation.toolUseAllowed { body["tool_choice"] = "none" }
        }
        if settings.streams {
            body["stream"] = true
            body["stream_options"] = ["include_usage": true]
        }
        return .object(body)
    }

    private static func tool(_ tool: ToolDeclaration) -> JSON {
        [
            "type": "function",
            "function": [
                "name": .string(tool.name), "description": .string(tool.description), "parameters": tool.inputSchema,
            ],
        ]
    }

    /// One message for each tool result, before the words.
    private static func userMessages(_ turn: Turn) -> [JSON] {
        var messages: [JSON] = []
        var texts: [String] = []
        for block in turn.blocks {
            switch block {
            case .toolResult(let id, let content, let isError):
                // The form has no mark for errors, so the words carry it.
                messages.append([
                    "role": "tool", "tool_call_id": .string(id),
                    "content": .string(isError ? "Error: \(content)" : content),
                ])
            case .text(let text): texts.append(text)
            case .toolUse, .opaque: break
            }
        }
        if !texts.isEmpty { messages.append(["role": "user", "content": .string(texts.joined(separator: "\n\n"))]) }
        return messages
    }

    private static func assistantMessage(_ turn: Turn) -> JSON {
        var texts: [String] = []
        var calls: [JSON] = []
        for block in turn.blocks {
            switch block {
            case .text(let text): texts.append(text)
            case .toolUse(let use):
                // Servers parse these again, so what is no object goes back as none; the error result says why.
                let arguments: JSONObject = if case .object(let object) = use.arguments { object } else { [:] }
                calls.append([
                    "id": .string(use.id), "type": "function",
                    "function": [
                        "name": .string(use.name),
                        "arguments": .string(String(decoding: JSON.object(arguments).serialized(), as: UTF8.self)),
                    ],
                ])
            case .toolResult, .opaque: break
            }
        }
        var message: JSONObject = [
            "role": "assistant", "content": texts.isEmpty ? .null : .string(texts.joined(separator: "\n\n")),
        ]
        if !calls.isEmpty { message["tool_calls"] = .array(calls) }
        return .object(message)
    }

    func reply(from body: JSON) throws(WireFault) -> WireReply {
        if body["error"]?.object != nil { throw .providerError(errorWords(in: body)) }
        guard let choice = body["choices"]?[0], let message = choice["message"]?.object else {
            throw .malformed(.missing("choices"))
        }
        var draft = OpenAIReplyDraft()
        draft.begin(body)
        try draft.take(message)
        draft.finishReason = choice["finish_reason"]?.string
        draft.count(body["usage"])
        return try draft.whole()
    }

    func errorWords(in body: JSON) -> ErrorWords {
        ErrorWords(kind: body["error"]?["type"]?.string, code: body["error"]?["code"]?.string)
    }
}
