// Secrets to and from hex digits, as key files and the environment hold them, without a String in between.
internal import CSodium

extension SecretBytes {
    /// Decodes hex digits of either case, with at most one newline after them, without branching on them.
    public init(hex digits: [UInt8]) throws(CryptographyError) {
        let decoded = try digits.span.bytes.withUnsafeBytes { bytes throws(CryptographyError) in
            try SecretBytes(hex: bytes)
        }
        self = decoded
    }

    /// Decodes hex digits behind a pointer, with at most one newline after them.
    public init(hex digits: UnsafeRawBufferPointer) throws(CryptographyError) {
        let newline = UInt8(ascii: "\n")
        let count = digits.last == newline ? digits.count - 1 : digits.count
        guard count % 2 == 0 else { throw .invalidHex }
        try self.init(allocating: count / 2) { target throws(CryptographyError) in
            var decoded = 0
            // Without an end pointer the call fails unless every digit was used.
            let result = sodium_hex2bin(target.octets, target.count, digits.characters, count, nil, &decoded, nil)
            guard result == 0, decoded == target.count else { throw .invalidHex }
        }
    }

    /// Decodes this secret, which holds hex digits and at most one newline after them.
    public borrowing func decodingHex() throws(CryptographyError) -> SecretBytes {
        try withUnsafeBytes { digits throws(CryptographyError) in try SecretBytes(hex: digits) }
    }

    /// The bytes as lower-case hex digits and a newline, as key files hold them.
    public borrowing func hexLine() -> SecretBytes {
        withUnsafeBytes { bytes in
            SecretBytes(count: 2 * bytes.count + 1) { target in
                // The encoder closes with a NUL, whose place the newline takes.
                sodium_bin2hex(target.characters, target.count, bytes.octets, bytes.count)
                target[target.count - 1] = UInt8(ascii: "\n")
            }
        }
    }
}
