// Taking single values out of the canonical bytes of a span.
internal import Encoding

/// The located members of a span and the forms that their values must have.
struct Fields {
    let bytes: UnsafeBufferPointer<UInt8>
    let ranges: [Range<Int>]

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
        guard inner.contains(UInt8(ascii: "\\")) else { return String(decoding: inner, as: UTF8.self) }
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
            inner.prefix(prefixCount).elementsEqual(UnsafeBufferPointer(start: prefix.utf8Start, count: prefixCount)),
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
        let value = raw(.metadata)
        var facts = SpanFacts()
        let isObject = CanonicalScanner.members(of: value) { key, member in
            facts.note(UnsafeBufferPointer(rebasing: value[key]), UnsafeBufferPointer(rebasing: value[member]))
        }
        guard isObject else { throw invalid(.metadata, "an object") }
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
        var isValid = true
        let bytes = [UInt8](unsafeUninitializedCapacity: digits.count / 2) { buffer, initialized in
            for index in 0..<digits.count / 2 {
                let (high, low) = (value(digits[2 * index]), value(digits[2 * index + 1]))
                isValid = isValid && (high | low) < 16
                buffer[index] = high << 4 | low & 0xF
            }
            initialized = digits.count / 2
        }
        return isValid ? bytes : nil
    }

    static func identifier(_ text: UnsafeBufferPointer<UInt8>) -> Identifier? {
        guard text.count == 36 else { return nil }
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        for (index, byte) in text.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit = value(byte)
            guard digit < 16 else { return nil }
            halves.high = halves.high << 4 | halves.low >> 60
            halves.low = halves.low << 4 | UInt64(digit)
        }
        return Identifier(high: halves.high, low: halves.low)
    }

    private static func value(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x61...0x66: byte - 0x57
        default: 0xFF
        }
    }
}
