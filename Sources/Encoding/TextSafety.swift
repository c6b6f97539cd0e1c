// Text from models, providers and files made safe to show on a terminal.

/// Removes from text what would command a terminal instead of being read.
public enum TextSafety {
    /// No escape sequence is followed further than this many characters.
    private static let longestSequence = 4096

    /// The text without control characters, terminal escape sequences and direction overrides; `\n` and `\t` stay.
    ///
    /// A sequence that never ends loses only its introducer, so that nothing behind it is hidden from the reader.
    public static func forTerminal(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var safe = String.UnicodeScalarView()
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            if let end = endOfSequence(scalars, from: index) {
                index = end
                continue
            }
            if isHarmless(scalar) { safe.append(scalar) }
            index += 1
        }
        return String(safe)
    }

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: true
        case 0x00...0x1F, 0x7F...0x9F: false
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: false  // direction marks and overrides
        case 0x2028, 0x2029, 0xFEFF, 0xFFF9...0xFFFB: false  // separators, byte order mark, annotations
        case 0xE0000...0xE007F: false  // tags: invisible text
        default: true
        }
    }

    /// The index behind the escape sequence that starts here (ECMA-48), or nil where none does or it does not end.
    private static func endOfSequence(_ scalars: [Unicode.Scalar], from start: Int) -> Int? {
        let first = scalars[start].value
        if (0x80...0x9F).contains(first) { return end(scalars, introducer: first - 0x40, after: start + 1) }
        guard first == 0x1B, start + 1 < scalars.count else { return nil }
        return end(scalars, introducer: scalars[start + 1].value, after: start + 2)
    }

    private static func end(_ scalars: [Unicode.Scalar], introducer: UInt32, after start: Int) -> Int? {
        let bound = min(scalars.count, start + longestSequence)
        switch introducer {
        case 0x5B:  // control sequence: parameters and intermediates, then one final
            var index = start
            while index < bound, (0x20...0x3F).contains(scalars[index].value) { index += 1 }
            guard index < bound else { return nil }
            return (0x40...0x7E).contains(scalars[index].value) ? index + 1 : index
        case 0x50, 0x58, 0x5D, 0x5E, 0x5F:  // strings: up to BEL or the string terminator
            for index in start..<bound {
                let value = scalars[index].value
                if value == 0x0A { return nil }
                if value == 0x07 || value == 0x9C { return index + 1 }
                if value == 0x1B, index + 1 < bound, scalars[index + 1].value == 0x5C { return index + 2 }
            }
            return nil
        case 0x20...0x2F:  // intermediates, then one final
            var index = start
            while index < bound, (0x20...0x2F).contains(scalars[index].value) { index += 1 }
            guard index < bound else { return nil }
            return (0x30...0x7E).contains(scalars[index].value) ? index + 1 : index
        case 0x30...0x7E: return start
        default: return nil
        }
    }
}
