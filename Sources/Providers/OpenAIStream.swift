// The chunks of a chat completions stream.
internal import Encoding
internal import HTTPClient

/// Puts a chat completions stream together; complete once a finish reason or `[DONE]` came.
struct OpenAIStream: StreamAssembler {
    private var draft = OpenAIReplyDraft()
    private var isDone = false

    var isComplete: Bool { isDone }

    mutating func push(_ event: ServerSentEvent) throws(WireFault) {
        if isDone || event.data.isEmpty { return }
        if event.data == "[DONE]" {
            isDone = true
            return
        }
        guard let chunk = try? JSON.parse(Array(event.data.utf8)), chunk.object != nil else {
            throw .malformed(.notJSON)
        }
        if let error = chunk["error"], !error.isNull {
            throw .providerError(OpenAIDialect().errorWords(in: chunk))
        }
        draft.begin(chunk)
        // The usage chunk has no choices, or (LiteLLM) one with an empty delta; both are read alike.
        draft.count(chunk["usage"])
        for choice in chunk["choices"]?.array ?? [] where (choice["index"]?.integer ?? 0) == 0 {
            if let delta = choice["delta"]?.object { try draft.take(delta) }
            if let reason = choice["finish_reason"]?.string { draft.finishReason = reason }
        }
    }

    func finish() throws(WireFault) -> WireReply {
        guard isDone || draft.finishReason != nil else { throw .malformed(.truncated) }
        return try draft.whole()
    }
}
