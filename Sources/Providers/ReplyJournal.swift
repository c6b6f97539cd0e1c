// The journal's form of a reply: JSON, read back to an equal value after a crash.
public import Encoding

extension Reply {
    /// The reply as JSON, for the sealed journal; `init(json:)` reads it back to an equal value.
    public var json: JSON {
        var object: JSONObject = [
            "blocks": .array(blocks.map(\.json)), "stop": .string(stop.rawValue), "usage": usage.json,
            "model": .string(model),
        ]
        if usageIsEstimated { object["estimated"] = true }
        if let requestID { object["request"] = .string(requestID) }
        return .object(object)
    }

    /// Reads what `json` wrote; nil where anything is missing or of another kind.
    public init?(json: JSON) {
        guard let written = json["blocks"]?.array, let stop = json["stop"]?.string.flatMap(StopReason.init(rawValue:)),
            let usage = json["usage"].flatMap(TokenUsage.init(json:)), let model = json["model"]?.string
        else { return nil }
        let blocks = written.compactMap(Block.init(json:))
        guard blocks.count == written.count else { return nil }
        self.init(
            blocks: blocks, stop: stop, usage: usage, usageIsEstimated: json["estimated"]?.bool ?? false,
            model: model, requestID: json["request"]?.string)
    }
}

extension Block {
    /// The block as JSON, for the sealed journal; `init(json:)` reads it back to an equal value.
    public var json: JSON {
        switch self {
        case .text(let text): ["text": .string(text)]
        case .quoted(let text): ["text": .string(text.string)]
        case .toolUse(let use):
            switch use.arguments {
            case .object(let arguments):
                ["call": .string(use.name), "id": .string(use.id), "arguments": .object(arguments)]
            case .unparsable(let text):
                ["call": .string(use.name), "id": .string(use.id), "unparsable": .string(text)]
            }
        case .toolResult(let id, let content, let isError):
            ["result": .string(content), "id": .string(id), "error": .bool(isError)]
        case .opaque(let value): ["opaque": value]
        }
    }

    /// Reads what `json` wrote; nil where it is none of the forms.
    public init?(json: JSON) {
        if let text = json["text"]?.string {
            self = .text(text)
        } else if let name = json["call"]?.string, let id = json["id"]?.string {
            if let arguments = json["arguments"]?.object {
                self = .toolUse(ToolUse(id: id, name: name, arguments: .object(arguments)))
            } else if let text = json["unparsable"]?.string {
                self = .toolUse(ToolUse(id: id, name: name, arguments: .unparsable(text)))
            } else {
                return nil
            }
        } else if let content = json["result"]?.string, let id = json["id"]?.string, let isError = json["error"]?.bool {
            self = .toolResult(id: id, content: content, isError: isError)
        } else if let value = json["opaque"] {
            self = .opaque(value)
        } else {
            return nil
        }
    }
}

extension TokenUsage {
    /// The counts as JSON, named as scripts see them: input, cacheRead, cacheWrite, output.
    public var json: JSON {
        [
            "input": .integer(Int64(input)), "cacheRead": .integer(Int64(cacheRead)),
            "cacheWrite": .integer(Int64(cacheWrite)), "output": .integer(Int64(output)),
        ]
    }

    /// Reads what `json` wrote; nil where a count is missing or negative.
    public init?(json: JSON) {
        func count(_ key: String) -> Int? { json[key]?.integer.flatMap { $0 >= 0 ? Int($0) : nil } }
        guard let input = count("input"), let cacheRead = count("cacheRead"), let cacheWrite = count("cacheWrite"),
            let output = count("output")
        else { return nil }
        self.init(input: input, cacheRead: cacheRead, cacheWrite: cacheWrite, output: output)
    }
}
