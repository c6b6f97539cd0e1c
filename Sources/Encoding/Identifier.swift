// UUIDs: sixteen bytes, their text, and what version 7 says about itself (RFC 9562).

/// A UUID; ordered by its bytes, which for version 7 is the order of making.
public struct Identifier: Hashable, Sendable {
    /// The first eight bytes, big-endian.
    public let high: UInt64
    /// The last eight bytes, big-endian.
    public let low: UInt64

    /// Makes an identifier of its two halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Makes an identifier of sixteen bytes; nil for another number of them.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        for byte in bytes {
            halves.0 = halves.0 << 8 | halves.1 >> 56
            halves.1 = halves.1 << 8 | UInt64(byte)
        }
        (high, low) = halves
    }

    /// Reads 32 hexadecimal digits, with hyphens in the usual four places or without any; either case.
    public init?(_ text: String) {
        var digits = Array(text.utf8)
        if digits.count == 36 {
            for place in [23, 18, 13, 8] where digits.remove(at: place) != UInt8(ascii: "-") { return nil }
        }
        guard digits.count == 32, let bytes = Hex.decode(digits) else { return nil }
        self.init(bytes: bytes)
    }

    /// The sixteen bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        for half in [high, low] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: half >> shift))
            }
        }
        return bytes
    }

    /// The 32 digits in lower case, without hyphens.
    public var hexDigits: String { Hex.encode(bytes) }

    /// Whether version and variant are those of a UUIDv7 (RFC 9562 section 5.7).
    public var isVersion7: Bool { high >> 12 & 0xF == 7 && low >> 62 == 0b10 }

    /// When it was made, to the millisecond; meaningful for version 7 only.
    public var timestamp: Instant { Instant(unixMilliseconds: Int64(high >> 16)) }
}

extension Identifier: Comparable {
    /// Whether one identifier's bytes come before another's.
    public static func < (left: Identifier, right: Identifier) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension Identifier: CustomStringConvertible {
    /// The 36 characters in lower case, with hyphens.
    public var description: String {
        var text = Array(hexDigits.utf8)
        for place in [20, 16, 12, 8] { text.insert(UInt8(ascii: "-"), at: place) }
        return String(decoding: text, as: UTF8.self)
    }
}
