// Taking single values out of the canonical bytes of a span.
internal import Encoding
internal import Glibc

/// The located members of a span and the forms that their values must have.
struct Fields {
    let bytes: UnsafeBufferPointer<UInt8>
    let ranges: [Range<Int>]
    /// The members of the metadata and of the content, where those are objects.
    let metadata: [CanonicalScanner.Member]
    let content: [CanonicalScanner.Member]

    func has(_ field: SpanField) -> Bool { !ranges[field.rawValue].isEmpty }

    /// A refusal that names the field and what it should be; the value itself only where it cannot be private.
    func invalid(_ field: SpanField, _ expected: String) -> SpanRefusal {
        SpanRefusal(kind: .fieldInvalid, expected: "\(field.name): \(expected)", found: "another value")
    }

    func integer(_ field: SpanField) throws(SpanRefusal) -> Int {
        var value = 0
        for byte in raw(field) {
            guard (0x30...0x39).contains(byte) else { throw invalid(field, "a whole number") }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    func string(_ field: SpanField) throws(SpanRefusal) -> String {
        let inner = try quoted(field)
        // The scanner found the bytes to be well-formed; most have nothing to escape.
        let isEscaped = inner.baseAddress.map { memchr($0, 0x5C, inner.count) != nil } ?? false
        guard isEscaped else { return String(decoding: inner, as: UTF8.self) }
        guard let text = (try? JSON.parse(UnsafeRawBufferPointer(raw(field))))?.string else {
            throw invalid(field, "a text")
        }
        return text
    }

    /// The bytes that a prefix and lower-case digits stand for.
    func digits(_ field: SpanField, prefix: StaticString, bytes count: Int) throws(SpanRefusal) -> [UInt8] {
        let inner = try quoted(field)
        let prefixCount = prefix.utf8CodeUnitCount
        guard inner.count == prefixCount + 2 * count,
            UnsafeBufferPointer(rebasing: inner[..<prefixCount]).isText(prefix),
            let value = LowerHex.decode(UnsafeBufferPointer(rebasing: inner[prefixCount...]))
        else { throw invalid(field, "\(prefix) and \(2 * count) digits") }
        return value
    }

    /// The identifier in its one canonical spelling; nil for anything else.
    func identifier(_ field: SpanField) -> Identifier? {
        let range = ranges[field.rawValue]
        guard range.count == 38, bytes[range.lowerBound] == UInt8(ascii: "\"") else { return nil }
        return LowerHex.identifier(UnsafeBufferPointer(rebasing: bytes[range.lowerBound + 1..<range.upperBound - 1]))
    }

    func requiredIdentifier(_ field: SpanField) throws(SpanRefusal) -> Identifier {
        guard let id = identifier(field) else { throw invalid(field, "a UUID") }
        return id
    }

    /// A list of identifiers, as they are written.
    func identifiers(_ field: SpanField) throws(SpanRefusal) -> [String] {
        guard let list = parsed(field)?.array else { throw invalid(field, "a list of UUIDs") }
        var found: [String] = []
        for value in list {
            guard var text = value.string, text.withUTF8({ LowerHex.identifier($0) }) != nil else {
                throw invalid(field, "a list of UUIDs")
            }
            found.append(text)
        }
        return found
    }

    func sealedReference() throws(SpanRefusal) -> SealedReference {
        guard let object = parsed(.sealed)?.object, object.count == 4, object["alg"]?.string == "C256",
            let keyID = object["kid"]?.string.flatMap(HashText.lowerHex), keyID.count == 16,
            let hash = object["ct"]?.string.flatMap(HashText.blake3Bytes), let length = object["len"]?.integer,
            length >= 0
        else { throw invalid(.sealed, "alg C256, kid, ct, len") }
        return SealedReference(keyID: keyID, hash: hash, length: Int(length))
    }

    func facts() throws(SpanRefusal) -> SpanFacts {
        guard raw(.metadata).first == UInt8(ascii: "{") else { throw invalid(.metadata, "an object") }
        var facts = SpanFacts()
        for member in metadata {
            facts.note(
                UnsafeBufferPointer(rebasing: bytes[member.key]), UnsafeBufferPointer(rebasing: bytes[member.value]))
        }
        return facts
    }

    func raw(_ field: SpanField) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[ranges[field.rawValue]])
    }

    private func quoted(_ field: SpanField) throws(SpanRefusal) -> UnsafeBufferPointer<UInt8> {
        let value = raw(field)
        guard value.first == UInt8(ascii: "\"") else { throw invalid(field, "a text") }
        return UnsafeBufferPointer(rebasing: value[1..<value.count - 1])
    }

    private func parsed(_ field: SpanField) -> JSON? { try? JSON.parse(UnsafeRawBufferPointer(raw(field))) }
}

/// Digits in the one spelling of the format, which is lower case: another spelling would be another text.
enum LowerHex {
    static func decode(_ digits: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard digits.count.isMultiple(of: 2) else { return nil }
        var invalid: UInt8 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: digits.count / 2) { buffer, initialized in
            for index in 0..<digits.count / 2 {
                let (high, low) = (value(digits[2 * index]), value(digits[2 * index + 1]))
                invalid |= high | low
                buffer[index] = high << 4 | low & 0xF
            }
            initialized = digits.count / 2
        }
        return invalid < 16 ? bytes : nil
    }

    static func identifier(_ text: UnsafeBufferPointer<UInt8>) -> Identifier? {
        let hyphen = UInt8(ascii: "-")
        guard text.count == 36, text[8] == hyphen, text[13] == hyphen, text[18] == hyphen, text[23] == hyphen else {
            return nil
        }
        var invalid: UInt8 = 0
        func number(_ range: Range<Int>) -> UInt64 {
            var number: UInt64 = 0
            for index in range {
                let digit = value(text[index])
                invalid |= digit
                number = number << 4 | UInt64(digit & 0xF)
            }
            return number
        }
        let high = number(0..<8) << 32 | number(9..<13) << 16 | number(14..<18)
        let low = number(19..<23) << 48 | number(24..<36)
        return invalid < 16 ? Identifier(high: high, low: low) : nil
    }

    /// The value of a digit, 0xFF for any other byte; without branches, which hash digits would mostly mispredict.
    @inline(__always)
    private static func value(_ byte: UInt8) -> UInt8 {
        let (digit, letter) = (byte &- 0x30, byte &- 0x61)
        let asLetter: UInt8 = letter < 6 ? letter &+ 10 : 0xFF
        return digit < 10 ? digit : asLetter
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether the bytes are exactly this text.
    func isText(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        guard let baseAddress else { return true }
        return memcmp(baseAddress, text.utf8Start, count) == 0
    }

    /// Whether both hold the same bytes.
    func isSame(as other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count == other.count else { return false }
        guard let baseAddress, let start = other.baseAddress else { return true }
        return memcmp(baseAddress, start, count) == 0
    }
}
