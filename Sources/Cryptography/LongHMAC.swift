// HMAC-SHA-512 of long messages by OpenSSL, whose SHA-512 is twice as fast as libsodium's portable one.
internal import COpenSSL

/// HMAC (RFC 2104) as two hashes: contexts of a whole HMAC would be looked up by name for every message.
enum LongHMACSHA512 {
    private static let blockSize = 128
    private static let digestSize = 64

    // An EVP_MD does not change once fetched and may be used from any thread; it lives as long as the process.
    nonisolated(unsafe) private static let algorithm: OpaquePointer? = EVP_MD_fetch(nil, "SHA512", nil)

    /// Writes the 64-byte tag; false where the key is longer than a block, or OpenSSL refuses.
    ///
    /// What is derived from the key lies on the stack, or in OpenSSL's context, and is wiped.
    static func authenticate(
        key: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer, tag: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        guard key.count <= blockSize, let algorithm, let context = EVP_MD_CTX_new() else { return false }
        defer { EVP_MD_CTX_free(context) }
        return withWipedBytes(digestSize) { inner in
            hash(context, algorithm, key, pad: 0x36, bytes, to: inner.octets)
                && hash(context, algorithm, key, pad: 0x5C, UnsafeRawBufferPointer(inner), to: tag)
        }
    }

    /// Begins the inner hash of a message in a context; false where the key is longer than a block, or OpenSSL refuses.
    static func begin(
        _ context: OpaquePointer, key: UnsafeRawBufferPointer, _ beginning: UnsafeRawBufferPointer
    ) -> Bool {
        guard key.count <= blockSize, let algorithm else { return false }
        return withWipedBytes(blockSize) { block in
            for index in 0..<blockSize { block[index] = 0x36 ^ (index < key.count ? key[index] : 0) }
            return EVP_DigestInit_ex2(context, algorithm, nil) == 1
                && EVP_DigestUpdate(context, block.baseAddress, blockSize) == 1
                && EVP_DigestUpdate(context, beginning.baseAddress, beginning.count) == 1
        }
    }

    /// Ends the inner hash with the rest of the message and writes the 64-byte tag.
    static func end(
        _ context: OpaquePointer, key: UnsafeRawBufferPointer, _ rest: UnsafeRawBufferPointer,
        tag: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        guard let algorithm else { return false }
        return withWipedBytes(digestSize) { inner in
            EVP_DigestUpdate(context, rest.baseAddress, rest.count) == 1
                && EVP_DigestFinal_ex(context, inner.octets, nil) == 1
                && hash(context, algorithm, key, pad: 0x5C, UnsafeRawBufferPointer(inner), to: tag)
        }
    }

    /// Hashes the padded key and a message.
    private static func hash(
        _ context: OpaquePointer, _ algorithm: OpaquePointer, _ key: UnsafeRawBufferPointer, pad: UInt8,
        _ message: UnsafeRawBufferPointer, to digest: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        withWipedBytes(blockSize) { block in
            for index in 0..<blockSize { block[index] = pad ^ (index < key.count ? key[index] : 0) }
            return EVP_DigestInit_ex2(context, algorithm, nil) == 1
                && EVP_DigestUpdate(context, block.baseAddress, blockSize) == 1
                && EVP_DigestUpdate(context, message.baseAddress, message.count) == 1
                && EVP_DigestFinal_ex(context, digest, nil) == 1
        }
    }
}
