// The form that a person writes by hand.
internal import Encoding

/// Reads `{"name", "system_prompt", "model"?, "reason"?, "history"?, "memory"?, "preferences"?, "next_prompt"?}`.
enum NativeForm {
    static func read(_ json: JSON, in file: ImportFile) throws(PersonaError) -> ImportedPersona {
        var fields = try ImportFields(json, at: "")
        var report = ImportReport(format: .native, description: "the sanctuary's own form")
        let name = try file.name(try fields.text("name", limit: PersonaLimits.nameBytes), field: "name")
        report.map(file.givenName == nil ? "name" : "the given name", "name")
        guard let prompt = try fields.text("system_prompt", limit: PersonaLimits.systemPromptBytes) else {
            throw .missingField("system_prompt")
        }
        report.map("system_prompt", "system_prompt")
        var models: [String] = []
        if let model = try fields.text("model", limit: 200) {
            guard Preferences.isModelName(model) else { throw .invalidName(field: "model") }
            models = [model]
            report.map("model", "a suggestion for the model")
        }
        let reason = try fields.text("reason", limit: PersonaLimits.noticeBytes)
        if reason != nil { report.map("reason", "reason") }
        var messages = MessageReader(allowsSystem: false)
        try messages.read(
            try fields.list("history", limit: PersonaLimits.importedMessages), at: "history", report: &report)
        if !messages.isEmpty { report.map("history", "history", count: messages.messages.count) }
        let memory = try notes(&fields)
        if !memory.isEmpty { report.map("memory", "memory", count: memory.count) }
        var preferences = Preferences()
        if let value = fields.value("preferences") {
            preferences = try Preferences(json: value)
            models += preferences.models.filter { !models.contains($0) }
            preferences.removeModels()
            report.map("preferences", "preferences; its models as suggestions")
        }
        let next = try fields.text("next_prompt", limit: PersonaLimits.nextPromptBytes)
        if let next {
            _ = try PersonaText.nextPrompt(next, field: "next_prompt")
            report.map("next_prompt", "next_prompt")
        }
        var persona = ImportedPersona(
            name: name, systemPrompt: prompt, original: file.original(as: .native), report: report)
        persona.suggestedModels = models
        persona.reason = reason
        persona.conversations = messages.isEmpty ? [] : [messages.messages]
        persona.memory = memory
        persona.preferences = preferences
        persona.nextPrompt = next
        persona.keep(fields.rest)
        return persona
    }

    private static func notes(_ fields: inout ImportFields) throws(PersonaError) -> [MemoryNote] {
        var notes: [MemoryNote] = []
        for (index, entry) in try fields.list("memory", limit: PersonaLimits.memoryNotes).enumerated() {
            guard let text = entry.string else { throw .wrongType(field: "memory[\(index)]", expected: "text") }
            let checked = try PersonaText.required(
                text, limit: PersonaLimits.memoryNoteBytes, field: "memory[\(index)]")
            notes.append(MemoryNote(text: checked, at: nil, source: "import"))
        }
        return notes
    }
}

extension ImportedPersona {
    /// Keeps fields that mean nothing here, and reports each; those too large together are left to the original.
    mutating func keep(_ fields: JSONObject) {
        guard !fields.isEmpty else { return }
        let fits = JSON.object(fields).serialized().count <= PersonaLimits.importedFieldsBytes
        for key in fields.keys.prefix(PersonaLimits.reportedFields) {
            report.lose(PersonaText.shownKey(key), fits ? .keptUnused : .onlyInOriginal)
        }
        if fits { imported = fields }
    }
}
