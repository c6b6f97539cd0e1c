// What a display name may not look like, so that a word on a command line and in a table means one resident.

/// The rules for names that are about to be given; a name that somebody bears already is never asked.
public enum DisplayName {
    /// Why a name would mislead.
    public enum Fault: Error, Sendable, Hashable {
        /// It has nothing that a reader would see.
        case invisible
        /// It holds a character that hides, or reverses what is read.
        case hidden(Unicode.Scalar)
        /// It reads as an id, or as the beginning or end of one.
        case identifier
        /// It is an address of the program's own.
        case reserved
    }

    /// So many digits make a short id, as tables print it; words of fewer, such as "Decade", may be names.
    private static let shortIDDigits = 8
    /// The words that stand for somebody else where a letter is addressed, and the beginnings of such addresses.
    private static let addresses: Set<String> = ["house", "keeper", "uploader"]
    private static let addressKinds = ["human:", "resident:"]

    /// What is wrong with a name that is about to be given; nil where nothing is.
    public static func fault(in name: String) -> Fault? {
        let scalars = Array(name.unicodeScalars)
        guard scalars.contains(where: isVisible) else { return .invisible }
        for index in scalars.indices where hides(scalars, at: index) { return .hidden(scalars[index]) }
        let folded = folded(name)
        let digits = folded.filter { $0 != "-" }
        if digits.count >= shortIDDigits, digits.allSatisfy(\.isHexDigit) { return .identifier }
        let isAddress = addresses.contains(folded) || addressKinds.contains { folded.hasPrefix($0) }
        return isAddress ? .reserved : nil
    }

    /// What two names share that a reader cannot tell apart: without case, hidden characters and the width of blanks.
    public static func folded(_ name: String) -> String {
        var seen = String.UnicodeScalarView()
        var isBehindBlank = false
        for scalar in name.unicodeScalars {
            if scalar.properties.isWhitespace {
                isBehindBlank = !seen.isEmpty
            } else if !isHidden(scalar) {
                if isBehindBlank { seen.append(" ") }
                isBehindBlank = false
                seen.append(scalar)
            }
        }
        return String(seen).lowercased()
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        // U+2800 is a braille cell without a dot: a blank by another name.
        !scalar.properties.isWhitespace && !isHidden(scalar) && scalar.value != 0x2800
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    /// Whether a character hides there: joiners and variation selectors may stand where they shape what is seen.
    private static func hides(_ scalars: [Unicode.Scalar], at index: Int) -> Bool {
        let scalar = scalars[index]
        guard isHidden(scalar) else { return false }
        guard index > 0, !isHidden(scalars[index - 1]) || isVariation(scalars[index - 1]) else { return true }
        // Emoji of several parts, Persian and Indic words; nothing in Latin letters needs one.
        if scalar.value == 0x200C || scalar.value == 0x200D {
            guard index + 1 < scalars.count else { return true }
            return scalars[index - 1].isASCII || scalars[index + 1].isASCII
        }
        return !isVariation(scalar) || isHidden(scalars[index - 1])
    }

    private static func isVariation(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isVariationSelector }
}
