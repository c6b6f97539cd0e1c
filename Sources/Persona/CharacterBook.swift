// A card's lorebook: what always holds becomes memory, what waits for keywords is kept and reported.
internal import Encoding

/// Reads `character_book`, which stays among the unread members and so is kept whole.
enum CharacterBook {
    static func memory(
        _ data: inout ImportFields, macros: inout CardMacros, report: inout ImportReport
    ) throws(PersonaError) -> [MemoryNote] {
        guard let value = data.peek("character_book") else { return [] }
        var book = try ImportFields(value, at: data.field("character_book"))
        let path = book.field("entries")
        var chosen: [(order: Double, text: String)] = []
        for (index, entry) in try book.list("entries", limit: 10_000).enumerated() {
            var fields = try ImportFields(entry, at: "\(path)[\(index)]")
            let content = try fields.text("content", limit: PersonaLimits.messageBytes) ?? ""
            let (text, decorators) = splitDecorators(content)
            let isEnabled = try fields.bool("enabled") ?? true
            let isConstant = try fields.bool("constant") ?? false
            if !isEnabled || decorators.contains("@@dont_activate") {
                report.lose(path, .disabled)
            } else if !isConstant && !decorators.contains("@@activate") {
                report.lose(path, .triggered)
            } else if !text.isEmpty {
                chosen.append((fields.value("insertion_order")?.double ?? 0, macros.expand(text)))
            }
        }
        guard chosen.count <= PersonaLimits.memoryNotes else {
            throw .tooMany(field: path, limit: PersonaLimits.memoryNotes)
        }
        var notes: [MemoryNote] = []
        // A sort by order and place, since entries of the same order keep the file's.
        for (_, entry) in chosen.enumerated().sorted(by: {
            ($0.element.order, $0.offset) < ($1.element.order, $1.offset)
        }) {
            let text = try PersonaText.required(entry.text, limit: PersonaLimits.memoryNoteBytes, field: path)
            notes.append(MemoryNote(text: text, at: nil, source: "import"))
        }
        if !notes.isEmpty { report.map(path, "memory", count: notes.count) }
        return notes
    }

    /// Takes V3's decorators, lines with `@@` at the head, off a content.
    private static func splitDecorators(_ content: String) -> (text: String, decorators: Set<String>) {
        var lines = content.split(separator: "\n", omittingEmptySubsequences: false)[...]
        var decorators: Set<String> = []
        while let line = lines.first, line.hasPrefix("@@") {
            decorators.insert(String(line.split(separator: " ").first ?? ""))
            lines.removeFirst()
        }
        return (PersonaText.trimmingBlanks(lines.joined(separator: "\n")), decorators)
    }
}
