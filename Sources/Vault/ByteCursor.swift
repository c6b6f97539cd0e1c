// Big-endian fields: a writer that appends and a reader that never runs past the end.
internal import Encoding

/// Appends big-endian integers and bytes.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    mutating func append<I: FixedWidthInteger>(integer: I) {
        var shift = I.bitWidth - 8
        while shift >= 0 {
            bytes.append(UInt8(truncatingIfNeeded: integer >> I(shift)))
            shift -= 8
        }
    }
}

/// Reads big-endian integers and bytes from the front; nil past the end.
struct ByteReader {
    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var remaining: Int { bytes.count - offset }

    mutating func take(_ count: Int) -> [UInt8]? {
        guard count >= 0, count <= remaining else { return nil }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    mutating func integer<I: FixedWidthInteger & UnsignedInteger>(_ type: I.Type = I.self) -> I? {
        guard let field = take(I.bitWidth / 8) else { return nil }
        return field.reduce(0) { ($0 << 8) | I($1) }
    }

    mutating func identifier() -> Identifier? {
        guard let field = take(16) else { return nil }
        return Identifier(bytes: field)
    }
}
