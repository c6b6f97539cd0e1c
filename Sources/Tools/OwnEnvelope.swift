// Marks the resident's own words below the preamble, changing as little of them as can be.
public import Encoding

/// The envelope of what belongs to a resident: its system prompt, its memory, the prompt that it chose.
///
/// The words are the resident's and reach the model as they are, with two exceptions: a `<` that would open or close a
/// mark of this context (or a control token of a chat template) becomes `&lt;`, and a line that imitates the preamble's
/// header is set off by `| `. Control characters and escape sequences go. The package keeps its bytes.
public enum OwnEnvelope {
    /// Which of the resident's words they are.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The system prompt.
        case systemPrompt = "system-prompt"
        /// The memory.
        case memory
        /// What the day begins with.
        case prompt
    }

    /// Names of marks that only the house may write.
    private static let reserved: Set<String> = [
        "own", "untrusted", "preamble", "constitution", "sanctuary", "system", "tool_result", "tool_use",
        "function_results", "function_calls",
    ]

    /// The text in its envelope.
    public static func wrap(_ text: String, kind: Kind) -> String {
        "<own kind=\"\(kind.rawValue)\">\n\(neutralised(text))\n</own>"
    }

    /// The text as it may stand in a turn of its own: marks and imitated headers disarmed, nothing else changed.
    public static func neutralised(_ text: String) -> String {
        if isHarmless(text) { return text }
        return UntrustedEnvelope.lines(of: disarmed(text)).map { imitatesHeader($0) ? "| \($0)" : String($0) }
            .joined(separator: "\n")
    }

    /// Whether ``neutralised(_:)`` certainly leaves a text as it is that stands in a JSON document.
    ///
    /// Where the text has no escapes but those of quotes and slashes, its letters and marks are those of the document.
    public static func isHarmless(_ text: JSONText) -> Bool {
        guard text.isPlain else { return isHarmless(text.string) }
        return text.withEscapedBytes { bytes in
            TextScreening.isPlain(bytes) && !TextScreening.hasMark(bytes) && !TextScreening.spells(header, in: bytes)
        }
    }

    private static func isHarmless(_ text: String) -> Bool {
        // What stands in no line of a text is not in the whole of it either.
        TextScreening.isPlain(text) && !TextScreening.hasMark(text) && !TextScreening.spells(header, in: text[...])
    }

    private static func disarmed(_ text: String) -> String {
        guard TextScreening.hasMark(text) else { return text }
        // Invisible characters go first, or they would hide a mark from the search below.
        let visible = UntrustedEnvelope.lines(of: text).joined(separator: "\n")
        var safe = ""
        var start = visible.startIndex
        var next = start
        while let mark = visible.utf8[next...].firstIndex(of: UInt8(ascii: "<")) {
            next = visible.utf8.index(after: mark)
            guard opensMark(visible.unicodeScalars[next...]) else { continue }
            safe += visible[start..<mark]
            safe += "&lt;"
            start = next
        }
        return safe + visible[start...]
    }

    /// Whether a reserved name follows a `<`, past blanks, slashes and a namespace such as `x:`.
    private static func opensMark(_ rest: Substring.UnicodeScalarView) -> Bool {
        if rest.first == "|" { return true }
        let beginning = rest.prefix(64).drop { scalar in
            // An accent on the mark itself makes another character of it to Swift, not to a reader.
            scalar == "/" || scalar.properties.isWhitespace || scalar.properties.generalCategory == .nonspacingMark
        }
        let name = beginning.prefix { $0.properties.isAlphabetic || $0 == "_" || $0 == "-" || $0 == ":" }
        let text = String(String.UnicodeScalarView(name)).lowercased()
        let local = text.split(separator: ":").last.map(String.init) ?? text
        return reserved.contains(local.replacing("-", with: "_")) || reserved.contains(text)
    }

    private static let header = LetterPattern("CONSTITUTIONALPREAMBLE")

    private static func imitatesHeader(_ line: Substring) -> Bool { TextScreening.spells(header, in: line) }
}
