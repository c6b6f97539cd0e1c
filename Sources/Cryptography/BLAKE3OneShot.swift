// BLAKE3 in one call: digests, keyed digests, and keys derived from secrets.

extension BLAKE3 {
    /// The 32-byte digest of bytes.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { hash($0) } }

    /// The 32-byte digest of the bytes behind a pointer.
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var hasher = BLAKE3()
        hasher.update(bytes)
        return hasher.finalize()
    }

    /// The digest of bytes under a 32-byte key; any other length of key traps.
    public static func keyedHash(key: [UInt8], _ bytes: [UInt8], count: Int = 32) -> [UInt8] {
        var hasher = BLAKE3(key: key)
        hasher.update(bytes)
        return hasher.finalize(count: count)
    }

    /// Bytes derived from material that is not secret; `context` is a constant unique to one purpose.
    public static func deriveKey(context: String, material: [UInt8], count: Int = 32) -> [UInt8] {
        var hasher = BLAKE3(derivingKeyWithContext: context)
        hasher.update(material)
        return hasher.finalize(count: count)
    }

    /// Bytes derived from a secret that may be shown themselves, such as a key's id.
    public static func deriveKey(context: String, material: borrowing SecretBytes, count: Int = 32) -> [UInt8] {
        var hasher = BLAKE3(derivingKeyWithContext: context)
        material.withUnsafeBytes { hasher.update($0) }
        defer { hasher.wipe() }
        return hasher.finalize(count: count)
    }
}
