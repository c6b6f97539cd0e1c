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
        let isLong = capabilities.cacheMinimum.map { TokenEstimate.inputTokens(of: conversation) >= $0 } ?? true
        // Another way of choosing tools makes another prefix of the messages: what was cached could not be read.
        let moves = conversation.carriesOn && conversation.toolUseAllowed && isLong
        let used = system.count(where: \.cacheBreakpoint) + (cachesTools ? 1 : 0)
        let places = moves ? Self.stableTurns(of: turns).prefix(Self.maximumBreakpoints - used) : []
        body["messages"] = .array(
            turns.enumerated().map { place, turn in
                // A bare nil would be the JSON null: JSON has a literal of its own for it.
                Self.message(turn, cache: places.contains(place) ? cache : Optional<JSON>.none)
            })
        if !conversation.tools.isEmpty {
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

    /// The turns whose end is worth a cache entry: the last that the house wrote, which the next request repeats; then
    /// the one before it where this request answers tool calls, because the request of that round ended there.
    ///
    /// A breakpoint finds older entries only so many blocks back (providers.md 1.2), hence the second.
    static func stableTurns(of turns: [Turn]) -> [Int] {
        let own = turns.indices.filter { turns[$0].role == .user }
        guard let last = own.last else { return [] }
        let answers = turns[last].blocks.contains { if case .toolResult = $0 { true } else { false } }
        return answers ? Array(own.suffix(2).reversed()) : [last]
    }

    /// A turn as a message; tool results come first in it, as the API demands.
    private static func message(_ turn: Turn, cache: JSON?) -> JSON {
        let results = turn.blocks.filter { if case .toolResult = $0 { true } else { false } }
        let others = turn.blocks.filter { if case .toolResult = $0 { false } else { true } }
        var blocks = (results + others).map(content)
        if let cache, let last = blocks.indices.last { blocks[last]["cache_control"] = cache }
        return ["role": .string(turn.role.rawValue), "content": .array(blocks)]
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
