// Character Cards V1, V2 and V3 (malfoyslastname/character-card-spec-v2, kwaroran/character-card-spec-v3).
internal import Encoding

/// Reads a card's JSON, wherever it came from.
enum CharacterCard {
    /// Which specification a card follows.
    private enum Version: String {
        case one = "Character Card V1"
        case two = "Character Card V2"
        case three = "Character Card V3"
    }

    static func read(
        _ json: JSON, in file: ImportFile, format: ImportFormat
    ) throws(PersonaError) -> ImportedPersona {
        var top = try ImportFields(json, at: "")
        let (version, isNewer) = try version(&top)
        var data = top
        if version != .one {
            guard let inner = top.value("data") else { throw .missingField("data") }
            data = try ImportFields(inner, at: "data")
        }
        let description = version.rawValue + (format == .png ? " in a PNG image" : "")
        var report = ImportReport(format: format, description: description)
        if isNewer { report.lose("spec_version", .newerSpecification) }
        let name = try file.name(
            try data.text("name", limit: PersonaLimits.nameBytes), field: data.field("name"))
        report.map(file.givenName == nil ? data.field("name") : "the given name", "name")
        let nickname = try data.text("nickname", limit: PersonaLimits.nameBytes)
        if nickname != nil { report.map(data.field("nickname"), "{{char}} in its texts") }
        var macros = CardMacros(character: file.givenName == nil ? nickname ?? name : name)
        let prompt = try prompt(&data, name: name, macros: &macros, report: &report)
        let greeting = try greeting(&data, macros: &macros, report: &report)
        let memory = try CharacterBook.memory(&data, macros: &macros, report: &report)
        report.lose("macros", .macro, count: macros.unsupported)
        var persona = ImportedPersona(
            name: name, systemPrompt: prompt, original: file.original(as: format), report: report)
        if let greeting {
            persona.conversations = [[HistoryMessage(role: .assistant, text: greeting, kind: .imported)]]
        }
        persona.memory = memory
        try reportUnused(&data, &persona.report)
        persona.keepCard(top: version == .one ? [:] : top.rest, data: data, isFlat: version == .one)
        return persona
    }

    private static func version(_ top: inout ImportFields) throws(PersonaError) -> (Version, isNewer: Bool) {
        guard let spec = top.value("spec") else {
            guard top.peek("name") != nil else { throw .formatMismatch(expected: .card) }
            return (.one, false)
        }
        guard let spec = spec.string else { throw .wrongType(field: "spec", expected: "text") }
        let stated = top.value("spec_version")
        let number = stated?.string.flatMap { Double($0) } ?? stated?.double
        switch spec {
        case "chara_card_v2": return (.two, (number ?? 2) > 2)
        case "chara_card_v3": return (.three, (number ?? 3) > 3)
        default: throw .unknownCardSpec
        }
    }

    /// The prompt: the card's system prompt, then who the character is, in the order in which front ends put them.
    private static func prompt(
        _ data: inout ImportFields, name: String, macros: inout CardMacros, report: inout ImportReport
    ) throws(PersonaError) -> String {
        let sections = [
            ("system_prompt", ""), ("description", ""), ("personality", "Personality: "), ("scenario", "Scenario: "),
            ("mes_example", "How you speak:\n"), ("post_history_instructions", ""),
        ]
        var parts: [String] = []
        for (key, heading) in sections {
            guard let text = try data.text(key, limit: PersonaLimits.systemPromptBytes) else { continue }
            let expanded = PersonaText.trimmingBlanks(macros.expand(text))
            guard !expanded.isEmpty else { continue }
            parts.append(heading + expanded)
            report.map(data.field(key), "system_prompt")
        }
        if parts.isEmpty {
            parts = ["You are \(name)."]
            report.map("the name, for want of any description", "system_prompt")
        }
        return try PersonaText.systemPrompt(parts.joined(separator: "\n\n"), field: data.field("description"))
    }

    /// The first message, which becomes the history's first.
    private static func greeting(
        _ data: inout ImportFields, macros: inout CardMacros, report: inout ImportReport
    ) throws(PersonaError) -> String? {
        guard let text = try data.text("first_mes", limit: PersonaLimits.messageBytes) else { return nil }
        let field = data.field("first_mes")
        report.map(field, "history", count: 1)
        return try PersonaText.optional(macros.expand(text), limit: PersonaLimits.messageBytes, field: field)
    }

    /// Reports the known parts that have no effect; they stay among the unread ones and are kept.
    private static func reportUnused(
        _ data: inout ImportFields, _ report: inout ImportReport
    ) throws(PersonaError) {
        for key in ["alternate_greetings", "group_only_greetings"] {
            report.lose(data.field(key), .alternative, count: data.peek(key)?.array?.count ?? 0)
        }
        if let extensions = data.peek("extensions"), !(extensions.object?.isEmpty ?? false) {
            report.lose(data.field("extensions"), .notASetting)
        }
        let unused = ["creator_notes", "creator_notes_multilingual", "tags", "creator", "character_version", "source"]
        for key in unused + ["creation_date", "modification_date"] {
            switch data.peek(key) {
            case nil, .string(""), .array([]): continue
            default: report.lose(data.field(key), .keptUnused)
            }
        }
        // Assets can be whole images in `data:` URIs; the original has them.
        report.lose(data.field("assets"), .onlyInOriginal, count: data.value("assets")?.array?.count ?? 0)
    }
}

extension ImportedPersona {
    /// Keeps what a card says beyond its prompt, under the names that it has in the file.
    fileprivate mutating func keepCard(top: JSONObject, data: ImportFields, isFlat: Bool) {
        let known: Set<String> = [
            "alternate_greetings", "group_only_greetings", "extensions", "creator_notes", "creator_notes_multilingual",
            "tags", "creator", "character_version", "source", "creation_date", "modification_date", "character_book",
        ]
        var kept = top
        if isFlat {
            kept = data.rest
        } else if !data.rest.isEmpty {
            kept["data"] = .object(data.rest)
        }
        guard !kept.isEmpty else { return }
        let fits = JSON.object(kept).serialized().count <= PersonaLimits.importedFieldsBytes
        let unknown = top.keys + data.rest.keys.filter { !known.contains($0) }.map { data.field($0) }
        for key in unknown.prefix(PersonaLimits.reportedFields) {
            report.lose(PersonaText.shownKey(key), fits ? .keptUnused : .onlyInOriginal)
        }
        if fits { imported = kept }
    }
}
