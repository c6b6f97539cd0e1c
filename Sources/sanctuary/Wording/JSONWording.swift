// Words for JSON that is not as it must be; the place is always said, the text never.
import Encoding

/// What is wrong, with line and column.
func words(for error: JSONError) -> String {
    let what =
        switch error {
        case .unexpectedByte(let byte, _):
            (0x21...0x7E).contains(byte)
                ? "unexpected '\(Character(Unicode.Scalar(byte)))'" : "unexpected byte 0x\(Hex.encode([byte]))"
        case .unterminated: "it ends in the middle"
        case .duplicateKey: "a key stands twice in one object"
        case .loneSurrogate: "half of a surrogate pair"
        case .invalidUTF8: "not UTF-8"
        case .invalidEscape: "an escape that does not exist"
        case .invalidNumber: "not a number that can be read"
        case .controlCharacter: "a control character inside a text"
        case .byteOrderMark: "it begins with a byte order mark"
        case .trailingBytes: "something follows the end"
        case .tooDeep(let limit, _): "nested deeper than \(limit) levels"
        case .tooLarge(let limit): "larger than \(sized(limit))"
        case .notCanonicalNumber: "a number beyond what the ledger can carry"
        }
    guard let place = error.position else { return what }
    return "\(what) at line \(place.line), column \(place.column)"
}
