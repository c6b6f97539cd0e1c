// X25519 key agreement (RFC 7748) by libsodium.
internal import CSodium

/// X25519 (RFC 7748): two parties' common secret.
public enum X25519 {
    /// The bytes of a secret, a public key and an agreed secret.
    public static let keySize = 32

    /// The 32-byte public key of a 32-byte secret.
    public static func publicKey(secret: borrowing SecretBytes) throws(CryptographyError) -> [UInt8] {
        try check(secret.count, "secret key")
        Sodium.start()
        var publicKey = [UInt8](repeating: 0, count: keySize)
        secret.withUnsafeBytes { _ = crypto_scalarmult_curve25519_base(&publicKey, $0.octets) }
        return publicKey
    }

    /// The 32 bytes both sides agree on; `authenticationFailed` for a public key that makes them predictable.
    ///
    /// They are a raw point: derive keys from them, do not use them as one.
    public static func agree(
        secret: borrowing SecretBytes, publicKey: [UInt8]
    ) throws(CryptographyError) -> SecretBytes {
        try check(secret.count, "secret key")
        try check(publicKey.count, "public key")
        return try secret.withUnsafeBytes { secret throws(CryptographyError) in
            try SecretBytes(allocating: keySize) { shared throws(CryptographyError) in
                guard crypto_scalarmult_curve25519(shared.octets, secret.octets, publicKey) == 0 else {
                    throw .authenticationFailed
                }
            }
        }
    }

    static func check(_ count: Int, _ what: String) throws(CryptographyError) {
        guard count == keySize else { throw .invalidLength(what: what, expected: keySize, found: count) }
    }
}
