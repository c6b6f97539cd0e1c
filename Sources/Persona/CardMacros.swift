// The macros of character cards, as far as they mean something here.

/// Replaces macros in one pass; what a macro puts in is not looked at again.
struct CardMacros {
    /// What `{{char}}` stands for.
    let character: String
    /// What `{{user}}` stands for; nobody in particular talks to a resident.
    let user = "your human"
    /// Macros that were left as text so far.
    private(set) var unsupported = 0

    /// How deep macros may stand inside one another.
    private static let deepest = 16

    init(character: String) { self.character = character }

    /// The text with `{{char}}`, `{{user}}` and `{{original}}` replaced and comments taken out, in any letter case.
    ///
    /// `{{original}}` stands for a front end's own default prompt, of which the house has none.
    mutating func expand(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let opening = UInt8(ascii: "{")
        let closing = UInt8(ascii: "}")
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = 0
        var starts: [Int] = []
        while index < bytes.count {
            let isPair = index + 1 < bytes.count && bytes[index] == bytes[index + 1]
            if isPair, bytes[index] == opening {
                // Deeper nesting stays text, so that hostile braces cost no more than their length.
                if starts.count < Self.deepest { starts.append(output.count) }
                output += [opening, opening]
                index += 2
            } else if isPair, bytes[index] == closing, let from = starts.popLast() {
                let name = String(decoding: output[(from + 2)...], as: UTF8.self)
                if let value = value(of: name) {
                    output.removeSubrange(from...)
                    output += Array(value.utf8)
                } else {
                    unsupported += 1
                    output += [closing, closing]
                }
                index += 2
            } else {
                output.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private func value(of macro: String) -> String? {
        let name = PersonaText.trimmingBlanks(macro).lowercased()
        switch name {
        case "char": return character
        case "user": return user
        case "original": return ""
        default: return name.hasPrefix("//") || name.hasPrefix("comment:") ? "" : nil
        }
    }
}
