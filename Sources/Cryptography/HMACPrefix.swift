// HMAC-SHA-512 of messages that begin alike: what they begin with is hashed once.

/// The beginning of messages, hashed under a key; neither the key nor any tag can be made from it without the key.
///
/// HMAC is H(key ⊕ opad ‖ H(key ⊕ ipad ‖ message)), RFC 2104: this is the inner hash, part of the way.
public final class HMACSHA512Prefix: @unchecked Sendable {
    // Sendable: the state is only copied from once it is made.
    private let inner = UnsafeMutablePointer<HMAC512.Inner>.allocate(capacity: 1)

    /// Hashes a beginning under a key.
    public init(key: borrowing SecretBytes, _ beginning: UnsafeRawBufferPointer) {
        key.withUnsafeBytes { key in
            HMAC512.withState { state in
                HMAC512.start(state, key: key)
                HMAC512.update(state, beginning)
                inner.initialize(from: &state.pointee.inner, count: 1)
            }
        }
    }

    deinit {
        UnsafeMutableRawBufferPointer(start: inner, count: MemoryLayout<HMAC512.Inner>.size).wipe()
        inner.deallocate()
    }

    /// The 64-byte tag of the beginning and this rest, under the same key.
    public func tag(key: borrowing SecretBytes, rest: UnsafeRawBufferPointer) -> [UInt8] {
        key.withUnsafeBytes { key in
            [UInt8](unsafeUninitializedCapacity: HMAC512.tagCount) { buffer, count in
                HMAC512.withState { state in
                    HMAC512.start(state, key: key)
                    state.pointee.inner = inner.pointee
                    HMAC512.update(state, rest)
                    if let tag = buffer.baseAddress { HMAC512.finish(state, tag: tag) }
                }
                count = HMAC512.tagCount
            }
        }
    }
}
