// Plain AES-256-GCM for the tests: it does not commit to its key, so nothing of the program seals with it.

/// One-shot AES-256-GCM (NIST SP 800-38D), kept from other packages so that nobody seals with it by mistake.
package enum AESGCM {
    /// The ciphertext and 16-byte tag of a message under a nonce of 1 to 128 bytes.
    package static func seal(
        key: borrowing SecretBytes, nonce: [UInt8], message: [UInt8], authenticating data: [UInt8]
    ) throws(CryptographyError) -> (ciphertext: [UInt8], tag: [UInt8]) {
        var ciphertext = [UInt8](repeating: 0, count: message.count)
        var tag = [UInt8](repeating: 0, count: AESGCMContext.tagSize)
        try check(key: key, nonce: nonce)
        let context = try key.withUnsafeBytes { key throws(CryptographyError) in
            try keyed(key, .encrypting, nonceSize: nonce.count)
        }
        try run(context, nonce: nonce, input: message, data: data, output: &ciphertext)
        try context.finish(writingTag: &tag)
        return (ciphertext, tag)
    }

    /// The message of a ciphertext whose tag fits key, nonce and data.
    package static func open(
        key: borrowing SecretBytes, nonce: [UInt8], ciphertext: [UInt8], tag: [UInt8], authenticating data: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        guard tag.count == AESGCMContext.tagSize else {
            throw .invalidLength(what: "tag", expected: AESGCMContext.tagSize, found: tag.count)
        }
        var message = [UInt8](repeating: 0, count: ciphertext.count)
        try check(key: key, nonce: nonce)
        let context = try key.withUnsafeBytes { key throws(CryptographyError) in
            try keyed(key, .decrypting, nonceSize: nonce.count)
        }
        try run(context, nonce: nonce, input: ciphertext, data: data, output: &message)
        try context.finish(checkingTag: tag)
        return message
    }

    private static func check(key: borrowing SecretBytes, nonce: [UInt8]) throws(CryptographyError) {
        guard key.count == AESGCMContext.keySize else {
            throw .invalidLength(what: "key", expected: AESGCMContext.keySize, found: key.count)
        }
        guard (1...128).contains(nonce.count) else {
            throw .invalidLength(what: "nonce", expected: AESGCMContext.nonceSize, found: nonce.count)
        }
    }

    private static func keyed(
        _ key: UnsafeRawBufferPointer, _ direction: AESGCMContext.Direction, nonceSize: Int
    ) throws(CryptographyError) -> AESGCMContext {
        try AESGCMContext(key: key.octets, direction: direction, nonceSize: nonceSize)
    }

    private static func run(
        _ context: borrowing AESGCMContext, nonce: [UInt8], input: [UInt8], data: [UInt8], output: inout [UInt8]
    ) throws(CryptographyError) {
        try context.begin(nonce: nonce)
        try data.span.bytes.withUnsafeBytes { bytes throws(CryptographyError) in try context.authenticate(bytes) }
        try input.span.bytes.withUnsafeBytes { bytes throws(CryptographyError) in
            try context.process(bytes, to: &output)
        }
    }
}
