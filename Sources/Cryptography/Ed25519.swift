// Ed25519 signatures (RFC 8032) by libsodium.
internal import CSodium

/// A private Ed25519 key, in guarded memory.
public final class SigningKey: Sendable, CustomReflectable {
    // libsodium's form: seed ‖ public key.
    private let secret: SecretBytes
    /// The 32-byte public key.
    public let publicKey: [UInt8]

    /// Derives the key pair of a 32-byte seed and takes the seed over.
    public init(seed: consuming SecretBytes) throws(CryptographyError) {
        guard seed.count == 32 else { throw .invalidLength(what: "seed", expected: 32, found: seed.count) }
        var publicKey = [UInt8](repeating: 0, count: 32)
        secret = seed.withUnsafeBytes { seed in
            SecretBytes(count: 64) { crypto_sign_seed_keypair(&publicKey, $0.octets, seed.octets) }.protected()
        }
        self.publicKey = publicKey
    }

    /// The 64-byte signature of a message; always the same one (RFC 8032, 5.1.6).
    public func sign(_ message: [UInt8]) -> [UInt8] { message.withUnsafeBytes { sign($0) } }

    /// The 64-byte signature of the bytes behind a pointer.
    public func sign(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: 64)
        secret.withUnsafeBytes { key in
            _ = crypto_sign_detached(&signature, nil, message.octets, UInt64(message.count), key.octets)
        }
        return signature
    }

    /// A copy of the 32-byte seed, for writing the key file.
    public func seed() -> SecretBytes { secret.copy(0..<32) }

    /// The public half, to check signatures with.
    public var verifyingKey: VerifyingKey { VerifyingKey(known: publicKey) }

    /// A mirror without children, so that dumping a key tells nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A public Ed25519 key.
public struct VerifyingKey: Sendable, Hashable {
    /// The 32 bytes of the key.
    public let bytes: [UInt8]

    /// Takes the 32 bytes of a key; whether they are a point is told by the first signature.
    public init(_ bytes: [UInt8]) throws(CryptographyError) {
        guard bytes.count == 32 else { throw .invalidLength(what: "public key", expected: 32, found: bytes.count) }
        self.bytes = bytes
    }

    init(known bytes: [UInt8]) { self.bytes = bytes }

    /// Whether the 64 bytes are this key's signature of the message; other lengths are not.
    public func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
        message.withUnsafeBytes { isValid(signature: signature, for: $0) }
    }

    /// Whether the 64 bytes are this key's signature of the bytes behind a pointer.
    public func isValid(signature: [UInt8], for message: UnsafeRawBufferPointer) -> Bool {
        guard signature.count == 64 else { return false }
        Sodium.start()
        return crypto_sign_verify_detached(signature, message.octets, UInt64(message.count), bytes) == 0
    }
}
