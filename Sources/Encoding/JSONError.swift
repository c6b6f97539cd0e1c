// What is wrong with a JSON text and where: positions and kinds only, never the text, which may be private.

/// A place in a text.
public struct JSONPosition: Sendable, Hashable {
    /// Bytes before the place.
    public let offset: Int
    /// The line, from 1; a line ends at a line feed.
    public let line: Int
    /// The character (Unicode scalar) within the line, from 1.
    public let column: Int

    /// Names a place.
    public init(offset: Int, line: Int, column: Int) {
        self.offset = offset
        self.line = line
        self.column = column
    }
}

/// Why a text is not JSON that this program accepts, or a value cannot be written as asked.
public enum JSONError: Error, Equatable, Sendable {
    /// A byte that cannot stand there.
    case unexpectedByte(UInt8, at: JSONPosition)
    /// The text ends inside a value; the position is the end.
    case unterminated(at: JSONPosition)
    /// A key occurs twice in one object; the position is the second one's.
    case duplicateKey(at: JSONPosition)
    /// An escape names half of a surrogate pair.
    case loneSurrogate(at: JSONPosition)
    /// Bytes that are not UTF-8.
    case invalidUTF8(at: JSONPosition)
    /// A backslash is followed by something that is no escape.
    case invalidEscape(at: JSONPosition)
    /// A number with a leading zero, without digits, too long, or too large for a double.
    case invalidNumber(at: JSONPosition)
    /// A control character stands unescaped inside a string.
    case controlCharacter(at: JSONPosition)
    /// The text starts with a byte order mark.
    case byteOrderMark(at: JSONPosition)
    /// Something follows the value.
    case trailingBytes(at: JSONPosition)
    /// The nesting passes the limit; the position is that of the bracket, or nil when writing.
    case tooDeep(limit: Int, at: JSONPosition?)
    /// The text is longer than the limit, in bytes.
    case tooLarge(limit: Int)
    /// A number that the canonical form cannot carry; the position is nil when writing.
    case notCanonicalNumber(at: JSONPosition?)

    /// Where in the text, if the error is about one place.
    public var position: JSONPosition? {
        switch self {
        case .unexpectedByte(_, let at), .unterminated(let at), .duplicateKey(let at), .loneSurrogate(let at),
            .invalidUTF8(let at), .invalidEscape(let at), .invalidNumber(let at), .controlCharacter(let at),
            .byteOrderMark(let at), .trailingBytes(let at):
            at
        case .tooDeep(_, let at), .notCanonicalNumber(let at): at
        case .tooLarge: nil
        }
    }
}

/// What the parser throws inside: a kind and an offset; line and column are worked out once, at the boundary.
struct JSONFault: Error {
    enum Kind {
        case unexpectedByte, unterminated, duplicateKey, loneSurrogate, invalidUTF8, invalidEscape, invalidNumber
        case controlCharacter, byteOrderMark, trailingBytes, tooDeep, notCanonicalNumber
    }

    let kind: Kind
    let offset: Int

    /// The public error for a fault in these bytes.
    func located(in bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) -> JSONError {
        let at = position(in: bytes)
        return switch kind {
        case .unexpectedByte: .unexpectedByte(offset < bytes.count ? bytes[offset] : 0, at: at)
        case .unterminated: .unterminated(at: at)
        case .duplicateKey: .duplicateKey(at: at)
        case .loneSurrogate: .loneSurrogate(at: at)
        case .invalidUTF8: .invalidUTF8(at: at)
        case .invalidEscape: .invalidEscape(at: at)
        case .invalidNumber: .invalidNumber(at: at)
        case .controlCharacter: .controlCharacter(at: at)
        case .byteOrderMark: .byteOrderMark(at: at)
        case .trailingBytes: .trailingBytes(at: at)
        case .tooDeep: .tooDeep(limit: limits.maximumDepth, at: at)
        case .notCanonicalNumber: .notCanonicalNumber(at: at)
        }
    }

    private func position(in bytes: UnsafeBufferPointer<UInt8>) -> JSONPosition {
        var line = 1
        var column = 1
        for byte in bytes[..<min(offset, bytes.count)] {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return JSONPosition(offset: offset, line: line, column: column)
    }
}
