// Sealing: the plaintext is read where it lies, in up to two pieces and zeros after them, one key schedule a message.

extension ChunkedEncryption {
    /// Seals a message; see the overload for pointers.
    public static func seal(
        key: borrowing SecretBytes, context: [UInt8], plaintext: [UInt8], leading: [UInt8] = [],
        zeroPaddedTo padded: Int? = nil, salt: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try plaintext.span.bytes.withUnsafeBytes { bytes throws(CryptographyError) in
            try seal(
                key: key, context: context, plaintext: bytes, leading: leading, zeroPaddedTo: padded, salt: salt)
        }
    }

    /// Seals a span's bytes; see the overload for pointers.
    public static func seal(
        key: borrowing SecretBytes, context: [UInt8], plaintext: RawSpan, leading: [UInt8] = [],
        zeroPaddedTo padded: Int? = nil, salt: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try plaintext.withUnsafeBytes { bytes throws(CryptographyError) in
            try seal(
                key: key, context: context, plaintext: bytes, leading: leading, zeroPaddedTo: padded, salt: salt)
        }
    }

    /// Seals a secret; see the overload for pointers.
    public static func seal(
        key: borrowing SecretBytes, context: [UInt8], plaintext: borrowing SecretBytes, leading: [UInt8] = [],
        zeroPaddedTo padded: Int? = nil, salt: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        try plaintext.withUnsafeBytes { bytes throws(CryptographyError) in
            try seal(
                key: key, context: context, plaintext: bytes, leading: leading, zeroPaddedTo: padded, salt: salt)
        }
    }

    /// Seals `leading`, then `plaintext`, then zeros up to `zeroPaddedTo` bytes in all, as one message.
    ///
    /// `key` has 32 bytes and may seal any number of messages. `salt` is 24 bytes, fresh and random for each message.
    /// `context` says what the message is and is not stored. Nothing of the plaintext is copied. A padded length
    /// below what there is throws ``CryptographyError/invalidLength(what:expected:found:)``.
    public static func seal(
        key: borrowing SecretBytes, context: [UInt8], plaintext: UnsafeRawBufferPointer, leading: [UInt8] = [],
        zeroPaddedTo padded: Int? = nil, salt: [UInt8]
    ) throws(CryptographyError) -> [UInt8] {
        let size = sealedCount(plaintextCount: padded ?? leading.count + plaintext.count)
        var failure: CryptographyError?
        let sealed = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            do throws(CryptographyError) {
                try seal(
                    key: key, context: context, plaintext: plaintext, leading: leading, zeroPaddedTo: padded,
                    salt: salt,
                    into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: size))
            } catch {
                failure = error
            }
            count = failure == nil ? size : 0
        }
        if let failure { throw failure }
        return sealed
    }

    /// Seals as the overload that returns an array does, into memory of exactly the sealed message's size.
    public static func seal(
        key: borrowing SecretBytes, context: [UInt8], plaintext: UnsafeRawBufferPointer, leading: [UInt8] = [],
        zeroPaddedTo padded: Int? = nil, salt: [UInt8], into output: UnsafeMutableRawBufferPointer
    ) throws(CryptographyError) {
        let given = leading.count + plaintext.count
        let total = padded ?? given
        guard total >= given else { throw .invalidLength(what: "padding", expected: given, found: total) }
        guard salt.count == saltSize else {
            throw .invalidLength(what: "salt", expected: saltSize, found: salt.count)
        }
        let size = sealedCount(plaintextCount: total)
        guard output.count == size else { throw .invalidLength(what: "buffer", expected: size, found: output.count) }
        try leading.span.bytes.withUnsafeBytes { leading throws(CryptographyError) in
            let message = PaddedMessage(leading: leading, body: plaintext, count: total)
            try seal(key: key, context: context, salt: salt, message: message, output: output)
        }
    }

    private static func seal(
        key: borrowing SecretBytes, context: [UInt8], salt: [UInt8], message: PaddedMessage,
        output: UnsafeMutableRawBufferPointer
    ) throws(CryptographyError) {
        output.copyBytes(from: salt)
        let salt = UnsafeRawBufferPointer(rebasing: output[..<saltSize])
        try MessageKeys.with(key: key, salt: salt, context: context) { keys throws(CryptographyError) in
            UnsafeMutableRawBufferPointer(rebasing: output[saltSize..<prefixSize]).copyMemory(from: keys.commitment)
            let cipher = try AESGCMContext(key: keys.key, direction: .encrypting)
            var nonce = ChunkNonce(base: keys.baseNonce)
            var target = UnsafeMutableRawPointer(output.octets) + prefixSize
            var offset = 0
            while true {
                let count = min(chunkSize, message.count - offset)
                try nonce.withBytes { nonce throws(CryptographyError) in try cipher.begin(nonce: nonce) }
                try message.encrypt(offset..<offset + count, with: cipher, to: target)
                try cipher.finish(writingTag: target + count)
                if count < chunkSize { return }
                offset += count
                target += sealedChunkSize
                nonce.advance()
            }
        }
    }
}

/// A message in up to two pieces, with zeros after them, read where it lies.
private struct PaddedMessage {
    let leading: UnsafeRawBufferPointer
    let body: UnsafeRawBufferPointer
    let count: Int
    // Padmé adds less than an eighth, so a chunk's worth of zeros serves any padding without an allocation each.
    private static let zeros = [UInt8](repeating: 0, count: ChunkedEncryption.chunkSize)

    init(leading: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer, count: Int) {
        self.leading = leading
        self.body = body
        self.count = count
    }

    /// Encrypts one chunk's range of the message.
    func encrypt(
        _ range: Range<Int>, with cipher: borrowing AESGCMContext, to target: UnsafeMutableRawPointer
    ) throws(CryptographyError) {
        let bodyEnd = leading.count + body.count
        let first = range.clamped(to: 0..<leading.count)
        let second = range.clamped(to: leading.count..<bodyEnd)
        let third = range.clamped(to: bodyEnd..<max(count, bodyEnd))
        if !first.isEmpty {
            try cipher.process(UnsafeRawBufferPointer(rebasing: leading[first]), to: target)
        }
        if !second.isEmpty {
            let bytes = body[second.lowerBound - leading.count..<second.upperBound - leading.count]
            try cipher.process(
                UnsafeRawBufferPointer(rebasing: bytes), to: target + (second.lowerBound - range.lowerBound))
        }
        if !third.isEmpty {
            try Self.zeros.span.bytes.withUnsafeBytes { zeros throws(CryptographyError) in
                let bytes = UnsafeRawBufferPointer(rebasing: zeros[..<third.count])
                try cipher.process(bytes, to: target + (third.lowerBound - range.lowerBound))
            }
        }
    }
}
