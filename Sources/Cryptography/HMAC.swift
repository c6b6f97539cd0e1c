// HMAC (RFC 2104) over libsodium's SHA-2, with the state on the stack and wiped.
internal import CSodium

/// What HMAC needs from a hash: an in-place state and three steps.
protocol AuthenticationHash {
    associatedtype State
    static var tagCount: Int { get }
    static func start(_ state: UnsafeMutablePointer<State>, key: UnsafeRawBufferPointer)
    static func update(_ state: UnsafeMutablePointer<State>, _ bytes: UnsafeRawBufferPointer)
    static func finish(_ state: UnsafeMutablePointer<State>, tag: UnsafeMutablePointer<UInt8>)
    /// Writes the tag of a long message in another way; false where this hash has none, or the key is not for it.
    static func authenticateLong(
        key: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer, tag: UnsafeMutablePointer<UInt8>
    ) -> Bool
}

enum HMAC512: AuthenticationHash {
    static var tagCount: Int { 64 }
    static func start(_ state: UnsafeMutablePointer<crypto_auth_hmacsha512_state>, key: UnsafeRawBufferPointer) {
        crypto_auth_hmacsha512_init(state, key.octets, key.count)
    }
    static func update(_ state: UnsafeMutablePointer<crypto_auth_hmacsha512_state>, _ bytes: UnsafeRawBufferPointer) {
        crypto_auth_hmacsha512_update(state, bytes.octets, UInt64(bytes.count))
    }
    static func finish(_ state: UnsafeMutablePointer<crypto_auth_hmacsha512_state>, tag: UnsafeMutablePointer<UInt8>) {
        crypto_auth_hmacsha512_final(state, tag)
    }
    static func authenticateLong(
        key: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer, tag: UnsafeMutablePointer<UInt8>
    ) -> Bool { LongHMACSHA512.authenticate(key: key, bytes, tag: tag) }
}

enum HMAC256: AuthenticationHash {
    static var tagCount: Int { 32 }
    static func start(_ state: UnsafeMutablePointer<crypto_auth_hmacsha256_state>, key: UnsafeRawBufferPointer) {
        crypto_auth_hmacsha256_init(state, key.octets, key.count)
    }
    static func update(_ state: UnsafeMutablePointer<crypto_auth_hmacsha256_state>, _ bytes: UnsafeRawBufferPointer) {
        crypto_auth_hmacsha256_update(state, bytes.octets, UInt64(bytes.count))
    }
    static func finish(_ state: UnsafeMutablePointer<crypto_auth_hmacsha256_state>, tag: UnsafeMutablePointer<UInt8>) {
        crypto_auth_hmacsha256_final(state, tag)
    }
}

extension AuthenticationHash {
    /// From this size on another implementation of the hash is worth its setting up.
    static var longMessage: Int { 4_096 }

    static func authenticateLong(
        key: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer, tag: UnsafeMutablePointer<UInt8>
    ) -> Bool { false }

    /// Writes the tag of `bytes` under `key`; `tag` has room for `tagCount` bytes.
    static func authenticate(
        key: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer, tag: UnsafeMutablePointer<UInt8>
    ) {
        if bytes.count >= longMessage, authenticateLong(key: key, bytes, tag: tag) { return }
        withState { state in
            start(state, key: key)
            update(state, bytes)
            finish(state, tag: tag)
        }
    }

    /// The tag of `bytes` as an array.
    static func tag(key: borrowing SecretBytes, _ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        key.withUnsafeBytes { key in
            [UInt8](unsafeUninitializedCapacity: tagCount) { buffer, count in
                if let tag = buffer.baseAddress { authenticate(key: key, bytes, tag: tag) }
                count = tagCount
            }
        }
    }

    /// HKDF-Expand (RFC 5869, 2.3): fills `output`, at most 255 tags long.
    static func expand(
        key: UnsafeRawBufferPointer, info: UnsafeRawBufferPointer, output: UnsafeMutableRawBufferPointer
    ) {
        precondition(output.count <= 255 * tagCount, "HKDF gives at most 255 blocks")
        withState { keyed in
            start(keyed, key: key)
            withState { state in
                withWipedBytes(tagCount) { block in
                    var offset = 0
                    var counter: UInt8 = 0
                    while offset < output.count {
                        counter += 1
                        state.update(from: keyed, count: 1)
                        if counter > 1 { update(state, UnsafeRawBufferPointer(block)) }
                        update(state, info)
                        withUnsafeBytes(of: &counter) { update(state, $0) }
                        finish(state, tag: block.octets)
                        let count = min(tagCount, output.count - offset)
                        UnsafeMutableRawBufferPointer(rebasing: output[offset...])
                            .copyMemory(from: UnsafeRawBufferPointer(rebasing: block[..<count]))
                        offset += count
                    }
                }
            }
        }
    }

    private static func withState(_ body: (UnsafeMutablePointer<State>) -> Void) {
        withWipedBytes(MemoryLayout<State>.size) { memory in
            guard let base = memory.baseAddress else { return }
            body(base.assumingMemoryBound(to: State.self))
        }
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

/// HMAC-SHA-256 (RFC 2104, FIPS 198-1).
public enum HMACSHA256 {
    /// The 32-byte tag of bytes under a key of any length.
    public static func authenticate(key: borrowing SecretBytes, _ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { HMAC256.tag(key: key, $0) }
    }
}
