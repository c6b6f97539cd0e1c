// HKDF (RFC 5869) over SHA-512 and SHA-256: secrets from secrets.

/// HKDF of RFC 5869 in its two steps; every result is in guarded memory.
public enum HKDF {
    /// HKDF-Expand-SHA-512: `count` bytes, at most 16,320, bound to `info`; more is a programming error and traps.
    public static func expandSHA512(key: borrowing SecretBytes, info: [UInt8], count: Int) -> SecretBytes {
        expand(HMAC512.self, key: key, info: info, count: count)
    }

    /// HKDF-Extract-SHA-512: the 64-byte pseudo-random key of a secret input under a salt.
    public static func extractSHA512(
        salt: borrowing SecretBytes, input: borrowing SecretBytes
    ) -> SecretBytes {
        extract(HMAC512.self, salt: salt, input: input)
    }

    /// HKDF-Expand-SHA-256: `count` bytes, at most 8,160, bound to `info`; more is a programming error and traps.
    public static func expandSHA256(key: borrowing SecretBytes, info: [UInt8], count: Int) -> SecretBytes {
        expand(HMAC256.self, key: key, info: info, count: count)
    }

    /// HKDF-Extract-SHA-256: the 32-byte pseudo-random key of a secret input under a salt.
    public static func extractSHA256(
        salt: borrowing SecretBytes, input: borrowing SecretBytes
    ) -> SecretBytes {
        extract(HMAC256.self, salt: salt, input: input)
    }

    private static func expand<Hash: AuthenticationHash>(
        _ hash: Hash.Type, key: borrowing SecretBytes, info: [UInt8], count: Int
    ) -> SecretBytes {
        key.withUnsafeBytes { key in
            info.span.bytes.withUnsafeBytes { info in
                SecretBytes(count: count) { Hash.expand(key: key, info: info, output: $0) }
            }
        }
    }

    private static func extract<Hash: AuthenticationHash>(
        _ hash: Hash.Type, salt: borrowing SecretBytes, input: borrowing SecretBytes
    ) -> SecretBytes {
        salt.withUnsafeBytes { salt in
            input.withUnsafeBytes { input in
                SecretBytes(count: Hash.tagCount) { Hash.authenticate(key: salt, input, tag: $0.octets) }
            }
        }
    }
}
