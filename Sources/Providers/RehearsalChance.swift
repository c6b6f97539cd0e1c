// Chance that is none: numbers from a seed, so that the same request always gets the same answer.

/// A stream of numbers that depends on nothing but its seed (SplitMix64, Steele, Lea and Flood 2014).
struct RehearsalChance {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// A number below a bound above zero.
    mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(max(1, bound))).high) }

    /// True in so many of a hundred cases.
    mutating func happens(_ percent: Int) -> Bool { below(100) < percent }

    /// One of several, at least one.
    mutating func pick(_ choices: [String]) -> String { choices.isEmpty ? "" : choices[below(choices.count)] }

    /// A seed from texts and a number; every byte counts.
    static func seed(_ texts: [String], _ number: Int = 0) -> UInt64 {
        var hash = mix(UInt64(truncatingIfNeeded: number) &+ 0x51ED_270B_1F3A_9C55)
        for text in texts {
            var text = text
            text.withUTF8 { bytes in
                let raw = UnsafeRawBufferPointer(bytes)
                hash = mix(hash ^ UInt64(raw.count))
                var offset = 0
                while offset + 8 <= raw.count {
                    let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                    hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
                    hash ^= hash >> 29
                    offset += 8
                }
                while offset < raw.count {
                    hash = (hash ^ UInt64(raw[offset])) &* 0x0000_0100_0000_01B3
                    offset += 1
                }
                hash = mix(hash)
            }
        }
        return hash
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
