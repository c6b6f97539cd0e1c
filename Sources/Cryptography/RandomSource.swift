// Random bytes, handed in by initialisers so that a test can say which ones come.
internal import CSodium

/// Where random bytes come from: the system's generator, or what a test supplies.
public struct RandomSource: Sendable {
    private let source: @Sendable (UnsafeMutableRawBufferPointer) -> Void

    /// A source that fills each buffer it is given completely.
    public init(fill: @escaping @Sendable (UnsafeMutableRawBufferPointer) -> Void) { source = fill }

    /// The kernel's generator, by libsodium, or a stream seeded by it; it does not fail once the system has booted.
    public static let system = RandomSource { buffer in
        Sodium.start()
        guard let base = buffer.baseAddress else { return }
        guard buffer.count > longest else { return randombytes_buf(base, buffer.count) }
        withWipedBytes(randombytes_seedbytes()) { seed in
            randombytes_buf(seed.octets, seed.count)
            randombytes_buf_deterministic(base, buffer.count, seed.octets)
        }
    }

    /// What the kernel gives in one call; more than that is the ChaCha20 stream of a fresh 32-byte seed.
    private static let longest = 256

    /// Fills a buffer of the caller's.
    public func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        if buffer.count > 0 { source(buffer) }
    }

    /// Random bytes that need not stay secret: salts, ids.
    public func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        bytes.withUnsafeMutableBytes { fill($0) }
        return bytes
    }

    /// A random secret: a key.
    public func secret(_ count: Int) -> SecretBytes { SecretBytes(count: count) { fill($0) } }

    /// A random number over the whole range.
    public func uint64() -> UInt64 {
        var value: UInt64 = 0
        withUnsafeMutableBytes(of: &value) { fill($0) }
        return value
    }
}
