// Chunked encryption and plain GCM against the published vectors.
import Cryptography
import TestSupport
import Testing

@Suite("AES-256-GCM and chunked encryption, published vectors")
struct ChunkedEncryptionVectorTests {
    @Test(
        "Wycheproof c2sp_chunked_encryption_aes_256_gcm, all 35",
        .enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func wycheproofChunked() throws {
        for (_, test) in try Vector.wycheproof("c2sp_chunked_encryption_aes_256_gcm") {
            let key = SecretBytes(copying: try test.bytes("key"))
            let context = try test.bytes("ctx")
            let sealed = try inflate(try test.bytes("ct"))
            if test.isValid {
                let opened = try ChunkedEncryption.open(key: key, context: context, sealed: sealed)
                #expect(opened.count == (try test.integer("msgLength")), test.label)
                let again = try ChunkedEncryption.seal(
                    key: key, context: context, plaintext: opened, salt: Array(sealed[..<24]))
                #expect(again == sealed, test.label)
            } else {
                let error = failure { _ = try ChunkedEncryption.open(key: key, context: context, sealed: sealed) }
                #expect(isRefusal(error, of: test), test.label)
            }
        }
    }

    @Test(
        "an altered message leaves nothing in the caller's buffer",
        .enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func nothingReleased() throws {
        var tried = 0
        for (_, test) in try Vector.wycheproof("c2sp_chunked_encryption_aes_256_gcm")
        where test.flags.contains("PartialPlaintext") {
            let key = SecretBytes(copying: try test.bytes("key"))
            let sealed = try inflate(try test.bytes("ct"))
            let context = try test.bytes("ctx")
            guard let count = ChunkedEncryption.plaintextCount(sealedCount: sealed.count) else { continue }
            tried += 1
            var buffer = [UInt8](repeating: 0xaa, count: count + 1)
            let error = failure {
                _ = try sealed.withUnsafeBytes { sealed in
                    try buffer.withUnsafeMutableBytes { buffer in
                        try ChunkedEncryption.open(key: key, context: context, sealed: sealed, into: buffer)
                    }
                }
            }
            #expect(error == .authenticationFailed, test.label)
            #expect(buffer == [UInt8](repeating: 0, count: count) + [0xaa], test.label)
        }
        #expect(tried >= 5)
    }

    @Test(
        "Wycheproof aes_gcm, the 256-bit keys", .enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func wycheproofGCM() throws {
        var tried = 0
        for (group, test) in try Vector.wycheproof("aes_gcm") where try group.integer("keySize") == 256 {
            tried += 1
            let key = SecretBytes(copying: try test.bytes("key"))
            let (nonce, data) = (try test.bytes("iv"), try test.bytes("aad"))
            let (message, ciphertext, tag) = (try test.bytes("msg"), try test.bytes("ct"), try test.bytes("tag"))
            // OpenSSL takes nonces of up to 128 bytes; a longer one is refused as the empty one is.
            guard test.isValid, nonce.count <= 128 else {
                #expect(throws: CryptographyError.self, test.label) {
                    _ = try AESGCM.open(
                        key: key, nonce: nonce, ciphertext: ciphertext, tag: tag, authenticating: data)
                }
                continue
            }
            let opened = try AESGCM.open(
                key: key, nonce: nonce, ciphertext: ciphertext, tag: tag, authenticating: data)
            #expect(opened == message, test.label)
            let sealed = try AESGCM.seal(key: key, nonce: nonce, message: message, authenticating: data)
            #expect(sealed.ciphertext == ciphertext && sealed.tag == tag, test.label)
        }
        #expect(tried == 105)
    }

    @Test(
        "one plain GCM ciphertext opens under two keys, a committed message under one",
        .enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func twoKeys() throws {
        let vector = try Vector.file("gcm-noncommitting/two_key_aes256gcm.json")
        let one = SecretBytes(copying: try vector.bytes("key1"))
        let other = SecretBytes(copying: try vector.bytes("key2"))
        let (nonce, data) = (try vector.bytes("iv"), try vector.bytes("aad"))
        let (ciphertext, tag) = (try vector.bytes("ct"), try vector.bytes("tag"))
        let first = try AESGCM.open(key: one, nonce: nonce, ciphertext: ciphertext, tag: tag, authenticating: data)
        let second = try AESGCM.open(key: other, nonce: nonce, ciphertext: ciphertext, tag: tag, authenticating: data)
        #expect(try first == vector.bytes("msg1"))
        #expect(try second == vector.bytes("msg2"))
        #expect(first != second)

        let salt = [UInt8](repeating: 1, count: 24)
        let sealed = try ChunkedEncryption.seal(key: one, context: data, plaintext: first, salt: salt)
        let opened = try ChunkedEncryption.open(key: one, context: data, sealed: sealed)
        #expect(opened.array == first)
        #expect(
            failure { _ = try ChunkedEncryption.open(key: other, context: data, sealed: sealed) } == .commitmentMismatch
        )
        // The two-faced chunk behind either key's commitment convinces neither key.
        let forged = Array(sealed[..<56]) + ciphertext + tag
        #expect(
            failure { _ = try ChunkedEncryption.open(key: one, context: data, sealed: forged) } == .authenticationFailed
        )
        #expect(
            failure { _ = try ChunkedEncryption.open(key: other, context: data, sealed: forged) } == .commitmentMismatch
        )
    }

    /// Whether an invalid vector was refused at the place where it is wrong.
    private func isRefusal(_ error: CryptographyError?, of test: Vector) -> Bool {
        switch error {
        case .invalidLength: test.flags.contains("Truncation") || test.flags.contains("HeaderFailure")
        case .commitmentMismatch: test.flags.contains("HeaderFailure")
        case .authenticationFailed: !test.flags.contains("HeaderFailure")
        default: false
        }
    }
}
