// The OpenAI chat completions dialect: requests, whole replies and errors (providers.md 1.4, 1.6).
internal import Encoding

/// Chat completions, as OpenAI and the many servers compatible with it speak them.
struct OpenAIDialect: Dialect {
    func path(below basePath: String) -> String { "/chat/completions" }

    func assembler() -> any StreamAssembler { OpenAIStream() }

    func body(
        of conversation: Conversation, model: ModelName, capabilities: ModelCapabilities, settings: ProviderSettings
    ) throws(RequestFault) -> WrittenBody {
        let messages = conversation.messages(for: model)
        guard messages.all.first?.role == .user else { throw .empty }
        let opening = messages.opening ?? 0
        var json = JSONStreamWriter(messages, of: conversation)
        if let written = messages.written {
            for place in opening..<messages.all.count { write(messages[place], for: model, to: &json) }
            return WrittenBody(opening: written, rest: finish(&json, conversation, capabilities, settings)[...])
        }
        json.openObject()
        json.key("model")
        json.string(model.model)
        json.key("messages")
        json.openArray()
        // One message: the chat templates of many servers take instructions only once, and only first.
        let system = conversation.system.map(\.text).filter { !$0.isEmpty }
        if !system.isEmpty {
            json.openObject()
            json.key("role")
            json.string(capabilities.systemRole.rawValue)
            json.key("content")
            json.string(system.joined(separator: "\n\n"))
            json.closeObject()
        }
        for place in 0..<opening { write(messages[place], for: model, to: &json) }
        let openingCount = opening == 0 ? 0 : json.count
        for place in opening..<messages.all.count { write(messages[place], for: model, to: &json) }
        return WrittenBody(finish(&json, conversation, capabilities, settings), openingCount: openingCount)
    }

    /// Everything behind the messages.
    private func finish(
        _ json: inout JSONStreamWriter, _ conversation: Conversation, _ capabilities: ModelCapabilities,
        _ settings: ProviderSettings
    ) -> [UInt8] {
        json.closeArray()
        json.key(capabilities.outputLimitName.rawValue)
        json.integer(min(conversation.maximumOutputTokens, capabilities.maximumOutput))
        if !conversation.tools.isEmpty {
            json.key("tools")
            json.openArray()
            for tool in conversation.tools { Self.write(tool, to: &json) }
            json.closeArray()
            if !conversation.toolUseAllowed {
                json.key("tool_choice")
                json.word("none")
            }
        }
        if settings.streams {
            json.key("stream")
            json.bool(true)
            json.key("stream_options")
            json.value(["include_usage": true])
        }
        json.closeObject()
        return json.bytes
    }

    private static func write(_ tool: ToolDeclaration, to json: inout JSONStreamWriter) {
        json.openObject()
        json.key("type")
        json.word("function")
        json.key("function")
        json.openObject()
        json.key("name")
        json.string(tool.name)
        json.key("description")
        json.string(tool.description)
        json.key("parameters")
        json.written(tool.schema)
        json.closeObject()
        json.closeObject()
    }

    private func write(_ message: ArraySlice<Turn>, for model: ModelName, to json: inout JSONStreamWriter) {
        var pieces = 0
        if message.first?.role == .user {
            // One message for each tool result, before the words.
            message.forEachBlock(for: model) { block in
                if block.isWords { pieces += 1 }
                guard case .toolResult(let id, let content, let isError) = block else { return }
                json.openObject()
                json.key("role")
                json.word("tool")
                json.key("tool_call_id")
                json.string(id)
                json.key("content")
                // The form has no mark for errors, so the words carry it.
                json.string(isError ? "Error: \(content)" : content)
                json.closeObject()
            }
            guard pieces > 0 else { return }
            json.openObject()
            json.key("role")
            json.word("user")
            writeWords(of: message, for: model, to: &json)
            json.closeObject()
            return
        }
        var calls: [ToolUse] = []
        message.forEachBlock(for: model) { block in
            if block.isWords { pieces += 1 }
            if case .toolUse(let use) = block { calls.append(use) }
        }
        json.openObject()
        json.key("role")
        json.word("assistant")
        if pieces > 0 {
            writeWords(of: message, for: model, to: &json)
        } else {
            json.key("content")
            json.null()
        }
        if !calls.isEmpty {
            json.key("tool_calls")
            json.openArray()
            for call in calls { Self.write(call, to: &json) }
            json.closeArray()
        }
        json.closeObject()
    }

    /// The words of a message in one text, parted by blank lines.
    private func writeWords(of message: ArraySlice<Turn>, for model: ModelName, to json: inout JSONStreamWriter) {
        json.key("content")
        json.openText()
        var isFirst = true
        message.forEachBlock(for: model) { block in
            guard block.isWords else { return }
            if !isFirst { json.piece("\n\n") }
            isFirst = false
            if case .text(let text) = block { json.piece(text) }
            if case .quoted(let text) = block { json.piece(text) }
        }
        json.closeText()
    }

    private static func write(_ use: ToolUse, to json: inout JSONStreamWriter) {
        // Servers parse these again, so what is no object goes back as none; the error result says why.
        let arguments: JSONObject = if case .object(let object) = use.arguments { object } else { [:] }
        json.value([
            "id": .string(use.id), "type": "function",
            "function": [
                "name": .string(use.name),
                "arguments": .string(String(decoding: JSON.object(arguments).serialized(), as: UTF8.self)),
            ],
        ])
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
