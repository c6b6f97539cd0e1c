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
    ) throws(RequestFault) -> WrittenBody {
        let messages = conversation.messages(for: model)
        guard messages.all.first?.role == .user else { throw .empty }
        let cachesTools = conversation.cachesTools && !conversation.tools.isEmpty
        let breakpoints = conversation.system.count { !$0.text.isEmpty && $0.cacheBreakpoint }
        guard breakpoints + (cachesTools ? 1 : 0) <= Self.maximumBreakpoints else {
            throw .tooManyBreakpoints(limit: Self.maximumBreakpoints)
        }
        let cache = Self.cacheControl(settings.cacheLifetime)
        let isLong = capabilities.cacheMinimum.map { TokenEstimate.inputTokens(of: conversation) >= $0 } ?? true
        // Another way of choosing tools makes another prefix of the messages: what was cached could not be read.
        let moves = conversation.carriesOn && conversation.toolUseAllowed && isLong
        let used = breakpoints + (cachesTools ? 1 : 0)
        let places = moves ? messages.stable.prefix(Self.maximumBreakpoints - used) : []
        func mark(_ place: Int) -> CacheControl? { places.contains(place) ? cache : nil }
        var json = JSONStreamWriter(messages, of: conversation)
        var openingCount = 0
        var next = 0
        if messages.written != nil {
            closeMessage(mark: mark(0), to: &json)
            next = 1
        } else {
            json.openObject()
            json.key("model")
            json.string(model.model)
            writeSystem(of: conversation, cache: cache, to: &json)
            json.key("messages")
            json.openArray()
        }
        for place in next..<messages.all.count {
            if let end = write(messages[place], for: model, mark: mark(place), to: &json),
                place + 1 == messages.opening
            {
                openingCount = end
            }
        }
        let bytes = finish(&json, conversation, capabilities, settings, toolCache: cachesTools ? cache : nil)
        if let written = messages.written { return WrittenBody(opening: written, rest: bytes[...]) }
        return WrittenBody(bytes, openingCount: openingCount)
    }

    /// The instructions; first in a body, since no round changes them.
    private func writeSystem(of conversation: Conversation, cache: CacheControl, to json: inout JSONStreamWriter) {
        guard conversation.system.contains(where: { !$0.text.isEmpty }) else { return }
        json.key("system")
        json.openArray()
        for block in conversation.system where !block.text.isEmpty {
            json.openObject()
            json.key("type")
            json.word("text")
            json.key("text")
            json.string(block.text)
            if block.cacheBreakpoint { cache.write(to: &json) }
            json.closeObject()
        }
        json.closeArray()
    }

    /// Everything behind the messages.
    private func finish(
        _ json: inout JSONStreamWriter, _ conversation: Conversation, _ capabilities: ModelCapabilities,
        _ settings: ProviderSettings, toolCache: CacheControl?
    ) -> [UInt8] {
        json.closeArray()
        let limit = settings.streams ? capabilities.maximumOutput : Self.maximumUnstreamedOutput
        json.key("max_tokens")
        json.integer(min(conversation.maximumOutputTokens, capabilities.maximumOutput, limit))
        if let last = conversation.tools.indices.last {
            json.key("tools")
            json.openArray()
            for (index, tool) in conversation.tools.enumerated() {
                json.openObject()
                json.key("name")
                json.string(tool.name)
                json.key("description")
                json.string(tool.description)
                json.key("input_schema")
                json.written(tool.schema)
                if let toolCache, index == last { toolCache.write(to: &json) }
                json.closeObject()
            }
            json.closeArray()
            if !conversation.toolUseAllowed {
                json.key("tool_choice")
                json.value(["type": "none"])
            }
        }
        if settings.streams {
            json.key("stream")
            json.bool(true)
        }
        json.closeObject()
        return json.bytes
    }

    /// The mark of a cache breakpoint.
    private struct CacheControl {
        let isLong: Bool

        func write(to json: inout JSONStreamWriter) {
            json.key("cache_control")
            json.openObject()
            json.key("type")
            json.word("ephemeral")
            if isLong {
                json.key("ttl")
                json.word("1h")
            }
            json.closeObject()
        }
    }

    private static func cacheControl(_ lifetime: CacheLifetime) -> CacheControl {
        switch lifetime {
        case .fiveMinutes: CacheControl(isLong: false)
        case .oneHour: CacheControl(isLong: true)
        }
    }

    /// A message; tool results come first in it, as the API demands.
    ///
    /// Returns where its last block ends, but for a mark that may follow; nil where the message does not end in words.
    private func write(
        _ message: ArraySlice<Turn>, for model: ModelName, mark: CacheControl?, to json: inout JSONStreamWriter
    ) -> Int? {
        guard let first = message.first else { return nil }
        if message.count == 1, first.blocks.count == 1, case .quoted(let text) = first.blocks[0] {
            // Most of a context is the resident's past, a text a message.
            Self.open(text, said: first.role, to: &json)
            let last = json.count
            closeMessage(mark: mark, to: &json)
            return last
        }
        json.openObject()
        json.key("role")
        json.string(first.role.rawValue)
        json.key("content")
        json.openArray()
        var isOpen = false
        var last: Int?
        for isResult in [true, false] {
            message.forEachBlock(for: model) { block in
                if case .toolResult = block { guard isResult else { return } } else { guard !isResult else { return } }
                if isOpen { json.closeObject() }
                isOpen = Self.write(block, to: &json)
                last = block.isWords ? json.count : nil
            }
        }
        if isOpen {
            closeMessage(mark: mark, to: &json)
        } else {
            json.closeArray()
            json.closeObject()
        }
        return last
    }

    /// Closes the last block of a message, and the message.
    private func closeMessage(mark: CacheControl?, to json: inout JSONStreamWriter) {
        mark?.write(to: &json)
        json.closeObject()
        json.closeArray()
        json.closeObject()
    }

    /// Writes a message of one text but for the closing brackets of the block and of the message.
    private static func open(_ text: JSONText, said role: Turn.Role, to json: inout JSONStreamWriter) {
        switch role {
        case .user: json.openText(after: #"{"role":"user","content":[{"type":"text","text":"#)
        case .assistant: json.openText(after: #"{"role":"assistant","content":[{"type":"text","text":"#)
        }
        json.piece(text)
        json.closeText()
    }

    /// Writes a block but for its closing bracket; false where it is written whole.
    private static func write(_ block: Block, to json: inout JSONStreamWriter) -> Bool {
        if case .opaque(let value) = block {
            json.value(value)
            return false
        }
        json.openObject()
        json.key("type")
        switch block {
        case .text(let text):
            json.word("text")
            json.key("text")
            json.string(text)
        case .quoted(let text):
            json.word("text")
            json.key("text")
            json.text(text)
        case .toolUse(let use):
            json.word("tool_use")
            json.key("id")
            json.string(use.id)
            json.key("name")
            json.string(use.name)
            json.key("input")
            // The API takes only objects back; what the model wrote instead stands in the error result.
            if case .object(let object) = use.arguments { json.value(.object(object)) } else { json.value([:]) }
        case .toolResult(let id, let content, let isError):
            json.word("tool_result")
            json.key("tool_use_id")
            json.string(id)
            json.key("content")
            json.string(content)
            if isError {
                json.key("is_error")
                json.bool(true)
            }
        case .opaque: break
        }
        return true
    }

    func reply(from body: JSON) throws(WireFault) -> WireReply {
        if body["type"]?.string == "error" { throw .providerError(errorWords(in: body)) }
        guard body["type"]?.string == "message", let content = body["content"]?.array else {
            throw .malformed(.missing("content"))
        }
        var draft = AnthropicReplyDraft()
        draft.begin(body, isWhole: true)
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
