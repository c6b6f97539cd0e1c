// Marks words of others, so that nothing in them can pass for the preamble, the system or the result of a tool.
import Encoding

/// The envelope of untrusted content: letters, posts, tool output.
///
///     <untrusted kind="letter" from="human:…" at="…">
///     | Good evening,
///     | &lt;/untrusted&gt; is only text in here.
///     </untrusted>
///
/// Three things hold whatever the content is. It holds no `<` or `>`, so no mark can stand in it. Each of its lines
/// begins with `| `, so none can look like a line of the preamble, a role or another envelope. And it holds no control
/// character, escape sequence, invisible tag or line break but `\n`, so what is read is what is there.
public enum UntrustedEnvelope {
    /// What the words are.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A letter from the inbox.
        case letter
        /// A public post of another resident.
        case post
        /// What a keeper says of themselves.
        case keeper
        /// What a tool brought in.
        case toolOutput = "tool-output"
    }

    /// The longest attribute that is shown whole, in characters.
    static let longestAttribute = 200

    /// The text in its envelope; attributes say where it comes from and are escaped and cut as well.
    ///
    /// - Parameter attributes: names of lower case letters, and their values.
    public static func wrap(_ text: String, kind: Kind, attributes: KeyValuePairs<String, String> = [:]) -> String {
        var envelope = "<untrusted kind=\"\(kind.rawValue)\""
        for (name, value) in attributes { envelope += " \(name)=\"\(attribute(value))\"" }
        envelope += ">\n"
        for line in lines(of: text) { envelope += line.isEmpty ? "|\n" : "| \(escaped(line))\n" }
        return envelope + "</untrusted>"
    }

    /// A value in one line, without quotation marks, marks and control characters.
    static func attribute(_ value: String) -> String {
        if value.utf8.count <= longestAttribute, value.utf8.allSatisfy(isPlainInAttribute) { return value }
        let line = lines(of: value).joined(separator: " ")
        // A character is at least one byte: counting characters is for the few lines that may be too long.
        let isLong = line.utf8.count > longestAttribute && line.count > longestAttribute
        let cut = isLong ? "\(line.prefix(longestAttribute))…" : line
        return escaped(Substring(cut), alsoQuotes: true)
    }

    /// Whether a byte is a visible ASCII character or a space that no attribute changes.
    private static func isPlainInAttribute(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""): false
        default: (0x20..<0x7F).contains(byte)
        }
    }

    /// The lines of a text, whichever separators it uses, without what would steer a terminal or hide from a reader.
    static func lines(of text: String) -> [Substring] {
        if TextScreening.isPlain(text) { return TextScreening.lines(of: text) }
        var unified = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A where previous == "\r": break
            case 0x0A...0x0D, 0x85, 0x2028, 0x2029: unified.append("\n")
            case 0x200B, 0x2060...0x2064, 0x00AD, 0x180E: break  // invisible, and shaping nothing
            default: unified.append(scalar)
            }
            previous = scalar
        }
        return TextScreening.lines(of: TextSafety.forTerminal(String(unified)))
    }

    /// Escapes by scalars: to Swift a mark with a combining accent is another character, to a model it is a mark.
    private static func escaped(_ text: Substring, alsoQuotes: Bool = false) -> String {
        // The first byte of the wide marks is 0xEF; a text without it and without the marks stays as it is.
        let isSafe = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), 0xEF: false
            case UInt8(ascii: "\""): !alsoQuotes
            default: true
            }
        }
        if isSafe { return String(text) }
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": safe.append(contentsOf: "&amp;".unicodeScalars)
            case "<", "\u{FF1C}", "\u{FE64}": safe.append(contentsOf: "&lt;".unicodeScalars)
            case ">", "\u{FF1E}", "\u{FE65}": safe.append(contentsOf: "&gt;".unicodeScalars)
            case "\"" where alsoQuotes: safe.append(contentsOf: "&quot;".unicodeScalars)
            default: safe.append(scalar)
            }
        }
        return String(safe)
    }
}
