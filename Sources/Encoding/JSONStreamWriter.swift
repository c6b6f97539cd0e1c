// Compact JSON written part by part, without a tree of values in between.

/// Writes one compact JSON text; the caller opens and closes what it writes in pairs.
public struct JSONStreamWriter {
    private var writer = JSONWriter(indented: false)
    private var needsComma = false

    /// A writer with room for so many bytes.
    public init(capacity: Int) { writer.bytes.reserveCapacity(capacity) }

    /// A writer of what follows bytes that stay where they are, with room for so many more; a value must stand at
    /// their end.
    public init(continuingWith capacity: Int) {
        self.init(capacity: capacity)
        needsComma = true
    }

    /// What was written.
    public var bytes: [UInt8] { writer.bytes }

    /// How many bytes were written.
    public var count: Int { writer.bytes.count }

    /// Begins an object.
    public mutating func openObject() { open(UInt8(ascii: "{")) }
    /// Ends it.
    public mutating func closeObject() { close(UInt8(ascii: "}")) }
    /// Begins an array.
    public mutating func openArray() { open(UInt8(ascii: "[")) }
    /// Ends it.
    public mutating func closeArray() { close(UInt8(ascii: "]")) }

    /// A member's name, which needs no escape; its value must follow.
    public mutating func key(_ name: StaticString) {
        separate()
        writer.bytes.append(UInt8(ascii: "\""))
        writer.append(name)
        writer.append("\":")
        needsComma = false
    }

    /// A member's name; its value must follow.
    public mutating func key(_ name: String) {
        separate()
        writer.appendString(name)
        writer.bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A text that needs no escape.
    public mutating func word(_ text: StaticString) {
        separate()
        writer.bytes.append(UInt8(ascii: "\""))
        writer.append(text)
        writer.bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// A text.
    public mutating func string(_ text: String) {
        separate()
        writer.appendString(text)
        needsComma = true
    }

    /// Begins a text that is written in pieces.
    public mutating func openText() {
        separate()
        writer.bytes.append(UInt8(ascii: "\""))
    }

    /// Begins a text that is the first in what these words open, brackets and names, which are written as they are.
    public mutating func openText(after opening: StaticString) {
        separate()
        writer.append(opening)
        writer.bytes.append(UInt8(ascii: "\""))
    }

    /// A piece of it.
    public mutating func piece(_ text: String) { writer.appendPiece(text) }

    /// A piece of it, copied from another document.
    public mutating func piece(_ text: JSONText) {
        text.withEscapedBytes { writer.bytes.append(contentsOf: $0) }
    }

    /// Ends it.
    public mutating func closeText() {
        writer.bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// A text, copied from another document.
    public mutating func text(_ text: JSONText) {
        openText()
        piece(text)
        closeText()
    }

    /// A whole number.
    public mutating func integer(_ value: Int) {
        separate()
        writer.appendInteger(Int64(value))
        needsComma = true
    }

    /// A truth value.
    public mutating func bool(_ value: Bool) {
        separate()
        writer.append(value ? "true" : "false")
        needsComma = true
    }

    /// The literal `null`.
    public mutating func null() {
        separate()
        writer.append("null")
        needsComma = true
    }

    /// Any value.
    public mutating func value(_ json: JSON) {
        separate()
        writer.write(json, depth: 0)
        needsComma = true
    }

    /// Values that were written before, with commas between them.
    public mutating func written(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        separate()
        writer.bytes.append(contentsOf: bytes)
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        writer.bytes.append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        writer.bytes.append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { writer.bytes.append(UInt8(ascii: ",")) }
    }
}
