// C2SP chunked-encryption, instance Cobblestone-256: the one construction that seals anything here.
//
// okm = HKDF-Expand-SHA-512(key, label ‖ salt ‖ context, 76) = AES key 32 ‖ base nonce 12 ‖ commitment 32
// sealed = salt 24 ‖ commitment 32 ‖ chunks; chunk i is AES-256-GCM under base nonce XOR i (96 bits), no extra data.
// Every chunk but the last holds 16,384 bytes; the last is always shorter and may be empty.
// Sealing is in ChunkedSealing.swift, opening in ChunkedOpening.swift.
internal import CSodium

/// Committing authenticated encryption of whole messages (C2SP chunked-encryption, Cobblestone-256).
public enum ChunkedEncryption {
    /// The plaintext bytes of every chunk but the last.
    public static let chunkSize = 16_384
    /// The bytes of tag after each chunk.
    public static let tagSize = 16
    /// The bytes of random salt that a sealed message begins with.
    public static let saltSize = 24
    /// The bytes of commitment to key, salt and context, after the salt.
    public static let commitmentSize = 32
    /// The bytes before the first chunk.
    public static let prefixSize = saltSize + commitmentSize
    /// The bytes of a key.
    public static let keySize = 32

    static let label = Array("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0".utf8)
    static let sealedChunkSize = chunkSize + tagSize

    /// How many bytes a message of `plaintextCount` bytes has when sealed.
    public static func sealedCount(plaintextCount: Int) -> Int {
        prefixSize + plaintextCount + tagSize * (plaintextCount / chunkSize + 1)
    }

    /// How many bytes of plaintext `sealedCount` bytes hold; nil when nothing seals to that many.
    public static func plaintextCount(sealedCount: Int) -> Int? {
        guard sealedCount >= prefixSize + tagSize else { return nil }
        let (full, last) = (sealedCount - prefixSize).quotientAndRemainder(dividingBy: sealedChunkSize)
        return last >= tagSize ? full * chunkSize + last - tagSize : nil
    }
}

/// What one message derives: an AES key, a base nonce and the commitment, in a buffer that is wiped after use.
struct MessageKeys {
    static let size = 76
    let okm: UnsafeMutableRawBufferPointer

    /// The AES-256 key.
    var key: UnsafeRawPointer { UnsafeRawPointer(okm.octets) }

    /// The 12 bytes that chunk numbers are XORed into.
    var baseNonce: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: okm[32..<44]) }

    /// The 32 bytes that tell whether key and context are the right ones.
    var commitment: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: okm[44..<76]) }

    /// Derives the keys of one message, lends them, and wipes them.
    static func with<R: ~Copyable>(
        key: borrowing SecretBytes, salt: UnsafeRawBufferPointer, context: [UInt8],
        _ body: (MessageKeys) throws(CryptographyError) -> R
    ) throws(CryptographyError) -> R {
        guard key.count == ChunkedEncryption.keySize else {
            throw .invalidLength(what: "key", expected: ChunkedEncryption.keySize, found: key.count)
        }
        var info: [UInt8] = []
        info.reserveCapacity(ChunkedEncryption.label.count + salt.count + context.count)
        info += ChunkedEncryption.label
        info += salt
        info += context
        return try withWipedBytes(size) { okm throws(CryptographyError) in
            key.withUnsafeBytes { key in
                info.withUnsafeBytes { HMAC512.expand(key: key, info: $0, output: okm) }
            }
            return try body(MessageKeys(okm: okm))
        }
    }
}

/// The nonces of a message's chunks, one after the other.
struct ChunkNonce {
    private var high: UInt32
    private var low: UInt64
    private let baseLow: UInt64
    private var index: UInt64 = 0

    /// The nonce of chunk 0.
    init(base: UnsafeRawBufferPointer) {
        high = base.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
        low = base.loadUnaligned(fromByteOffset: 4, as: UInt64.self)
        baseLow = UInt64(bigEndian: low)
    }

    /// Lends the 12 bytes.
    @inline(__always)
    func withBytes<R>(
        _ body: (UnsafePointer<UInt8>) throws(CryptographyError) -> R
    ) throws(CryptographyError) -> R {
        var bytes: (UInt32, UInt32, UInt32) = (
            high, UInt32(truncatingIfNeeded: low), UInt32(truncatingIfNeeded: low >> 32)
        )
        return try withUnsafeBytes(of: &bytes) { buffer throws(CryptographyError) in
            try body(buffer.octets)
        }
    }

    /// Goes on to the next chunk; 64 bits never run out, so the upper 32 of the nonce stay as they are.
    mutating func advance() {
        index += 1
        low = (baseLow ^ index).bigEndian
    }
}
