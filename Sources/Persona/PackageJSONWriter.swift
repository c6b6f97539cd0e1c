// JSON written member by member into guarded memory, without a tree of values in between.
internal import Cryptography
internal import Encoding

/// Writes compact JSON; the caller opens and closes what it writes in pairs.
struct PackageJSONWriter: ~Copyable {
    private var buffer: SecretBuffer
    private var needsComma = false

    init(capacity: Int) { buffer = SecretBuffer(capacity: capacity) }

    /// Bytes written so far.
    var count: Int { buffer.count }

    /// What was written, where it is.
    consuming func secret() -> SecretBytes { buffer.secret() }

    mutating func openObject() { open(UInt8(ascii: "{")) }
    mutating func closeObject() { close(UInt8(ascii: "}")) }
    mutating func openArray() { open(UInt8(ascii: "[")) }
    mutating func closeArray() { close(UInt8(ascii: "]")) }

    /// A member's name; its value must follow.
    mutating func key(_ name: String) {
        separate()
        quote(name)
        buffer.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func string(_ text: String) {
        separate()
        quote(text)
        needsComma = true
    }

    /// A secret as a text of hex digits, which no String holds on the way.
    mutating func digits(of secret: borrowing SecretBytes) {
        separate()
        buffer.append("\"")
        secret.hexLine().withUnsafeBytes { buffer.append(UnsafeRawBufferPointer(rebasing: $0.dropLast())) }
        buffer.append("\"")
        needsComma = true
    }

    mutating func integer(_ value: some BinaryInteger) {
        separate()
        raw(String(value))
        needsComma = true
    }

    mutating func bool(_ value: Bool) {
        separate()
        buffer.append(value ? "true" : "false")
        needsComma = true
    }

    /// Any value.
    mutating func value(_ json: JSON) {
        switch json {
        case .null:
            separate()
            buffer.append("null")
            needsComma = true
        case .bool(let value): bool(value)
        case .integer(let value): integer(value)
        case .number:
            // The shortest digits that read back to the same double are the Encoding room's business.
            separate()
            raw(String(decoding: json.serialized(), as: UTF8.self))
            needsComma = true
        case .string(let text): string(text)
        case .array(let values):
            openArray()
            for value in values { self.value(value) }
            closeArray()
        case .object(let members):
            openObject()
            self.members(members)
            closeObject()
        }
    }

    /// The members of an object that is open already.
    mutating func members(_ members: JSONObject) {
        for (key, value) in members {
            self.key(key)
            self.value(value)
        }
    }

    /// Values that were written before, with commas between them.
    mutating func written(_ values: [UInt8]) {
        separate()
        values.withUnsafeBytes { buffer.append($0) }
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        buffer.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        buffer.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { buffer.append(UInt8(ascii: ",")) }
    }

    private mutating func raw(_ text: String) {
        for byte in text.utf8 { buffer.append(byte) }
    }

    private mutating func quote(_ text: String) {
        buffer.append(UInt8(ascii: "\""))
        var text = text
        text.makeContiguousUTF8()
        let span = text.utf8Span.span
        span.withUnsafeBufferPointer { escape($0) }
        buffer.append(UInt8(ascii: "\""))
    }

    /// Copies stretches that need no escape in one piece each; the rest as RFC 8259 section 7 asks.
    private mutating func escape(_ bytes: UnsafeBufferPointer<UInt8>) {
        var start = 0
        while true {
            let end = PlainText.end(of: bytes, from: start)
            buffer.append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start..<end]))
            guard end < bytes.count else { return }
            let byte = bytes[end]
            start = end + 1
            switch byte {
            case 0x22: buffer.append("\\\"")
            case 0x5C: buffer.append("\\\\")
            case 0x0A: buffer.append("\\n")
            case 0x0D: buffer.append("\\r")
            case 0x09: buffer.append("\\t")
            default:
                buffer.append("\\u00")
                buffer.append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
                let low = byte & 0x0F
                buffer.append(low < 10 ? 0x30 + low : 0x57 + low)
            }
        }
    }
}
