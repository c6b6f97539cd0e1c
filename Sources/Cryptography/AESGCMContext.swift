// One AES-256-GCM key schedule of OpenSSL, used for several messages and cleared at once when it goes.
internal import COpenSSL

/// A cipher context keyed once; OpenSSL clears the key schedule when it is freed.
struct AESGCMContext: ~Copyable {
    enum Direction { case encrypting, decrypting }

    static let keySize = 32
    static let nonceSize = 12
    static let tagSize = 16

    // An EVP_CIPHER does not change once fetched and may be used from any thread; it lives as long as the process.
    nonisolated(unsafe) private static let cipher: OpaquePointer? = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)

    private let context: OpaquePointer

    /// Expands the 32-byte key behind `key`; nonces are 12 bytes unless said otherwise.
    init(
        key: UnsafeRawPointer, direction: Direction, nonceSize: Int = AESGCMContext.nonceSize
    ) throws(CryptographyError) {
        guard let cipher = Self.cipher, let context = EVP_CIPHER_CTX_new() else {
            throw .libraryFailure(operation: "AES-256-GCM")
        }
        do throws(CryptographyError) {
            try Self.expand(key, in: context, cipher: cipher, direction: direction, nonceSize: nonceSize)
        } catch {
            EVP_CIPHER_CTX_free(context)
            throw error
        }
        self.context = context
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    /// Begins a message under a nonce never used with this key before; the key schedule stays.
    @inline(__always)
    func begin(nonce: UnsafePointer<UInt8>) throws(CryptographyError) {
        try Self.check(EVP_CipherInit_ex2(context, nil, nil, nonce, -1, nil))
    }

    /// Adds bytes that are authenticated and not encrypted; before the first `process`.
    func authenticate(_ bytes: UnsafeRawBufferPointer) throws(CryptographyError) {
        var written: Int32 = 0
        guard bytes.count > 0 else { return }
        try Self.check(EVP_CipherUpdate(context, nil, &written, bytes.octets, Int32(bytes.count)))
    }

    /// Encrypts or decrypts the next bytes to `target`, which has room for as many.
    @inline(__always)
    func process(_ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) throws(CryptographyError) {
        var written: Int32 = 0
        guard bytes.count > 0 else { return }
        let output = target.assumingMemoryBound(to: UInt8.self)
        try Self.check(EVP_CipherUpdate(context, output, &written, bytes.octets, Int32(bytes.count)))
    }

    /// Ends an encrypted message and writes its 16-byte tag.
    @inline(__always)
    func finish(writingTag tag: UnsafeMutableRawPointer) throws(CryptographyError) {
        var written: Int32 = 0
        try Self.check(EVP_CipherFinal_ex(context, tag.assumingMemoryBound(to: UInt8.self), &written))
        try Self.check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagSize), tag))
    }

    /// Ends a decrypted message; `authenticationFailed` when the tag is not its own.
    @inline(__always)
    func finish(checkingTag tag: UnsafeRawPointer) throws(CryptographyError) {
        var written: Int32 = 0
        var unused: UInt8 = 0
        // The tag is only read; the parameter is not const because the same call also writes.
        let expected = UnsafeMutableRawPointer(mutating: tag)
        try Self.check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagSize), expected))
        guard EVP_CipherFinal_ex(context, &unused, &written) == 1 else { throw .authenticationFailed }
    }

    private static func expand(
        _ key: UnsafeRawPointer, in context: OpaquePointer, cipher: OpaquePointer, direction: Direction, nonceSize: Int
    ) throws(CryptographyError) {
        let key = key.assumingMemoryBound(to: UInt8.self)
        let encrypting: Int32 = direction == .encrypting ? 1 : 0
        try check(EVP_CipherInit_ex2(context, cipher, nil, nil, encrypting, nil))
        try check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, Int32(nonceSize), nil))
        try check(EVP_CipherInit_ex2(context, nil, key, nil, -1, nil))
    }

    @inline(__always)
    private static func check(_ result: Int32) throws(CryptographyError) {
        guard result == 1 else { throw .libraryFailure(operation: "AES-256-GCM") }
    }
}
