// The events of an Anthropic stream, in the order the API promises; unknown events are skipped.
internal import Encoding
internal import HTTPClient

/// Puts a Messages stream together; complete once `message_stop` came, whatever the server did to the connection then.
struct AnthropicStream: StreamAssembler {
    private var draft = AnthropicReplyDraft()
    private var hasStarted = false
    private var hasStopped = false

    var isComplete: Bool { hasStopped }

    mutating func push(_ event: ServerSentEvent) throws(WireFault) {
        if hasStopped { return }
        var text = event.data
        let read = text.withUTF8 { try? JSON.parse(UnsafeRawBufferPointer($0)) }
        guard let data = read, let type = data["type"]?.string else {
            throw .malformed(.notJSON)
        }
        switch type {
        case "error": throw .providerError(AnthropicDialect().errorWords(in: data))
        case "message_start":
            guard !hasStarted, let message = data["message"] else { throw .malformed(.eventOrder) }
            hasStarted = true
            draft.begin(message, isWhole: false)
        case _ where !hasStarted: return
        case "content_block_start": try start(data)
        case "content_block_delta":
            let index = try openBlock(data)
            guard let delta = data["delta"] else { throw .malformed(.missing("delta")) }
            try draft.blocks[index].apply(delta)
        case "content_block_stop": draft.blocks[try openBlock(data)].isClosed = true
        case "message_delta":
            draft.stop(data["delta"]?["stop_reason"])
            draft.count(data["usage"])
        case "message_stop": hasStopped = true
        default: return
        }
    }

    func finish() throws(WireFault) -> WireReply {
        guard hasStarted, hasStopped else { throw .malformed(.truncated) }
        return try draft.whole()
    }

    /// Opens the next block; blocks come one after the other, so an index out of line is no reply.
    private mutating func start(_ data: JSON) throws(WireFault) {
        guard let object = data["content_block"]?.object, data["index"]?.integer == Int64(draft.blocks.count) else {
            throw .malformed(.eventOrder)
        }
        guard draft.blocks.count < Wire.maximumBlocks else {
            throw .malformed(.tooManyBlocks(limit: Wire.maximumBlocks))
        }
        draft.blocks.append(try AnthropicBlockDraft(starting: object))
    }

    private func openBlock(_ data: JSON) throws(WireFault) -> Int {
        guard let number = data["index"]?.integer, let index = Int(exactly: number),
            draft.blocks.indices.contains(index), !draft.blocks[index].isClosed
        else { throw .malformed(.eventOrder) }
        return index
    }
}
