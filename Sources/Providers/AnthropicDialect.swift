// The Anthropic Messages dialect: requests, whole replies and errors (providers.md 1.1, 1.2).
internal import Encoding

/// Anthropic Messages, without sampling parameters, prefill and forced tools, which newer models refuse.
struct AnthropicDialect: Dialect {
    /// The API's limit of cache breakpoints in a request.
    static let maximumBreakpoints = 4
    /// The most output that is asked for without streaming: more would take longer than ten minutes (providers.md 1.1).
    static let maximumUnstreamedOutput = 21_333

    func path(below basePath: String) -> String { basePath.hasSuffix("/v1") ? "/messages" : "/v1/messages" }

    func assembler() -> any StreamAssembler { AnthropicStream() }

    func body(
        of conversation: Conversation, model: ModelName, capabilities: ModelCapabilities, settings: ProviderSettings
    ) throws(RequestFault) -> JSON {
        let turns = conversation.joinedTurns(for: model)
        guard let first = turns.first, first.role == .user else { throw .empty }
        let system = conversation.system.filter { !$0.text.isEmpty }
        let cachesTools = conversation.cachesTools && !conversation.tools.isEmpty
        guard system.count(where: \.cacheBreakpoint) + (cachesTools ? 1 : 0) <= Self.maximumBreakpoints else {
            throw .tooManyBreakpoints(limit: Self.maximumBreakpoints)
        }
        let cache = Self.cacheControl(settings.cacheLifetime)
        let limit = settings.streams ? capabilities.maximumOutput : Self.maximumUnstreamedOutput
        var body: JSONObject = [
            "model": .string(model.model),
            "max_tokens": .integer(
                Int64(min(conversation.maximumOutputTokens, capabilities.maximumOutput, limit))),
        ]
        if !system.isEmpty {
            body["system"] = .array(
                system.map { block in
                    var object: JSONObject = ["type": "text", "text": .string(block.text)]
                    if block.cacheBreakpoint { object["cache_control"] = cache }
                    return .object(object)
                })
        }
        body["messages"] = .array(turns.map(Self.message))
        if !conversation.tools.isEmpty {
            // A bare nil would be the JSON null: JSON has a literal of its own for it.
            body["tools"] = Self.tools(conversation.tools, cache: cachesTools ? cache : Optional<JSON>.none)
            if !conversation.toolUseAllowed { body["tool_choice"] = ["type": "none"] }
        }
        if settings.streams { body["stream"] = true }
        return .object(body)
    }

    private static func cacheControl(_ lifetime: CacheLifetime) -> JSON {
        switch lifetime {
        case .fiveMinutes: ["type": "ephemeral"]
        case .oneHour: ["type": "ephemeral", "ttl": "1h"]
        }
    }

    private static func tools(_ tools: [ToolDeclaration], cache: JSON?) -> JSON {
        .array(
            tools.enumerated().map { index, tool in
                var object: JSONObject = [
                    "name": .string(tool.name), "description": .string(tool.description),
                    "input_schema": tool.inputSchema,
                ]
                if let cache, index == tools.count - 1 { object["cache_control"] = cache }
                return .object(object)
            })
    }

    /// A turn as a message; tool results come first in it, as the API demands.
    private static func message(_ turn: Turn) -> JSON {
        let results = turn.blocks.filter { if case .toolResult = $0 { true } else { false } }
        let others = turn.blocks.filter { if case .toolResult = $0 { false } else { true } }
        return ["role": .string(turn.role.rawValue), "content": .array((results + others).map(content))]
    }

    private static func content(_ block: Block) -> JSON {
        switch block {
        case .text(let text): return ["type": "text", "text": .string(text)]
        case .opaque(let value): return value
        case .toolUse(let use):
            // The API takes only objects back; what the model wrote instead stands in the error result.
            let input: JSONObject = if case .object(let object) = use.arguments { object } else { [:] }
            return ["type": "tool_use", "id": .string(use.id), "name": .string(use.name), "input": .object(input)]
        case .toolResult(let id, let content, let isError):
            var object: JSONObject = [
                "type": "tool_result", "tool_use_id": .string(id), "content": .string(content),
            ]
            if isError { object["is_error"] = true }
            return .object(object)
        }
    }

    func reply(from body: JSON) throws(WireFault) -> WireReply {
        if body["type"]?.string == "error" { throw .providerError(errorWords(in: body)) }
        guard body["type"]?.string == "message", let content = body["content"]?.array else {
            throw .malformed(.missing("content"))
        }
        var draft = AnthropicReplyDraft()
        draft.begin(body)
        draft.stop(body["stop_reason"])
        guard content.count <= Wire.maximumBlocks else {
            throw .malformed(.tooManyBlocks(limit: Wire.maximumBlocks))
        }
        for value in content {
            guard let object = value.object else { throw .malformed(.missing("content.type")) }
            var block = try AnthropicBlockDraft(starting: object)
            block.isClosed = true
            draft.blocks.append(block)
        }
        return try draft.whole()
    }

    func errorWords(in body: JSON) -> ErrorWords {
        ErrorWords(
            kind: body["error"]?["type"]?.string,
            code: body["error"]?["details"]?["error_code"]?.string ?? body["error"]?["code"]?.string)
    }
}
