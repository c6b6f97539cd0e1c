// Argon2id (RFC 9106) by libsodium, with a bound on the work a file can ask for.
internal import CSodium

/// Keys from passphrases: Argon2id version 1.3, one lane (RFC 9106).
public enum Argon2id {
    /// The most operations that are accepted.
    public static let maximumOperations: UInt32 = 10
    /// The most memory that is accepted: 1 GiB.
    public static let maximumMemoryKiB: UInt32 = 1 << 20
    /// The bytes of salt.
    public static let saltSize = 16

    /// Derives `count` bytes (16 or more) from a passphrase and a 16-byte salt.
    ///
    /// It blocks for as long as the work takes, up to seconds. Work beyond the two bounds throws
    /// ``CryptographyError/workFactorTooHigh``, memory that is not to be had ``CryptographyError/outOfMemory``.
    public static func derive(
        passphrase: borrowing SecretBytes, salt: [UInt8], operations: UInt32, memoryKiB: UInt32, count: Int = 32
    ) throws(CryptographyError) -> SecretBytes {
        guard operations <= maximumOperations, memoryKiB <= maximumMemoryKiB else { throw .workFactorTooHigh }
        guard operations >= 1, memoryKiB >= 8 else { throw .workFactorTooLow }
        guard salt.count == saltSize else {
            throw .invalidLength(what: "salt", expected: saltSize, found: salt.count)
        }
        guard (16...1024).contains(count) else {
            throw .invalidLength(what: "derived key", expected: 32, found: count)
        }
        return try passphrase.withUnsafeBytes { passphrase throws(CryptographyError) in
            try SecretBytes(allocating: count) { output throws(CryptographyError) in
                let result = crypto_pwhash_argon2id(
                    output.octets, UInt64(count), passphrase.characters, UInt64(passphrase.count), salt,
                    UInt64(operations),
                    Int(memoryKiB) * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13)
                // With the bounds checked above, memory is all that can be missing.
                guard result == 0 else { throw .outOfMemory }
            }
        }
    }
}
