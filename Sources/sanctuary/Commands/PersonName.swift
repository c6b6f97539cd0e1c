// The name of a human as the command line takes it: one line that a reader sees as it is.
import Community
import Encoding

/// A name that may be written down; refused where a table or a letter would not show it as it is.
///
/// - Parameter place: the option and the value, or the value alone, as the error names it.
func personName(_ name: String, as place: String) throws(CommandError) -> String {
    let limit = CommunityStore.maximumNameBytes
    guard (1...limit).contains(name.utf8.count) else {
        throw .usage("'\(place)' is no name: it has \(counted(name.utf8.count, "byte"))", hint: "1 to \(limit) bytes")
    }
    let isLine = !name.unicodeScalars.contains { $0.value < 0x20 }
    let hasLetters = name.unicodeScalars.contains { scalar in
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            || [.otherSymbol, .mathSymbol].contains(scalar.properties.generalCategory)
    }
    guard isLine, TextSafety.forTerminal(name) == name else {
        throw .usage(
            "'\(place)' is no name: it holds line breaks, control characters or marks of direction",
            hint: "write the name on one line, as it is to be read")
    }
    guard hasLetters else {
        throw .usage("'\(place)' is no name: nothing of it can be read", hint: "write it with letters")
    }
    return name
}
