// Finding things in texts: phrases to repeat, ids, words; bytes only, because it runs in every request.
internal import Encoding
internal import Glibc

/// What the stand-in looks for in texts.
enum RehearsalText {
    /// Whether a text contains another, byte for byte.
    static func contains(_ text: String, _ needle: String) -> Bool { offset(after: needle, in: text) != nil }

    /// The lines of a text, split at its bytes: by characters it would take a hundred times as long.
    static func lines(of text: String) -> [Substring] {
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Substring($0) }
    }

    /// What follows the first occurrence of a text in a line; nil where it does not occur.
    static func rest(of line: Substring, after needle: String) -> Substring? {
        guard let offset = offset(after: needle, in: String(line)) else { return nil }
        return line[line.utf8.index(line.utf8.startIndex, offsetBy: offset)...]
    }

    /// Where the first occurrence ends, in bytes, by the C library's search: a prompt may be large, and rounds many.
    private static func offset(after needle: String, in text: String) -> Int? {
        var text = text
        var needle = needle
        return text.withUTF8 { text in
            needle.withUTF8 { needle in
                guard let start = text.baseAddress, let wanted = needle.baseAddress, let last = needle.last else {
                    return nil
                }
                var end = needle.count - 1
                while end < text.count, let found = memchr(start + end, Int32(last), text.count - end) {
                    end = UnsafeRawPointer(found) - UnsafeRawPointer(start) + 1
                    if memcmp(start + end - needle.count, wanted, needle.count) == 0 { return end }
                }
                return nil
            }
        }
    }

    /// The phrase a text asks to be repeated: the rest of the last line with `phrase:`, else what was quoted last.
    static func phrase(in text: String) -> String {
        var found = ""
        for line in lines(of: text) {
            guard let rest = rest(of: line, after: "phrase:") else { continue }
            found = String(rest.filter { !"\"`“”".contains($0) })
        }
        let words = found.split(separator: " ").joined(separator: " ")
        if !words.isEmpty { return words }
        for (open, close) in [("“", "”"), ("\"", "\""), ("`", "`")] as [(Character, Character)] {
            guard let end = text.lastIndex(of: close), let start = text[..<end].lastIndex(of: open) else { continue }
            return String(text[text.index(after: start)..<end])
        }
        return ""
    }

    /// The first identifier in a text, as it is written there.
    static func firstID(in text: String) -> String? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 36 else { return nil }
        var start = 0
        while start + 36 <= bytes.count {
            // The first hyphen of an id stands after 8 digits: look for hyphens, not at every byte.
            guard let hyphen = bytes[(start + 8)...].firstIndex(of: UInt8(ascii: "-")) else { return nil }
            let from = hyphen - 8
            if from + 36 <= bytes.count {
                let candidate = String(decoding: bytes[from..<(from + 36)], as: UTF8.self)
                if Identifier(candidate) != nil { return candidate }
            }
            start = hyphen - 7
        }
        return nil
    }

    /// A script's text with what it stands for put in.
    static func substituted(_ text: String, _ request: RehearsalRequest) -> String {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return text }
        var parts = text.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
        for index in parts.indices.dropFirst() {
            let part = parts[index]
            if part.hasPrefix("phrase") {
                parts[index] = phrase(in: request.lastText) + part.dropFirst(6)
            } else if part.hasPrefix("id") {
                let id = request.results.lazy.compactMap { firstID(in: $0.content) }.first
                parts[index] = (id ?? "") + part.dropFirst(2)
            } else if part.hasPrefix("x"), let count = Int(part.dropFirst().prefix { $0.isNumber }) {
                parts[index] =
                    String(repeating: "x", count: min(count, 4_000_000))
                    + part.dropFirst().drop { $0.isNumber }
            } else {
                parts[index] = "$" + part
            }
        }
        return parts.joined()
    }
}
