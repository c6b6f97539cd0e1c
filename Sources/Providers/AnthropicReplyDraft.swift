// A reply of the Anthropic dialect while it is put together, from events or from a whole message.
internal import Encoding

/// What is known of a message so far; a field of usage that comes again replaces the one before (providers.md 1.1).
struct AnthropicReplyDraft {
    var blocks: [AnthropicBlockDraft] = []
    private var model: String?
    private var usage = ReportedUsage()
    private var stopReason: JSON?

    /// Takes the fields of a message; one that only begins has no output yet, whatever number stands there.
    mutating func begin(_ message: JSON, isWhole: Bool) {
        model = message["model"]?.string
        count(message["usage"])
        if !isWhole { usage.output = .absent }
    }

    /// Takes a stop reason, which counts when the reply is whole.
    mutating func stop(_ reason: JSON?) {
        if let reason, !reason.isNull { stopReason = reason }
    }

    /// Takes usage; it is cumulative, so the last value of each field counts.
    mutating func count(_ reported: JSON?) {
        usage.input.take(reported?["input_tokens"])
        usage.cacheRead.take(reported?["cache_read_input_tokens"])
        usage.cacheWrite.take(reported?["cache_creation_input_tokens"])
        usage.output.take(reported?["output_tokens"])
    }

    /// The reply, if everything that makes it whole is there.
    func whole() throws(WireFault) -> WireReply {
        guard let written = stopReason?.string else { throw .malformed(.missing("stop_reason")) }
        guard let stop = StopReason(rawValue: written), stop != .contentFilter else {
            throw .malformed(.unknownValue(of: "stop_reason"))
        }
        // A refusal's partial words are billed and discarded; the reason alone counts.
        var usage = usage
        usage.saidTokens = saidTokens
        if stop == .refusal { return WireReply(blocks: [], stop: stop, usage: usage, model: model) }
        var finished: [Block] = []
        for (index, block) in blocks.enumerated() {
            let isCut = stop.mayTruncate && index == blocks.count - 1
            guard block.isClosed || isCut else { throw .malformed(.truncated) }
            if let block = try block.finished(isCut: isCut) { finished.append(block) }
        }
        try Wire.checkUniqueIDs(finished)
        usage.saidTokens = max(usage.saidTokens, TokenEstimate.tokens(in: Turn(role: .assistant, blocks: finished)))
        return WireReply(blocks: finished, stop: stop, usage: usage, model: model)
    }
}

extension AnthropicReplyDraft {
    /// What came so far, as tokens; also of blocks that are discarded in the end.
    private var saidTokens: Int { blocks.reduce(TokenEstimate.perBlock) { $0 + $1.saidTokens } }
}

/// One content block while its deltas arrive.
struct AnthropicBlockDraft {
    /// Whether the block was closed by its own event.
    var isClosed = false
    private let type: String
    private var value: JSONObject
    private var text: String
    private var arguments = ""

    /// Begins with the object that opened the block.
    init(starting object: JSONObject) throws(WireFault) {
        guard let type = object["type"]?.string else { throw .malformed(.missing("content_block.type")) }
        self.type = type
        value = object
        text = object[type == "thinking" ? "thinking" : "text"]?.string ?? ""
    }

    /// Takes a delta; one of an unknown kind is a failure, because something that was said would be lost.
    mutating func apply(_ delta: JSON) throws(WireFault) {
        guard let kind = delta["type"]?.string else { throw .malformed(.missing("delta.type")) }
        switch kind {
        case "text_delta": text += try Self.text(delta, "text")
        case "thinking_delta": text += try Self.text(delta, "thinking")
        case "input_json_delta": arguments += try Self.text(delta, "partial_json")
        case "signature_delta": value["signature"] = .string(try Self.text(delta, "signature"))
        case "citations_delta": break
        case "compaction_delta":
            for (key, part) in delta.object ?? JSONObject() where key != "type" { value[key] = part }
        default: throw .malformed(.unknownValue(of: "delta.type"))
        }
    }

    /// What came of it so far, as tokens.
    var saidTokens: Int {
        TokenEstimate.perBlock + TokenEstimate.tokens(in: text) + TokenEstimate.tokens(in: arguments)
    }

    private static func text(_ delta: JSON, _ key: String) throws(WireFault) -> String {
        guard let text = delta[key]?.string else { throw .malformed(.missing("delta.\(key)")) }
        return text
    }

    /// The block, or nil where it says nothing; a call that was cut off keeps no arguments that could be executed.
    func finished(isCut: Bool) throws(WireFault) -> Block? {
        switch type {
        case "text": return text.isEmpty ? nil : .text(text)
        case "tool_use": return .toolUse(try toolUse(isCut: isCut))
        case "thinking":
            // Without its end the signature is missing, and the provider would refuse it back.
            guard isClosed else { return nil }
            var whole = value
            whole["thinking"] = .string(text)
            return .opaque(.object(whole))
        default:
            guard isClosed else { return nil }
            var whole = value
            if !arguments.isEmpty {
                guard let input = try? JSON.parse(Array(arguments.utf8)) else { throw .malformed(.notJSON) }
                whole["input"] = input
            }
            return .opaque(.object(whole))
        }
    }

    private func toolUse(isCut: Bool) throws(WireFault) -> ToolUse {
        guard let id = value["id"]?.string, !id.isEmpty else { throw .malformed(.missing("tool_use.id")) }
        guard let name = value["name"]?.string, !name.isEmpty else { throw .malformed(.missing("tool_use.name")) }
        let arguments: ToolArguments
        if !self.arguments.isEmpty {
            arguments = isClosed ? ToolArguments(parsing: self.arguments) : .unparsable(self.arguments)
        } else if let input = value["input"], !input.isNull {
            // Whole messages, and servers that send a call in one piece.
            if let object = input.object {
                // Cut off before its first argument, a call would look like one without arguments.
                arguments = isCut && object.isEmpty ? .unparsable("") : .object(object)
            } else {
                arguments = .unparsable(input.string ?? String(decoding: input.serialized(), as: UTF8.self))
            }
        } else {
            arguments = isCut ? .unparsable("") : .object(JSONObject())
        }
        return ToolUse(id: id, name: name, arguments: arguments)
    }
}
