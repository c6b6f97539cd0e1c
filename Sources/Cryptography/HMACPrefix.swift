// HMAC-SHA-512 of messages that begin alike: what they begin with is hashed once.
internal import COpenSSL

/// The beginning of messages, hashed under a key; neither the key nor any tag can be made from it without the key.
///
/// HMAC is H(key ⊕ opad ‖ H(key ⊕ ipad ‖ message)), RFC 2104: this is the inner hash, part of the way.
public final class HMACSHA512Prefix: @unchecked Sendable {
    // Sendable: the context is only copied from once it is made.
    private let context: OpaquePointer

    /// Hashes a beginning under a key of at most 128 bytes; nil where OpenSSL refuses.
    public init?(key: borrowing SecretBytes, _ beginning: UnsafeRawBufferPointer) {
        guard let context = EVP_MD_CTX_new() else { return nil }
        self.context = context
        let isDone = key.withUnsafeBytes { LongHMACSHA512.begin(context, key: $0, beginning) }
        guard isDone else { return nil }
    }

    deinit { EVP_MD_CTX_free(context) }

    /// The 64-byte tag of the beginning and this rest, under the same key; nil where OpenSSL refuses.
    public func tag(key: borrowing SecretBytes, rest: UnsafeRawBufferPointer) -> [UInt8]? {
        guard let copy = EVP_MD_CTX_new() else { return nil }
        defer { EVP_MD_CTX_free(copy) }
        guard EVP_MD_CTX_copy_ex(copy, context) == 1 else { return nil }
        var tag = [UInt8](repeating: 0, count: 64)
        let isDone = tag.withUnsafeMutableBytes { tag in
            key.withUnsafeBytes { LongHMACSHA512.end(copy, key: $0, rest, tag: tag.octets) }
        }
        return isDone ? tag : nil
    }
}
