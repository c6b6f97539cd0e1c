// The rules that a text keeps before it becomes part of a persona, whoever wrote it.

/// Checks of names, prompts and notes; each returns the text that may be stored, or says which field breaks which rule.
public enum PersonaText {
    /// A display name: one line, blanks at the ends removed, at most 100 characters and 400 bytes (S4-45, S4-103).
    ///
    /// Control characters, line separators and the marks that reverse the direction of text are refused, because a name
    /// is public and is printed among the house's own words.
    public static func name(_ text: String, field: String = "name") throws(PersonaError) -> String {
        let trimmed = trimmingBlanks(text)
        guard !trimmed.isEmpty else { throw .emptyText(field: field) }
        try checkLength(trimmed, PersonaLimits.nameBytes, .bytes, field)
        try checkLength(trimmed, PersonaLimits.nameCharacters, .characters, field)
        try checkNUL(trimmed, field)
        for scalar in trimmed.unicodeScalars where !isPrintableInOneLine(scalar) {
            throw .controlCharacterInText(field: field)
        }
        return trimmed
    }

    /// A system prompt: not blank, without U+0000, at most 256 KiB (S4-46, B-62).
    public static func systemPrompt(_ text: String, field: String = "system_prompt") throws(PersonaError) -> String {
        try required(text, limit: PersonaLimits.systemPromptBytes, field: field)
    }

    /// A prompt for the next day in the resident's own words: not blank, at most 4,000 characters (S4-91).
    public static func nextPrompt(_ text: String, field: String = "prompt") throws(PersonaError) -> String {
        try checkLength(text, PersonaLimits.nextPromptBytes, .bytes, field)
        try checkLength(text, PersonaLimits.nextPromptCharacters, .characters, field)
        return try required(text, limit: PersonaLimits.nextPromptBytes, field: field)
    }

    /// A text that must say something, within a limit in bytes.
    static func required(_ text: String, limit: Int, field: String) throws(PersonaError) -> String {
        try checkNUL(text, field)
        try checkLength(text, limit, .bytes, field)
        guard !trimmingBlanks(text).isEmpty else { throw .emptyText(field: field) }
        return text
    }

    /// A text that may be empty, within a limit in bytes.
    static func optional(_ text: String, limit: Int, field: String) throws(PersonaError) -> String {
        try checkNUL(text, field)
        try checkLength(text, limit, .bytes, field)
        return text
    }

    /// A key of a foreign file as a report may show it: one line, at most 64 characters.
    static func shownKey(_ key: String) -> String {
        let scalars = key.unicodeScalars.prefix(64).map { isPrintableInOneLine($0) ? $0 : "\u{FFFD}" }
        return String(String.UnicodeScalarView(scalars))
    }

    /// The text without blanks and line breaks at its ends.
    static func trimmingBlanks(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }

    private static func checkNUL(_ text: String, _ field: String) throws(PersonaError) {
        guard !text.utf8.contains(0) else { throw .nulInText(field: field) }
    }

    private static func checkLength(
        _ text: String, _ limit: Int, _ unit: PersonaError.TextUnit, _ field: String
    ) throws(PersonaError) {
        let count = unit == .bytes ? text.utf8.count : text.count
        guard count <= limit else { throw .textTooLong(field: field, limit: limit, unit: unit) }
    }

    private static func isPrintableInOneLine(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate: false
        default: !(0x202A...0x202E).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value)
        }
    }
}
