// Chat messages in OpenAI's shape, turned into a history of texts; tool activity is told in words.
internal import Encoding

/// Reads one conversation message by message.
struct MessageReader {
    /// Whether `system` and `developer` messages may occur.
    private let allowsSystem: Bool
    /// The texts of the system messages at the beginning.
    private(set) var systemTexts: [String] = []
    /// Everything else, oldest first.
    private(set) var messages: [HistoryMessage] = []
    private var toolNames: [String: String] = [:]

    init(allowsSystem: Bool) { self.allowsSystem = allowsSystem }

    var isEmpty: Bool { messages.isEmpty }

    mutating func read(_ entries: [JSON], at path: String, report: inout ImportReport) throws(PersonaError) {
        for (index, entry) in entries.enumerated() {
            try read(entry, at: "\(path)[\(index)]", list: path, report: &report)
        }
    }

    private mutating func read(
        _ entry: JSON, at path: String, list: String, report: inout ImportReport
    ) throws(PersonaError) {
        var fields = try ImportFields(entry, at: path)
        guard let role = try fields.text("role", limit: 64) else { throw .missingField("\(path).role") }
        let at = try instant(&fields)
        let text = try content(&fields, list: list, report: &report)
        switch role {
        case "system", "developer":
            guard allowsSystem else { throw .unknownRole(field: "\(path).role") }
            guard let text else { return }
            if messages.isEmpty {
                systemTexts.append(text)
            } else {
                report.lose(list, .laterSystemMessage)
            }
        case "user":
            append(.user, text, at, .imported, list, &report)
        case "assistant":
            let calls = try toolCalls(&fields, list: list, report: &report)
            if text != nil || calls.isEmpty { append(.assistant, text, at, .imported, list, &report) }
            for call in calls { append(.assistant, call, at, .activity, list, &report) }
        case "tool", "function":
            let id = try fields.text("tool_call_id", limit: 256)
            let name = try fields.text("name", limit: 256) ?? id.flatMap { toolNames[$0] } ?? "a tool"
            append(.user, "[\(name) answered: \(text ?? "")]", at, .activity, list, &report)
            report.lose(list, .foreignTools)
        default:
            throw .unknownRole(field: "\(path).role")
        }
    }

    private mutating func append(
        _ role: HistoryMessage.Role, _ text: String?, _ at: Instant?, _ kind: HistoryMessage.Kind, _ list: String,
        _ report: inout ImportReport
    ) {
        guard let text else { return report.lose(list, .emptyMessage) }
        messages.append(HistoryMessage(role: role, text: text, at: at, kind: kind))
    }

    private func instant(_ fields: inout ImportFields) throws(PersonaError) -> Instant? {
        guard let text = try fields.text("at", limit: 64) else { return nil }
        guard let instant = Instant(rfc3339: text) else {
            throw .wrongType(field: fields.field("at"), expected: "RFC 3339 instant")
        }
        return instant
    }

    /// The text of a message: a string, or its text parts with a note for every other part; nil where there is none.
    private func content(
        _ fields: inout ImportFields, list: String, report: inout ImportReport
    ) throws(PersonaError) -> String? {
        let refusal = try fields.text("refusal", limit: PersonaLimits.messageBytes)
        guard let value = fields.peek("content") else { return refusal }
        guard let parts = value.array else { return try fields.text("content", limit: PersonaLimits.messageBytes) }
        let path = fields.field("content")
        var texts: [String] = []
        for (index, part) in parts.enumerated() {
            var inner = try ImportFields(part, at: "\(path)[\(index)]")
            let type = try inner.text("type", limit: 64) ?? ""
            if let text = try inner.text(type == "refusal" ? "refusal" : "text", limit: PersonaLimits.messageBytes) {
                texts.append(text)
            } else if !["text", "input_text", "output_text"].contains(type) {
                texts.append("[something that is not text was here]")
                report.lose(list, .notText)
            }
        }
        let joined = texts.joined(separator: "\n")
        return try PersonaText.optional(joined, limit: PersonaLimits.messageBytes, field: path).isEmpty ? nil : joined
    }

    private mutating func toolCalls(
        _ fields: inout ImportFields, list: String, report: inout ImportReport
    ) throws(PersonaError) -> [String] {
        var told: [String] = []
        var calls = try fields.list("tool_calls", limit: 1_000)
        let path = fields.field("tool_calls")
        // The older form: one call, without an id and without the wrapper.
        if let single = fields.value("function_call") { calls.append(.object(["function": single])) }
        for (index, call) in calls.enumerated() {
            var fields = try ImportFields(call, at: "\(path)[\(index)]")
            let id = try fields.text("id", limit: 256)
            var inner = try ImportFields(
                fields.value("function") ?? fields.value("custom") ?? [:], at: fields.field("function"))
            let name = try inner.text("name", limit: 256) ?? "a tool"
            let arguments = try inner.text("arguments", limit: PersonaLimits.messageBytes)
            let input = try inner.text("input", limit: PersonaLimits.messageBytes)
            if let id { toolNames[id] = name }
            told.append("[called \(name) with \(arguments ?? input ?? "nothing")]")
            report.lose(list, .foreignTools)
        }
        return told
    }
}
