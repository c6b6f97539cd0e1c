// The writers for people and wires: compact and indented, members in their own order.

extension JSON {
    /// Writes the value compactly, members in insertion order, escaping only what must be.
    ///
    /// A `.number` without fraction is written `1.0`, so that reading it back gives the same value. One that is not
    /// finite, which no parser makes, is written `null` as ECMAScript does.
    public func serialized() -> [UInt8] {
        var writer = JSONWriter(indented: false)
        writer.bytes.reserveCapacity(estimatedBytes)
        writer.write(self, depth: 0)
        return writer.bytes
    }

    /// About as many bytes as the value is written with, so that a long text is not copied from block to block.
    private var estimatedBytes: Int {
        switch self {
        case .null, .bool: 5
        case .integer, .number: 8
        case .string(let text): text.utf8.count + text.utf8.count / 32 + 2
        case .array(let values): values.reduce(2) { $0 + 1 + $1.estimatedBytes }
        case .object(let members): members.members.reduce(2) { $0 + 4 + $1.key.utf8.count + $1.value.estimatedBytes }
        }
    }

    /// Writes the value over several lines, indented by two spaces, without a final line feed.
    public func prettyPrinted() -> [UInt8] {
        var writer = JSONWriter(indented: true)
        writer.write(self, depth: 0)
        return writer.bytes
    }
}

/// Bytes of JSON in the making; the primitives are shared with the canonical writer.
struct JSONWriter {
    var bytes: [UInt8] = []
    let indented: Bool

    init(indented: Bool) { self.indented = indented }

    mutating func write(_ value: JSON, depth: Int) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): appendInteger(value)
        case .number(let value): appendNumber(value)
        case .string(let value): appendString(value)
        case .array(let values): writeArray(values, depth: depth + 1)
        case .object(let members): writeObject(members, depth: depth + 1)
        }
    }

    private mutating func writeArray(_ values: [JSON], depth: Int) {
        bytes.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            breakLine(depth)
            write(value, depth: depth)
        }
        if !values.isEmpty { breakLine(depth - 1) }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func writeObject(_ object: JSONObject, depth: Int) {
        bytes.append(UInt8(ascii: "{"))
        for (index, member) in object.members.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            breakLine(depth)
            appendString(member.key)
            bytes.append(UInt8(ascii: ":"))
            if indented { bytes.append(UInt8(ascii: " ")) }
            write(member.value, depth: depth)
        }
        if !object.isEmpty { breakLine(depth - 1) }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func breakLine(_ depth: Int) {
        guard indented else { return }
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<depth * 2 { bytes.append(UInt8(ascii: " ")) }
    }

    mutating func append(_ word: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    mutating func appendInteger(_ value: Int64) {
        if (0...9).contains(value) {
            bytes.append(0x30 + UInt8(truncatingIfNeeded: value))
        } else {
            bytes.append(contentsOf: value.description.utf8)
        }
    }

    private mutating func appendNumber(_ value: Double) {
        guard value.isFinite else { return append("null") }
        if value == 0, value.sign == .minus { return append("-0") }
        ECMANumber.append(value, to: &bytes)
        if value.magnitude < 1e21, value == value.rounded(.towardZero) { append(".0") }
    }

    /// Writes a string with its quotes: the short escapes, `\u00xx` for other control characters, all else as it is.
    mutating func appendString(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        appendPiece(text)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes what stands between the quotes of a string.
    mutating func appendPiece(_ text: String) {
        let done: Void? = text.utf8.withContiguousStorageIfAvailable { appendEscaped($0) }
        if done == nil { Array(text.utf8).withUnsafeBufferPointer { appendEscaped($0) } }
    }

    private mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        var start = 0
        while true {
            let end = PlainText.end(of: text, from: start)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<end]))
            guard end < text.count else { return }
            appendEscape(of: text[end])
            start = end + 1
        }
    }

    private mutating func appendEscape(of byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            append("u00")
            bytes.append(Hex.digit(byte >> 4))
            bytes.append(Hex.digit(byte & 0x0F))
        }
    }
}
