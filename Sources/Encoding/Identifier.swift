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
    public init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        func word(_ start: Int) -> UInt64 {
            var word: UInt64 = 0
            for place in start..<start + 8 { word = word << 8 | UInt64(bytes[place]) }
            return word
        }
        self.init(high: word(0), low: word(8))
    }

    /// Makes an identifier of sixteen bytes of any collection; nil for another number of them.
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
        let hasHyphens = text.utf8.count == 36
        guard hasHyphens || text.utf8.count == 32 else { return nil }
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        for (place, character) in text.utf8.enumerated() {
            if hasHyphens, Self.isHyphen(place) {
                guard character == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Hex.value(of: character) else { return nil }
            halves.high = halves.high << 4 | halves.low >> 60
            halves.low = halves.low << 4 | UInt64(digit)
        }
        self.init(high: halves.high, low: halves.low)
    }

    private static func isHyphen(_ place: Int) -> Bool { place == 8 || place == 13 || place == 18 || place == 23 }

    /// The sixteen bytes.
    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            for index in 0..<8 {
                let shift = UInt64(56 - 8 * index)
                buffer[index] = UInt8(truncatingIfNeeded: high >> shift)
                buffer[8 + index] = UInt8(truncatingIfNeeded: low >> shift)
            }
            count = 16
        }
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
        String(unsafeUninitializedCapacity: 36) { buffer in
            var place = 0
            for index in 0..<32 {
                if Self.isHyphen(place) {
                    buffer[place] = UInt8(ascii: "-")
                    place += 1
                }
                let half = index < 16 ? high : low
                buffer[place] = Hex.digit(UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (index % 16))) & 0x0F)
                place += 1
            }
            return place
        }
    }
}
