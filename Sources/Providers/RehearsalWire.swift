// The stand-in's answers in the Anthropic dialect, streamed or whole, faults included.
internal import Encoding

/// The bytes of an answer.
struct RehearsalWire {
    let answer: RehearsalAnswer
    let request: RehearsalRequest
    /// Tells this answer from every other; ids are made of it.
    let identity: String

    private var stop: String { answer.stop ?? (answer.calls.isEmpty ? "end_turn" : "tool_use") }

    private func toolID(_ index: Int) -> String {
        "toolu_\(identity)_\(answer.fault == .duplicateIDs ? 0 : index)"
    }

    /// The answer as one message.
    func message() -> [UInt8] {
        var content: [JSON] = []
        if let text = answer.text { content.append(["type": "text", "text": .string(text)]) }
        for (index, call) in answer.calls.enumerated() {
            content.append([
                "type": "tool_use", "id": .string(toolID(index)), "name": .string(call.name),
                "input": call.rawArguments.map { .string($0) } ?? .object(call.arguments),
            ])
        }
        var message = opening(content: .array(content))
        message["stop_reason"] = .string(stop)
        message["usage"] = usage(output: answer.outputTokens)
        return JSON.object(message).serialized()
    }

    /// The answer as events, in the order of the API.
    func events() -> [UInt8] {
        var bytes: [UInt8] = []
        append("message_start", ["message": .object(opening(content: []))], to: &bytes)
        var index = 0
        if let text = answer.text {
            block(
                index, ["type": "text", "text": ""],
                deltas: pieces(of: text).map { ["type": "text_delta", "text": $0] }, &bytes)
            index += 1
        }
        for (place, call) in answer.calls.enumerated() {
            let start: JSONObject = [
                "type": "tool_use", "id": .string(toolID(place)), "name": .string(call.name), "input": [:],
            ]
            let json = call.rawArguments ?? String(decoding: JSON.object(call.arguments).serialized(), as: UTF8.self)
            block(
                index, start, deltas: pieces(of: json).map { ["type": "input_json_delta", "partial_json": $0] }, &bytes)
            index += 1
            if answer.fault == .truncated { return bytes }
        }
        switch answer.fault {
        case .truncated: return bytes
        case .errorEvent(let kind):
            append("error", ["error": ["type": .string(kind), "message": "as the script wants"]], to: &bytes)
            return bytes
        default: break
        }
        append(
            "message_delta",
            [
                "delta": ["stop_reason": .string(stop), "stop_sequence": nil],
                "usage": ["output_tokens": .integer(Int64(answer.outputTokens))],
            ], to: &bytes)
        append("message_stop", [:], to: &bytes)
        return bytes
    }

    private func opening(content: JSON) -> JSONObject {
        [
            "id": .string("msg_\(identity)"), "type": "message", "role": "assistant", "content": content,
            "model": .string(request.model), "stop_reason": nil, "stop_sequence": nil, "usage": usage(output: 1),
        ]
    }

    private func usage(output: Int) -> JSON {
        [
            "input_tokens": .integer(Int64(request.usage.input)),
            "cache_creation_input_tokens": .integer(Int64(request.usage.cacheWrite)),
            "cache_read_input_tokens": .integer(Int64(request.usage.cacheRead)),
            "output_tokens": .integer(Int64(output)),
        ]
    }

    private func block(_ index: Int, _ start: JSONObject, deltas: [JSON], _ bytes: inout [UInt8]) {
        let place = JSON.integer(Int64(index))
        append("content_block_start", ["index": place, "content_block": .object(start)], to: &bytes)
        for delta in deltas { append("content_block_delta", ["index": place, "delta": delta], to: &bytes) }
        append("content_block_stop", ["index": place], to: &bytes)
    }

    /// A text in two pieces, so that a reader that takes a delta for the whole shows it.
    private func pieces(of text: String) -> [JSON] {
        let middle = text.index(text.startIndex, offsetBy: text.count / 2)
        let parts = [text[..<middle], text[middle...]].filter { !$0.isEmpty }
        return parts.map { .string(String($0)) }
    }

    private func append(_ type: String, _ fields: JSONObject, to bytes: inout [UInt8]) {
        var data: JSONObject = ["type": .string(type)]
        for (key, value) in fields { data[key] = value }
        bytes += "event: \(type)\ndata: ".utf8
        bytes += JSON.object(data).serialized()
        bytes += "\n\n".utf8
    }
}
