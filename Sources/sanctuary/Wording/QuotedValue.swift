// A value of the settings or of a command line inside a message: as it was written, on one line, and of bounded length.
import Encoding

/// A text as it was written: blanks stay, what cannot be seen is told by its number, and what is long is cut.
func escaped(_ text: String, limit: Int = 80) -> String {
    var line = ""
    for scalar in text.unicodeScalars.prefix(limit) {
        switch (scalar, scalar.properties.generalCategory) {
        case ("\n", _): line += "\\n"
        case ("\r", _): line += "\\r"
        case ("\t", _): line += "\\t"
        case (_, .control), (_, .format), (_, .lineSeparator), (_, .paragraphSeparator), (_, .privateUse),
            (_, .unassigned):
            line += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        case (_, .spaceSeparator) where scalar != " ":
            line += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        default: line.unicodeScalars.append(scalar)
        }
    }
    return text.unicodeScalars.count > limit ? line + "…" : line
}

/// A value as a message names it: a text in quotes, a number or a truth as it stands, of the rest its kind.
func named(_ value: JSON) -> String {
    if let text = value.string { return text.isEmpty ? "an empty text" : "'\(escaped(text))'" }
    if let object = value.object { return object.isEmpty ? "an empty object" : "an object" }
    if let list = value.array { return list.isEmpty ? "an empty list" : "a list" }
    return String(decoding: value.serialized(), as: UTF8.self)
}
