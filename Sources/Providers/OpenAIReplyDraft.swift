// A reply of the chat completions dialect while it is put together, with the quirks of the servers that speak it.
internal import Encoding

/// What is known of a completion so far.
struct OpenAIReplyDraft {
    var finishReason: String?
    private var text = ""
    private var hasRefused = false
    private var calls: [Call] = []
    private var model: String?
    private var id: String?
    private var prompt = ReportedCount.absent
    private var cached = ReportedCount.absent
    private var written = ReportedCount.absent
    private var output = ReportedCount.absent

    private struct Call {
        let index: Int
        var id: String?
        var name = ""
        var arguments = ""
    }

    /// Takes the model's name and the completion's id, which every chunk repeats.
    mutating func begin(_ body: JSON) {
        model = model ?? body["model"]?.string
        id = id ?? body["id"]?.string.flatMap(PlainWord.checked)
    }

    /// Takes usage; it is cumulative, so the last value of each field counts.
    mutating func count(_ reported: JSON?) {
        prompt.take(reported?["prompt_tokens"])
        output.take(reported?["completion_tokens"])
        let details = reported?["prompt_tokens_details"]
        cached.take(details?["cached_tokens"])
        written.take(details?["cache_write_tokens"])
    }

    /// `prompt_tokens` includes what was cached, `completion_tokens` includes reasoning.
    private var usage: ReportedUsage {
        var usage = ReportedUsage(input: prompt, output: output, saidTokens: saidTokens)
        guard let all = prompt.value else { return usage }
        // What is not known to have been cached costs the full price.
        let cacheRead = min(all, cached.value ?? 0)
        let cacheWrite = min(all - cacheRead, written.value ?? 0)
        usage.input = .known(all - cacheRead - cacheWrite)
        usage.cacheRead = .known(cacheRead)
        usage.cacheWrite = .known(cacheWrite)
        return usage
    }

    /// What was said, as tokens; also where it is discarded in the end.
    private var saidTokens: Int {
        let words = text.isEmpty ? 0 : TokenEstimate.perBlock + TokenEstimate.tokens(in: text)
        return calls.reduce(TokenEstimate.perBlock + words) {
            $0 + TokenEstimate.perBlock + TokenEstimate.perTool + TokenEstimate.tokens(in: $1.arguments)
        }
    }

    /// Takes a message or a delta of one; absent and null fields say nothing.
    mutating func take(_ message: JSONObject) throws(WireFault) {
        switch message["content"] {
        case .some(.string(let words)): text += words
        case .some(.array(let parts)): text += parts.compactMap { $0["text"]?.string }.joined()
        default: break
        }
        if let refusal = message["refusal"]?.string, !refusal.isEmpty { hasRefused = true }
        for (place, call) in (message["tool_calls"]?.array ?? []).enumerated() { try take(call: call, at: place) }
    }

    private mutating func take(call: JSON, at place: Int) throws(WireFault) {
        let id = call["id"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        let index = try self.index(of: call, id: id, at: place)
        let position: Int
        if let known = calls.firstIndex(where: { $0.index == index }) {
            position = known
        } else {
            guard calls.count < Wire.maximumBlocks else {
                throw .malformed(.tooManyBlocks(limit: Wire.maximumBlocks))
            }
            position = calls.count
            calls.append(Call(index: index))
        }
        // Some servers repeat id and name in every delta (providers.md 1.6); two different ones are two calls mixed up.
        if let id {
            guard calls[position].id == nil || calls[position].id == id else { throw .malformed(.duplicateToolID) }
            calls[position].id = id
        }
        if let name = call["function"]?["name"]?.string, !name.isEmpty {
            guard calls[position].name.isEmpty || calls[position].name == name else {
                throw .malformed(.conflictingToolName)
            }
            calls[position].name = name
        }
        switch call["function"]?["arguments"] {
        case .some(.string(let part)): calls[position].arguments += part
        case .some(.object(let whole)):
            calls[position].arguments = String(decoding: JSON.object(whole).serialized(), as: UTF8.self)
        default: break
        }
    }

    /// Which call a delta belongs to: its index; without one, its id; without either, its place in the list.
    private func index(of call: JSON, id: String?, at place: Int) throws(WireFault) -> Int {
        if let written = call["index"]?.integer {
            guard (0..<Int64(Wire.maximumBlocks)).contains(written) else {
                throw .malformed(.tooManyBlocks(limit: Wire.maximumBlocks))
            }
            return Int(written)
        }
        guard let id else { return place }
        return calls.first { $0.id == id }?.index ?? (calls.map(\.index).max() ?? -1) + 1
    }

    /// The reply, if everything that makes it whole is there.
    func whole() throws(WireFault) -> WireReply {
        let stop = try stopReason()
        if stop == .refusal { return WireReply(blocks: [], stop: stop, usage: usage, model: model) }
        var blocks: [Block] = text.isEmpty ? [] : [.text(text)]
        for (place, call) in calls.enumerated() {
            guard !call.name.isEmpty else { throw .malformed(.missing("tool_calls.function.name")) }
            let isCut = stop.mayTruncate && place == calls.count - 1
            let arguments: ToolArguments =
                isCut && call.arguments.isEmpty ? .unparsable("") : ToolArguments(parsing: call.arguments)
            // Some servers give no id; the completion's own makes ours unique in the conversation.
            let id = call.id ?? "call_\(call.index)_\(self.id ?? "0")"
            blocks.append(.toolUse(ToolUse(id: id, name: call.name, arguments: arguments)))
        }
        try Wire.checkUniqueIDs(blocks)
        var usage = usage
        usage.saidTokens = max(usage.saidTokens, TokenEstimate.tokens(in: Turn(role: .assistant, blocks: blocks)))
        return WireReply(blocks: blocks, stop: stop, usage: usage, model: model)
    }

    private func stopReason() throws(WireFault) -> StopReason {
        if hasRefused { return .refusal }
        switch finishReason {
        // vLLM ends some streams without a reason, others with `stop` after calls (providers.md 1.6).
        case nil:
            if calls.isEmpty && text.isEmpty { throw .malformed(.missing("finish_reason")) }
            return calls.isEmpty ? .endTurn : .toolUse
        case "stop": return calls.isEmpty ? .endTurn : .toolUse
        case "tool_calls", "function_call": return .toolUse
        case "length": return .maximumTokens
        case "content_filter": return .contentFilter
        default: throw .malformed(.unknownValue(of: "finish_reason"))
        }
    }
}
