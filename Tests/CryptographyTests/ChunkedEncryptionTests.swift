// Chunked encryption through its face: sizes, chunk borders, padding, and every way to spoil a message.
import Cryptography
import Testing

@Suite("Chunked encryption")
struct ChunkedEncryptionTests {
    let key = SharedSecret(SecretBytes(copying: Array(0..<32)))
    let salt = [UInt8](repeating: 0x5a, count: 24)
    let context = Array("sanctuary/test\0".utf8)

    private static let referenceContext = "7465737420636f6e74657874"
    private static let reference = """
        dbedaefc1c35dc6c0f22b743b03e488747166a51f33479e7ceb8b7e11cc0d2710f624a127501bc4aea7d0af6f83cfe359b9e69415aa5\
        37f36adf86eb35b070475baa039bb7791432adbca49578bbd3
        """

    private func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) } }

    private func seal(_ plaintext: [UInt8]) throws(CryptographyError) -> [UInt8] {
        try ChunkedEncryption.seal(key: key.bytes, context: context, plaintext: plaintext, salt: salt)
    }

    private func open(_ sealed: [UInt8]) throws(CryptographyError) -> [UInt8] {
        let opened = try ChunkedEncryption.open(key: key.bytes, context: context, sealed: sealed)
        return opened.array
    }

    @Test(
        "opens what it sealed at every border of a chunk",
        arguments: [0, 1, 15, 16, 17, 16_383, 16_384, 16_385, 32_767, 32_768, 32_769, 50_000])
    func roundTrip(count: Int) throws {
        let plaintext = pattern(count)
        let sealed = try seal(plaintext)
        #expect(sealed.count == ChunkedEncryption.sealedCount(plaintextCount: count))
        #expect(ChunkedEncryption.plaintextCount(sealedCount: sealed.count) == count)
        #expect(Array(sealed[..<24]) == salt)
        #expect(try open(sealed) == plaintext)
        let slice = ([9] + sealed + [9])[1...sealed.count]
        let opened = try ChunkedEncryption.open(key: key.bytes, context: context, sealed: slice)
        #expect(opened.array == plaintext)
    }

    @Test("gives the reference's bytes for a short message (Wycheproof tcId 9, with a context)")
    func referenceBytes() throws {
        let key = SecretBytes(copying: Array("YELLOW SUBMARINE YELLOW SUBMARIN".utf8))
        let sealed = unhex(Self.reference)
        let opened = try ChunkedEncryption.open(key: key, context: unhex(Self.referenceContext), sealed: sealed)
        #expect(opened.count == 7)
        let again = try ChunkedEncryption.seal(
            key: key, context: unhex(Self.referenceContext), plaintext: opened, salt: Array(sealed[..<24]))
        #expect(again == sealed)
    }

    @Test(
        "seals to the bytes of an independent writer in Python, over many chunks (SHA-256 of the result)",
        arguments: [
            (0, "152fd91ededd22856ddf1bcceaf3e6aa9fb6f23105f560fcf0d5e55cf4ee45bc"),
            (16_384, "d10fbeb4b3e9853e2427fb937d78e0a6c750c0a55829d71d3044c0f64973fcc0"),
            (40_000, "16bbacc9322aef290cc6f8af047d309f0a92547ea13efa59ecbb18e78cd2c284"),
            (4_915_205, "98a1f835e05bf3a12461ca92d3f64579ddc8accd3f3ee17fd82035943b805351"),
        ])
    func independentBytes(count: Int, digest: String) throws {
        let sealed = try seal([UInt8](repeating: 7, count: count))
        #expect(hex(SHA256.hash(sealed)) == digest)
    }

    @Test(
        "seals leading bytes, body and zeros as if they were one array",
        arguments: [
            (0, 0, 0), (4, 0, 4), (4, 10, 14), (4, 10, 100), (0, 10, 16_384), (4, 16_380, 16_384), (4, 16_384, 20_000),
            (20_000, 20_000, 60_000), (3, 1, 50_000), (16_384, 1, 16_385),
        ])
    func pieces(leading: Int, body: Int, padded: Int) throws {
        let (first, second) = (pattern(leading), pattern(body))
        let whole = first + second + [UInt8](repeating: 0, count: padded - leading - body)
        let expected = try seal(whole)
        #expect(
            try ChunkedEncryption.seal(
                key: key.bytes, context: context, plaintext: second, leading: first, zeroPaddedTo: padded, salt: salt)
                == expected)
        let secret = SecretBytes(copying: second)
        let fromSecret = try ChunkedEncryption.seal(
            key: key.bytes, context: context, plaintext: secret, leading: first, zeroPaddedTo: padded, salt: salt)
        #expect(fromSecret == expected)
        let fromSpan = try secret.withBytes { span throws(CryptographyError) in
            try ChunkedEncryption.seal(
                key: key.bytes, context: context, plaintext: span, leading: first, zeroPaddedTo: padded, salt: salt)
        }
        #expect(fromSpan == expected)
    }

    @Test("refuses a padded length that is too short, a salt and a key of other lengths")
    func badLengths() throws {
        let (context, salt) = (context, salt)
        #expect(
            failure {
                _ = try ChunkedEncryption.seal(
                    key: key.bytes, context: context, plaintext: [1, 2], leading: [3], zeroPaddedTo: 2, salt: salt)
            } == .invalidLength(what: "padding", expected: 3, found: 2))
        #expect(
            failure {
                _ = try ChunkedEncryption.seal(key: key.bytes, context: context, plaintext: [1], salt: [1])
            } == .invalidLength(what: "salt", expected: 24, found: 1))
        let short = SecretBytes(copying: [UInt8](repeating: 0, count: 31))
        let sealing = failure { _ = try ChunkedEncryption.seal(key: short, context: [], plaintext: [1], salt: salt) }
        #expect(sealing == .invalidLength(what: "key", expected: 32, found: 31))
    }

    @Test("refuses every flipped byte of a three-chunk message, the prefix before anything is decrypted")
    func everyFlip() throws {
        let sealed = try seal(pattern(40_000))
        // Every byte of the prefix, of each tag and round each border; between them every 61st.
        let borders = [56, 56 + 16_400, 56 + 32_800, sealed.count]
        for index in sealed.indices
        where index < 80 || index % 61 == 0 || borders.contains(where: { abs($0 - index) < 20 }) {
            var altered = sealed
            altered[index] ^= 1 << UInt8(index % 8)
            let expected: CryptographyError = index < 56 ? .commitmentMismatch : .authenticationFailed
            let found = failure { _ = try open(altered) }
            #expect(found == expected, "byte \(index)")
        }
    }

    @Test("refuses every truncation of a three-chunk message and bytes added to it")
    func everyTruncation() throws {
        let sealed = try seal(pattern(40_000))
        for count in 0..<sealed.count where count < 200 || count % 97 == 0 || (count - 56) % 16_400 < 40 {
            let found = failure { _ = try open(Array(sealed[..<count])) }
            #expect(
                found
                    == (count < 72
                        ? .invalidLength(what: "sealed message", expected: 72, found: count) : .authenticationFailed),
                "\(count) bytes")
        }
        for extra in [1, 16, 20, 16_384, 16_400] {
            let longer = sealed + [UInt8](repeating: 0, count: extra)
            #expect(failure { _ = try open(longer) } == .authenticationFailed)
        }
    }

    @Test("refuses chunks in another order, or one left out")
    func chunkOrder() throws {
        let sealed = try seal(pattern(40_000))
        let (prefix, first) = (Array(sealed[..<56]), Array(sealed[56..<16_456]))
        let (second, last) = (Array(sealed[16_456..<32_856]), Array(sealed[32_856...]))
        for altered in [
            prefix + second + first + last, prefix + first + last, prefix + first + first + last, prefix + last,
        ] {
            #expect(failure { _ = try open(altered) } == .authenticationFailed)
        }
    }

    @Test("refuses another key and another context")
    func wrongKeyAndContext() throws {
        let sealed = try seal([1, 2, 3])
        let other = SecretBytes(copying: Array(1...32))
        let wrongKey = failure { _ = try ChunkedEncryption.open(key: other, context: context, sealed: sealed) }
        let wrongContext = failure { _ = try ChunkedEncryption.open(key: key.bytes, context: [1], sealed: sealed) }
        #expect(wrongKey == .commitmentMismatch && wrongContext == .commitmentMismatch)
    }

    @Test("opens into a caller's buffer, and refuses one that is too small")
    func intoBuffer() throws {
        let sealed = try seal([1, 2, 3])
        var buffer: [UInt8] = [9, 9, 9, 9]
        let count = try sealed.withUnsafeBytes { sealed in
            try buffer.withUnsafeMutableBytes { buffer in
                try ChunkedEncryption.open(key: key.bytes, context: context, sealed: sealed, into: buffer)
            }
        }
        #expect(count == 3 && buffer == [1, 2, 3, 9])
        var altered = try seal(pattern(20_000))
        altered[altered.count - 1] ^= 1
        var released = [UInt8](repeating: 0xaa, count: 20_001)
        let error = failure {
            _ = try altered.withUnsafeBytes { sealed in
                try released.withUnsafeMutableBytes { buffer in
                    try ChunkedEncryption.open(key: key.bytes, context: context, sealed: sealed, into: buffer)
                }
            }
        }
        #expect(error == .authenticationFailed)
        #expect(released == [UInt8](repeating: 0, count: 20_000) + [0xaa])
        #expect(throws: CryptographyError.invalidLength(what: "buffer", expected: 3, found: 2)) {
            try sealed.withUnsafeBytes { sealed in
                try buffer.withUnsafeMutableBytes { buffer in
                    let small = UnsafeMutableRawBufferPointer(rebasing: buffer[..<2])
                    _ = try ChunkedEncryption.open(key: key.bytes, context: context, sealed: sealed, into: small)
                }
            }
        }
    }

    @Test("knows which lengths nothing seals to")
    func impossibleLengths() {
        for count in [-1, 0, 55, 56, 71, 56 + 16_400, 56 + 16_400 + 15] {
            #expect(ChunkedEncryption.plaintextCount(sealedCount: count) == nil, "\(count) bytes")
        }
        #expect(ChunkedEncryption.plaintextCount(sealedCount: 72) == 0)
        #expect(ChunkedEncryption.plaintextCount(sealedCount: 56 + 16_400 + 16) == 16_384)
    }
}
