// SHA-256 by OpenSSL, which uses the processor's instructions for it.
internal import COpenSSL

/// SHA-256 (FIPS 180-4), for formats of others; our own digests are ``BLAKE3``.
public enum SHA256 {
    // An EVP_MD does not change once fetched and may be used from any thread; it lives as long as the process.
    nonisolated(unsafe) private static let algorithm: OpaquePointer? = EVP_MD_fetch(nil, "SHA256", nil)

    /// The 32-byte digest of bytes.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { hash($0) } }

    /// The 32-byte digest of the bytes behind a pointer.
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
            let result = EVP_Digest(bytes.baseAddress, bytes.count, buffer.baseAddress, nil, algorithm, nil)
            precondition(result == 1, "OpenSSL has no SHA-256")
            count = 32
        }
    }
}
