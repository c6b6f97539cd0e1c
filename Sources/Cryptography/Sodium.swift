// libsodium made ready once, and the pointer shapes its functions take.
internal import CSodium

/// libsodium's start-up: without it the first guarded allocation aborts the process.
enum Sodium {
    private static let started: Void = precondition(sodium_init() >= 0, "libsodium could not start")

    /// Makes the library ready; cheap after the first call.
    @inline(__always)
    static func start() { _ = started }
}

/// The address that stands for no bytes, where C's declarations want one; nothing is ever read or written there.
nonisolated(unsafe) private let nowhere = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)

extension UnsafeRawBufferPointer {
    /// The bytes as C's `const unsigned char *`, never null.
    var octets: UnsafePointer<UInt8> { baseAddress?.assumingMemoryBound(to: UInt8.self) ?? UnsafePointer(nowhere) }

    /// The bytes as C's `const char *`, never null.
    var characters: UnsafePointer<CChar> { UnsafeRawPointer(octets).assumingMemoryBound(to: CChar.self) }
}

extension UnsafeMutableRawBufferPointer {
    /// The bytes as C's `unsigned char *`, never null.
    var octets: UnsafeMutablePointer<UInt8> { baseAddress?.assumingMemoryBound(to: UInt8.self) ?? nowhere }

    /// The bytes as C's `char *`, never null.
    var characters: UnsafeMutablePointer<CChar> {
        UnsafeMutableRawPointer(octets).assumingMemoryBound(to: CChar.self)
    }

    /// Overwrites the bytes with zeros in a way that the optimiser keeps.
    func wipe() {
        guard let baseAddress else { return }
        sodium_memzero(baseAddress, count)
    }
}

/// Lends a stack buffer that is wiped afterwards, whatever happens; for derived keys and hash states.
func withWipedBytes<R: ~Copyable, E: Error>(
    _ count: Int, _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
) throws(E) -> R {
    try withUnsafeTemporaryAllocation(byteCount: count, alignment: 16) { buffer throws(E) in
        defer { buffer.wipe() }
        return try body(buffer)
    }
}
