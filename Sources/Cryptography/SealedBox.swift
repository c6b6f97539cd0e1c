// Letters to a public key: libsodium's crypto_box_seal, ephemeral public key ‖ box.
internal import CSodium

/// Anonymous sealing to an X25519 public key (libsodium `crypto_box_seal`); only its secret opens.
public enum SealedBox {
    /// How many bytes a sealed message is longer than its plaintext: an ephemeral public key and a tag.
    public static let overhead = X25519.keySize + macSize
    private static let macSize = 16
    private static let nonceSize = 24

    /// The 32-byte public key of a 32-byte secret; any other length is a programming error and traps.
    public static func publicKey(secret: borrowing SecretBytes) -> [UInt8] {
        precondition(secret.count == X25519.keySize, "an X25519 secret has 32 bytes")
        Sodium.start()
        var publicKey = [UInt8](repeating: 0, count: X25519.keySize)
        secret.withUnsafeBytes { _ = crypto_scalarmult_curve25519_base(&publicKey, $0.octets) }
        return publicKey
    }

    /// Seals a message under an ephemeral key drawn from `random`, which is forgotten at once.
    public static func seal(
        _ message: [UInt8], to publicKey: [UInt8], random: RandomSource = .system
    ) throws(CryptographyError) -> [UInt8] {
        try message.span.bytes.withUnsafeBytes { bytes throws(CryptographyError) in
            try seal(bytes, to: publicKey, random: random)
        }
    }

    /// Seals a secret message under an ephemeral key drawn from `random`.
    public static func seal(
        _ message: borrowing SecretBytes, to publicKey: [UInt8], random: RandomSource = .system
    ) throws(CryptographyError) -> [UInt8] {
        try message.withUnsafeBytes { bytes throws(CryptographyError) in
            try seal(bytes, to: publicKey, random: random)
        }
    }

    /// Seals the bytes behind a pointer under an ephemeral key drawn from `random`.
    public static func seal(
        _ message: UnsafeRawBufferPointer, to publicKey: [UInt8], random: RandomSource = .system
    ) throws(CryptographyError) -> [UInt8] {
        try X25519.check(publicKey.count, "public key")
        let ephemeral = random.secret(X25519.keySize)
        return try box(
            message, ephemeralKey: Self.publicKey(secret: ephemeral), recipientKey: publicKey,
            publicKey: publicKey, secret: ephemeral)
    }

    /// Opens what was sealed to `publicKey`, whose secret is `secret`; all else is `authenticationFailed`.
    public static func open(
        _ sealed: [UInt8], publicKey: [UInt8], secret: borrowing SecretBytes
    ) throws(CryptographyError) -> SecretBytes {
        try X25519.check(publicKey.count, "public key")
        try X25519.check(secret.count, "secret key")
        guard sealed.count >= overhead else {
            throw .invalidLength(what: "sealed message", expected: overhead, found: sealed.count)
        }
        return try secret.withUnsafeBytes { secret throws(CryptographyError) in
            try SecretBytes(allocating: sealed.count - overhead) { message throws(CryptographyError) in
                let result = crypto_box_seal_open(
                    message.octets, sealed, UInt64(sealed.count), publicKey, secret.octets)
                guard result == 0 else { throw .authenticationFailed }
            }
        }
    }

    /// Re-creates a sealed message from the recipient's secret and the ephemeral public key, for reference vectors.
    ///
    /// Both sides agree on the same key, so the box comes out as the sender made it.
    package static func recreate(
        _ message: [UInt8], ephemeralKey: [UInt8], recipientSecret: borrowing SecretBytes
    ) throws(CryptographyError) -> [UInt8] {
        try X25519.check(ephemeralKey.count, "ephemeral key")
        try X25519.check(recipientSecret.count, "secret key")
        return try message.span.bytes.withUnsafeBytes { bytes throws(CryptographyError) in
            try box(
                bytes, ephemeralKey: ephemeralKey, recipientKey: publicKey(secret: recipientSecret),
                publicKey: ephemeralKey, secret: recipientSecret)
        }
    }

    /// The ephemeral key and the box of either side's secret and the other's public key.
    private static func box(
        _ message: UnsafeRawBufferPointer, ephemeralKey: [UInt8], recipientKey: [UInt8],
        publicKey: [UInt8], secret: borrowing SecretBytes
    ) throws(CryptographyError) -> [UInt8] {
        // The nonce is BLAKE2b of both public keys, as crypto_box_seal has it: each key pair is used once.
        let keys = ephemeralKey + recipientKey
        var nonce = [UInt8](repeating: 0, count: nonceSize)
        guard crypto_generichash(&nonce, nonceSize, keys, UInt64(keys.count), nil, 0) == 0 else {
            throw .libraryFailure(operation: "BLAKE2b")
        }
        var sealed = [UInt8](repeating: 0, count: overhead + message.count)
        sealed.replaceSubrange(..<X25519.keySize, with: ephemeralKey)
        let result = sealed.withUnsafeMutableBytes { sealed in
            secret.withUnsafeBytes { secret in
                crypto_box_easy(
                    sealed.octets + X25519.keySize, message.octets, UInt64(message.count), nonce,
                    publicKey, secret.octets)
            }
        }
        // It fails for public keys of small order alone, under which anyone could open the box.
        guard result == 0 else { throw .authenticationFailed }
        return sealed
    }
}
