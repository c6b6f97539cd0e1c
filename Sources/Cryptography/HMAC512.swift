// HMAC-SHA-512 over OpenSSL's SHA-512, which is twice as fast as libsodium's portable one.
internal import COpenSSL

/// HMAC (RFC 2104) as its two hashes, each with the padded key behind it; a copy of the state goes on by itself.
///
/// The plain functions of SHA-512, not OpenSSL's EVP interface: their state lies on the stack, and a key derivation,
/// which hashes a few blocks, takes no memory from the heap. They cannot fail.
enum HMAC512: AuthenticationHash {
    typealias Inner = SHA512_CTX

    struct State {
        var inner = SHA512_CTX()
        var outer = SHA512_CTX()
    }

    static var tagCount: Int { 64 }
    private static var blockCount: Int { 128 }

    static func start(_ state: UnsafeMutablePointer<State>, key: UnsafeRawBufferPointer) {
        withWipedBytes(blockCount) { block in
            block.initializeMemory(as: UInt8.self, repeating: 0)
            if key.count > blockCount {
                SHA512_Init(&state.pointee.inner)
                SHA512_Update(&state.pointee.inner, key.baseAddress, key.count)
                SHA512_Final(block.octets, &state.pointee.inner)
            } else {
                block.copyMemory(from: key)
            }
            for index in block.indices { block[index] ^= 0x36 }
            SHA512_Init(&state.pointee.inner)
            SHA512_Update(&state.pointee.inner, block.baseAddress, blockCount)
            for index in block.indices { block[index] ^= 0x36 ^ 0x5C }
            SHA512_Init(&state.pointee.outer)
            SHA512_Update(&state.pointee.outer, block.baseAddress, blockCount)
        }
    }

    static func update(_ state: UnsafeMutablePointer<State>, _ bytes: UnsafeRawBufferPointer) {
        SHA512_Update(&state.pointee.inner, bytes.baseAddress, bytes.count)
    }

    static func finish(_ state: UnsafeMutablePointer<State>, tag: UnsafeMutablePointer<UInt8>) {
        SHA512_Final(tag, &state.pointee.inner)
        SHA512_Update(&state.pointee.outer, tag, tagCount)
        SHA512_Final(tag, &state.pointee.outer)
    }
}

/// HMAC-SHA-512 (RFC 2104, FIPS 198-1).
public enum HMACSHA512 {
    /// The 64-byte tag of bytes under a key of any length.
    public static func authenticate(key: borrowing SecretBytes, _ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { HMAC512.tag(key: key, $0) }
    }

    /// The 64-byte tag of bytes under the 32 bytes that HKDF-Expand-SHA-512 makes of `key` and `info`.
    ///
    /// The derived key lives on the stack and is wiped: a guarded buffer for one use costs more than the tag.
    public static func authenticate(expanding key: borrowing SecretBytes, info: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: HMAC512.tagCount)
        withWipedBytes(32) { derived in
            key.withUnsafeBytes { key in
                info.withUnsafeBytes { HMAC512.expand(key: key, info: $0, output: derived) }
            }
            tag.withUnsafeMutableBytes { tag in
                bytes.withUnsafeBytes {
                    HMAC512.authenticate(key: UnsafeRawBufferPointer(derived), $0, tag: tag.octets)
                }
            }
        }
        return tag
    }

    /// The 64-byte tag of a span's bytes.
    public static func authenticate(key: borrowing SecretBytes, _ bytes: RawSpan) -> [UInt8] {
        bytes.withUnsafeBytes { HMAC512.tag(key: key, $0) }
    }

    /// The 64-byte tag of secret bytes.
    public static func authenticate(key: borrowing SecretBytes, _ bytes: borrowing SecretBytes) -> [UInt8] {
        bytes.withUnsafeBytes { HMAC512.tag(key: key, $0) }
    }
}
