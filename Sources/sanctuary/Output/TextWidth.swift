// How many columns of a terminal a text takes, so that tables stay straight with any script.

/// Columns of terminals.
enum TextWidth {
    /// The columns that a line takes.
    static func of(_ text: String) -> Int {
        // Most cells are plain; a thousand rows would otherwise spend half their time on Unicode's tables.
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text.utf8.count }
        return text.reduce(0) { $0 + width($1) }
    }

    /// The beginning of a line that fits into so many columns; an ellipsis stands for what was cut.
    static func cut(_ text: String, to columns: Int) -> String {
        guard of(text) > columns, columns > 0 else { return text }
        var kept = ""
        var used = 0
        for character in text {
            let more = width(character)
            guard used + more <= columns - 1 else { break }
            kept.append(character)
            used += more
        }
        return kept + "…"
    }

    /// A character takes as many columns as its widest scalar: marks join the letter before them.
    private static func width(_ character: Character) -> Int {
        character.unicodeScalars.map(width).max() ?? 0
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        if scalar.properties.isEmojiPresentation { return 2 }
        switch scalar.value {
        // The wide and full-width blocks of Unicode's East Asian Width (UAX 11).
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
            0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
            0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
