// Randomness and time that a test decides: a generator with a seed, a clock set by hand.
import Cryptography
import Encoding
import Synchronization

/// SplitMix64: the same seed gives the same numbers everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A random source that gives the same bytes for the same seed.
func seededSource(_ seed: UInt64) -> RandomSource {
    let generator = SeededBytes(seed)
    return RandomSource { generator.fill($0) }
}

private final class SeededBytes: Sendable {
    private let generator: Mutex<SeededGenerator>

    init(_ seed: UInt64) { generator = Mutex(SeededGenerator(seed: seed)) }

    func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        generator.withLock { generator in
            for index in buffer.indices { buffer[index] = UInt8.random(in: 0...255, using: &generator) }
        }
    }
}

/// A clock that shows what it was last set to.
final class ManualClock: Sendable {
    private let milliseconds: Atomic<Int64>

    init(_ milliseconds: Int64) { self.milliseconds = Atomic(milliseconds) }

    func set(_ value: Int64) { milliseconds.store(value, ordering: .sequentiallyConsistent) }

    var source: TimeSource {
        TimeSource(
            now: { Instant(unixMilliseconds: self.milliseconds.load(ordering: .sequentiallyConsistent)) },
            monotonicNanoseconds: { 0 })
    }
}
