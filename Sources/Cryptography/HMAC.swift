// HMAC (RFC 2104) and HKDF-Expand over a hash, with the state on the stack and wiped; HMAC-SHA-256 over libsodium's.
internal import CSodium

/// What HMAC needs from a hash: an in-place state and three steps.
protocol AuthenticationHash {
    associatedtype State
    static var tagCount: Int { get }
    static func start(_ state: UnsafeMutablePointer<State>, key: UnsafeRawBufferPointer)
    static func update(_ state: UnsafeMutablePointer<State>, _ bytes: UnsafeRawBufferPointer)
    static func finish(_ state: UnsafeMutablePointer<State>, tag: UnsafeMutablePointer<UInt8>)
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
    /// Writes the tag of `bytes` under `key`; `tag` has room for `tagCount` bytes.
    static func authenticate(
        key: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer, tag: UnsafeMutablePointer<UInt8>
    ) {
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

    /// Lends a state that is wiped afterwards; its content is arbitrary before `start`.
    static func withState<R>(_ body: (UnsafeMutablePointer<State>) -> R) -> R {
        withWipedBytes(MemoryLayout<State>.size) { memory in
            body(UnsafeMutableRawPointer(memory.octets).assumingMemoryBound(to: State.self))
        }
    }
}

/// HMAC-SHA-256 (RFC 2104, FIPS 198-1).
public enum HMACSHA256 {
    /// The 32-byte tag of bytes under a key of any length.
    public static func authenticate(key: borrowing SecretBytes, _ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { HMAC256.tag(key: key, $0) }
    }
}
