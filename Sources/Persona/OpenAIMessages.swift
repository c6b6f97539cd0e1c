// Conversations as OpenAI's chat completions and fine-tuning files have them.
internal import Encoding

/// Reads an object with `messages`, an array of messages or of such objects, or one of either a line.
enum OpenAIMessages {
    static func read(_ document: ImportDocument, in file: ImportFile) throws(PersonaError) -> ImportedPersona {
        var report = ImportReport(format: .openai, description: "OpenAI-style messages")
        let (conversations, rest) = try split(document, report: &report)
        let readers = try conversations.enumerated().readAll(report: &report)
        let count = readers.reduce(0) { $0 + $1.messages.count }
        guard count <= PersonaLimits.importedMessages else {
            throw .tooMany(field: "messages", limit: PersonaLimits.importedMessages)
        }
        let name = try file.name(file.stem, field: "name")
        report.map(file.givenName == nil ? "the file's name" : "the given name", "name")
        let systemTexts = readers.first?.systemTexts ?? []
        // Fine-tuning files repeat the system message in each conversation; one that differs is not part of the prompt.
        for reader in readers.dropFirst() where !reader.systemTexts.isEmpty && reader.systemTexts != systemTexts {
            report.lose("messages", .laterSystemMessage, count: reader.systemTexts.count)
        }
        let prompt: String
        if systemTexts.isEmpty {
            prompt = "You are \(name)."
            report.map("the name, for want of a system message", "system_prompt")
        } else {
            prompt = systemTexts.joined(separator: "\n\n")
            report.map("the system messages at the beginning", "system_prompt", count: systemTexts.count)
        }
        if count > 0 { report.map("messages", "history", count: count) }
        var persona = ImportedPersona(
            name: name, systemPrompt: try PersonaText.systemPrompt(prompt, field: "messages"),
            original: file.original(as: .openai), report: report)
        persona.conversations = readers.map(\.messages).filter { !$0.isEmpty }
        persona.keep(rest)
        return persona
    }

    /// The conversations of a document, and the members beside `messages` where the document is one object.
    private static func split(
        _ document: ImportDocument, report: inout ImportReport
    ) throws(PersonaError) -> ([[JSON]], JSONObject) {
        switch document {
        case .single(let json):
            if let entries = json.array { return (try conversations(entries, path: "document"), [:]) }
            var fields = try ImportFields(json, at: "")
            guard fields.peek("messages") != nil else { throw .formatMismatch(expected: .openai) }
            let messages = try fields.list("messages", limit: PersonaLimits.importedMessages)
            let tools = try fields.list("tools", limit: 10_000)
            report.lose("tools", .foreignTools, count: tools.count)
            return ([messages], fields.rest)
        case .lines(let lines):
            return (try conversations(lines, path: "lines"), [:])
        }
    }

    /// Entries that are messages make one conversation; entries with `messages` make one each.
    private static func conversations(_ entries: [JSON], path: String) throws(PersonaError) -> [[JSON]] {
        guard entries.count <= PersonaLimits.importedMessages else {
            throw .tooMany(field: path, limit: PersonaLimits.importedMessages)
        }
        guard let first = entries.first else { throw .formatMismatch(expected: .openai) }
        if first["role"] != nil { return [entries] }
        var conversations: [[JSON]] = []
        for (index, entry) in entries.enumerated() {
            guard entry["messages"] != nil else { throw .formatMismatch(expected: .openai) }
            var fields = try ImportFields(entry, at: "\(path)[\(index)]")
            conversations.append(try fields.list("messages", limit: PersonaLimits.importedMessages))
        }
        return conversations
    }
}

extension EnumeratedSequence<[[JSON]]> {
    fileprivate func readAll(report: inout ImportReport) throws(PersonaError) -> [MessageReader] {
        var readers: [MessageReader] = []
        for (index, entries) in self {
            var reader = MessageReader(allowsSystem: true)
            try reader.read(entries, at: index == 0 ? "messages" : "[\(index)].messages", report: &report)
            readers.append(reader)
        }
        return readers
    }
}
