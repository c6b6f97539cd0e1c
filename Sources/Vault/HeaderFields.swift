// Reads one field after another and says which one was wrong.
internal import Encoding

/// A reader of binary fields whose errors name the file, the field and both values.
struct HeaderFields {
    var reader: ByteReader
    let path: String

    func malformed(_ field: String, expected: String, found: String) -> VaultError {
        .fault(VaultFault(.malformed, path: path, field: field, expected: expected, found: found))
    }

    private func short(_ field: String) -> VaultError {
        .fault(
            VaultFault(
                .truncated, path: path, field: field, expected: "more bytes", found: "\(reader.remaining) left"))
    }

    mutating func take(_ count: Int, _ field: String) throws(VaultError) -> [UInt8] {
        guard let bytes = reader.take(count) else { throw short(field) }
        return bytes
    }

    mutating func integer<I: FixedWidthInteger & UnsignedInteger>(_ field: String) throws(VaultError) -> I {
        guard let value = reader.integer(I.self) else { throw short(field) }
        return value
    }

    mutating func identifier(_ field: String) throws(VaultError) -> Identifier {
        guard let value = reader.identifier() else { throw short(field) }
        return value
    }

    mutating func expect<I: FixedWidthInteger & UnsignedInteger>(_ value: I, _ field: String) throws(VaultError) {
        let found: I = try integer(field)
        guard found == value else { throw malformed(field, expected: "\(value)", found: "\(found)") }
    }

    mutating func expect(_ bytes: [UInt8], _ field: String) throws(VaultError) {
        let found = try take(bytes.count, field)
        guard found == bytes else {
            throw malformed(field, expected: Hex.encode(bytes), found: Hex.encode(found))
        }
    }
}
