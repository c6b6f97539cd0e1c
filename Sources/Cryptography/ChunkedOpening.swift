// Opening: commitment first, then every chunk straight into guarded memory; nothing is released before the last fits.

extension ChunkedEncryption {
    /// Opens a sealed message; see the overload for pointers.
    public static func open(
        key: borrowing SecretBytes, context: [UInt8], sealed: [UInt8]
    ) throws(CryptographyError) -> SecretBytes {
        try sealed.span.bytes.withUnsafeBytes { bytes throws(CryptographyError) in
            try open(key: key, context: context, sealed: bytes)
        }
    }

    /// Opens a sealed message that is part of an array; see the overload for pointers.
    public static func open(
        key: borrowing SecretBytes, context: [UInt8], sealed: ArraySlice<UInt8>
    ) throws(CryptographyError) -> SecretBytes {
        try sealed.span.bytes.withUnsafeBytes { bytes throws(CryptographyError) in
            try open(key: key, context: context, sealed: bytes)
        }
    }

    /// Opens a sealed message into a secret of exactly its plaintext.
    ///
    /// Throws `commitmentMismatch` for another key, salt or context before anything is decrypted,
    /// `authenticationFailed` for any altered, missing, added or moved chunk, and `invalidLength` when the bytes are
    /// too few for any message. Memory of the message's size is taken after the commitment was checked.
    public static func open(
        key: borrowing SecretBytes, context: [UInt8], sealed: UnsafeRawBufferPointer
    ) throws(CryptographyError) -> SecretBytes {
        let count = try checkedPlaintextCount(sealed)
        return try withMatchingKeys(key: key, context: context, sealed: sealed) { keys throws(CryptographyError) in
            try SecretBytes(allocating: count) { target throws(CryptographyError) in
                try decrypt(sealed, keys: keys, to: target)
            }
        }
    }

    /// Opens a sealed message into the front of the caller's buffer and returns the length of its plaintext.
    ///
    /// For callers that keep one guarded buffer for many messages. When it throws, what was decrypted is wiped again.
    public static func open(
        key: borrowing SecretBytes, context: [UInt8], sealed: UnsafeRawBufferPointer,
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(CryptographyError) -> Int {
        let count = try checkedPlaintextCount(sealed)
        guard buffer.count >= count else {
            throw .invalidLength(what: "buffer", expected: count, found: buffer.count)
        }
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        try withMatchingKeys(key: key, context: context, sealed: sealed) { keys throws(CryptographyError) in
            do throws(CryptographyError) {
                try decrypt(sealed, keys: keys, to: target)
            } catch {
                target.wipe()
                throw error
            }
        }
        return count
    }

    private static func checkedPlaintextCount(_ sealed: UnsafeRawBufferPointer) throws(CryptographyError) -> Int {
        guard sealed.count >= prefixSize + tagSize else {
            throw .invalidLength(what: "sealed message", expected: prefixSize + tagSize, found: sealed.count)
        }
        // A full last chunk, or a last chunk without a whole tag: something was cut off or added.
        guard let count = plaintextCount(sealedCount: sealed.count) else { throw .authenticationFailed }
        return count
    }

    private static func withMatchingKeys<R: ~Copyable>(
        key: borrowing SecretBytes, context: [UInt8], sealed: UnsafeRawBufferPointer,
        _ body: (MessageKeys) throws(CryptographyError) -> R
    ) throws(CryptographyError) -> R {
        let salt = UnsafeRawBufferPointer(rebasing: sealed[..<saltSize])
        return try MessageKeys.with(key: key, salt: salt, context: context) { keys throws(CryptographyError) in
            let commitment = UnsafeRawBufferPointer(rebasing: sealed[saltSize..<prefixSize])
            guard ConstantTime.equal(commitment, keys.commitment) else { throw .commitmentMismatch }
            return try body(keys)
        }
    }

    private static func decrypt(
        _ sealed: UnsafeRawBufferPointer, keys: MessageKeys, to target: UnsafeMutableRawBufferPointer
    ) throws(CryptographyError) {
        let cipher = try AESGCMContext(key: keys.key, direction: .decrypting)
        var nonce = ChunkNonce(base: keys.baseNonce)
        let output = UnsafeMutableRawPointer(target.octets)
        var chunk = UnsafeRawPointer(sealed.octets) + prefixSize
        var offset = 0
        while true {
            let count = min(chunkSize, target.count - offset)
            try nonce.withBytes { nonce throws(CryptographyError) in try cipher.begin(nonce: nonce) }
            try cipher.process(UnsafeRawBufferPointer(start: chunk, count: count), to: output + offset)
            try cipher.finish(checkingTag: chunk + count)
            if count < chunkSize { return }
            offset += count
            chunk += sealedChunkSize
            nonce.advance()
        }
    }
}
