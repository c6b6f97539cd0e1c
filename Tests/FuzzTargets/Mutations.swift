// A bounded search without a fuzzer: seeds, changed by a generator whose own seed makes every run the same.

/// SplitMix64: the same seed gives the same inputs everywhere.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { bound > 0 ? Int(next() % UInt64(bound)) : 0 }
}

/// Changed copies of seeds, one after the other.
public struct Mutations: Sequence, IteratorProtocol {
    /// No mutation grows beyond this.
    public static let maximumBytes = 16_384
    private let seeds: [[UInt8]]
    private let words: [[UInt8]]
    private var generator: SplitMix

    /// Mutations of these seeds; `words` are put in whole, and the same `seed` gives the same mutations.
    public init(of seeds: [[UInt8]], words: [String], seed: UInt64) {
        self.seeds = seeds.isEmpty ? [[]] : seeds
        self.words = words.map { Array($0.utf8) }
        generator = SplitMix(state: seed)
    }

    /// The next input; there is always one.
    public mutating func next() -> [UInt8]? {
        var bytes = seeds[generator.below(seeds.count)]
        for _ in 0...generator.below(6) { change(&bytes) }
        return Array(bytes.prefix(Self.maximumBytes))
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let place = generator.below(bytes.count + 1)
        let length = Swift.min(generator.below(24) + 1, bytes.count - place)
        switch generator.below(8) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(generator.below(8))
        case 1 where place < bytes.count:
            bytes[place] = [0, 0xFF, 0x7F, 0x80, 0x22, 0x5C, 0x0A, 0x7B][generator.below(8)]
        case 2: bytes.removeSubrange(place..<place + length)
        case 3: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
        case 4: bytes.insert(UInt8(generator.below(256)), at: place)
        case 5 where !words.isEmpty: bytes.insert(contentsOf: words[generator.below(words.count)], at: place)
        case 6:
            let other = seeds[generator.below(seeds.count)]
            let start = generator.below(other.count)
            bytes.replaceSubrange(place..., with: other[start...])
        default: bytes.removeSubrange(generator.below(8) == 0 ? place..<bytes.count : place..<place)
        }
    }
}
