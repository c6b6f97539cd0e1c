// SHA-256, HMAC, HKDF and BLAKE3 against the published vectors, and a few of each that need no file.
import Cryptography
import TestSupport
import Testing

@Suite("Hashes and derivation")
struct HashTests {
    @Test("SHA-256 of the examples in FIPS 180-4")
    func sha256() {
        #expect(
            hex(SHA256.hash(Array("abc".utf8))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(hex(SHA256.hash([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test("HMAC of RFC 4231, test case 1")
    func hmac() {
        let key = SecretBytes(copying: [UInt8](repeating: 0x0b, count: 20))
        let message = Array("Hi There".utf8)
        let long = HMACSHA512.authenticate(key: key, message)
        #expect(
            hex(long) == """
                87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d91\
                4eeb61f1702e696c203a126854
                """)
        let short = HMACSHA256.authenticate(key: key, message)
        #expect(hex(short) == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        let secret = SecretBytes(copying: message)
        let ofSecret = HMACSHA512.authenticate(key: key, secret)
        let ofSpan = secret.withBytes { HMACSHA512.authenticate(key: key, $0) }
        #expect(ofSecret == long && ofSpan == long)
    }

    /// Origin: Python's `hmac` over `i % 251` under the key 0...31.
    @Test(
        "HMAC-SHA-512 of messages on both sides of the length from which OpenSSL makes it",
        arguments: [
            (4_095, "6c10b486c5716a482f7152facfa4ffba05018f0dac5fc688c9589e26a9199b17"),
            (4_096, "ba53f74e3ca6a5a36f8ce9e77ce31a7ace03498911bd6872527ccc37d91081d1"),
            (4_097, "0365c8db80c364e4eedd356cd33fcf6b24994566ace72141a8b1a69384e18347"),
            (65_536, "a112fac8542363ea4dd88e8b1e87c996600cac9173b10e8c79ececec5dc24e26"),
        ])
    func longHMAC(count: Int, digits: String) {
        let message = (0..<count).map { UInt8($0 % 251) }
        let tag = HMACSHA512.authenticate(key: SecretBytes(copying: Array(0..<32)), message)
        #expect(hex(Array(tag.prefix(32))) == digits)
        #expect(tag.count == 64)
    }

    /// Origin: Python's `hmac`.
    @Test("HMAC-SHA-512 of a long message under a key longer than a block")
    func longKey() {
        let message = (0..<5_000).map { UInt8($0 % 251) }
        let tag = HMACSHA512.authenticate(key: SecretBytes(copying: [UInt8](repeating: 0, count: 200)), message)
        #expect(hex(Array(tag.prefix(32))) == "0df9cf8f5109a466c38a61541735f971d489f71261f2377e3e987bbfa53cad94")
    }

    @Test("HKDF-SHA-256 of RFC 5869, test case 1")
    func hkdf() {
        let input = SecretBytes(copying: [UInt8](repeating: 0x0b, count: 22))
        let pseudorandom = HKDF.extractSHA256(salt: SecretBytes(copying: Array(0...12)), input: input)
        #expect(hex(pseudorandom.array) == "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")
        let output = HKDF.expandSHA256(key: pseudorandom, info: Array(0xf0...0xf9), count: 42)
        #expect(
            hex(output.array) == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
    }

    @Test("HKDF refuses more than 255 blocks by trapping: it is a programming error")
    func hkdfBound() async {
        await #expect(processExitsWith: .failure) {
            let key = SecretBytes(copying: [1])
            _ = HKDF.expandSHA512(key: key, info: [], count: 255 * 64 + 1)
        }
        let key = SecretBytes(copying: [1])
        let most = HKDF.expandSHA512(key: key, info: [], count: 255 * 64)
        #expect(most.count == 16_320)
    }

    @Test("Wycheproof hkdf_sha256 and hkdf_sha512", .enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func wycheproofHKDF() throws {
        for (name, block) in [("hkdf_sha256", 32), ("hkdf_sha512", 64)] {
            for (_, test) in try Vector.wycheproof(name) {
                let count = try test.integer("size")
                guard test.isValid else {
                    #expect(count > 255 * block, test.label)
                    continue
                }
                let salt = SecretBytes(copying: try test.bytes("salt"))
                let input = SecretBytes(copying: try test.bytes("ikm"))
                let info = try test.bytes("info")
                let output: [UInt8]
                if block == 32 {
                    let key = HKDF.extractSHA256(salt: salt, input: input)
                    output = HKDF.expandSHA256(key: key, info: info, count: count).array
                } else {
                    let key = HKDF.extractSHA512(salt: salt, input: input)
                    output = HKDF.expandSHA512(key: key, info: info, count: count).array
                }
                #expect(output == (try test.bytes("okm")), test.label)
            }
        }
    }

    @Test("Wycheproof hmac_sha256", .enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func wycheproofHMAC() throws {
        for (group, test) in try Vector.wycheproof("hmac_sha256") {
            let key = SecretBytes(copying: try test.bytes("key"))
            let tag = HMACSHA256.authenticate(key: key, try test.bytes("msg"))
            // Some groups keep the front of the tag only.
            let kept = Array(tag.prefix(try group.integer("tagSize") / 8))
            #expect(ConstantTime.equal(kept, try test.bytes("tag")) == test.isValid, test.label)
        }
    }
}

@Suite("BLAKE3")
struct BLAKE3Tests {
    /// The input of the official vectors, which counts from 0 to 250 again and again.
    private func input(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 % 251) } }

    @Test("digests of the empty input and of one block")
    func known() {
        #expect(hex(BLAKE3.hash([])) == "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262")
        #expect(
            hex(BLAKE3.hash(Array("abc".utf8))) == "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85")
    }

    @Test(
        "digests of inputs over several chunks (from the official vectors and the reference module)",
        arguments: [
            (1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"),
            (1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"),
            (2049, "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030"),
            (3073, "7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3"),
            (5121, "628bd2cb2004694adaab7bbd778a25df25c47b9d4155a55f8fbd79f2fe154cff"),
            (102_400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"),
        ])
    func chunks(count: Int, digest: String) {
        #expect(hex(BLAKE3.hash(input(count))) == digest)
    }

    @Test(
        "official vectors: every length, the three modes, every byte of extended output",
        .enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func official() throws {
        let file = try Vector.file("blake3/test_vectors.json")
        let key = Array(try file.text("key").utf8)
        let context = try file.text("context_string")
        let cases = try file.list("cases")
        #expect(cases.count == 35)
        for vector in cases {
            let input = input(try vector.integer("input_len"))
            let expected = (
                hash: try vector.bytes("hash"), keyed: try vector.bytes("keyed_hash"),
                derived: try vector.bytes("derive_key")
            )
            var hasher = BLAKE3()
            hasher.update(input)
            #expect(hasher.finalize(count: 131) == expected.hash, "\(input.count) bytes")
            #expect(BLAKE3.hash(input) == Array(expected.hash.prefix(32)), "\(input.count) bytes")
            #expect(BLAKE3.keyedHash(key: key, input, count: 131) == expected.keyed, "\(input.count) bytes")
            #expect(
                BLAKE3.deriveKey(context: context, material: input, count: 131) == expected.derived,
                "\(input.count) bytes")
            let secret = SecretBytes(copying: input)
            let fromSecret = BLAKE3.deriveKey(context: context, material: secret, count: 131)
            #expect(fromSecret == expected.derived, "\(input.count) bytes")
        }
    }

    @Test(
        "takes its input in pieces of any size",
        arguments: [0, 1, 63, 64, 65, 1023, 1024, 1025, 2048, 2049, 3072, 4097, 31_744, 100_000])
    func pieces(count: Int) {
        let whole = input(count)
        let expected = BLAKE3.hash(whole)
        for piece in [1, 7, 63, 64, 65, 128, 1000, 1024, 1025, 4096] where piece > 6 || count < 5000 {
            var hasher = BLAKE3()
            for start in stride(from: 0, to: count, by: piece) {
                hasher.update(Array(whole[start..<min(start + piece, count)]))
            }
            #expect(hasher.finalize() == expected, "\(count) bytes by \(piece)")
        }
    }

    @Test("can be read in the middle and go on")
    func readInTheMiddle() {
        var hasher = BLAKE3()
        hasher.update(input(1500))
        #expect(hasher.finalize() == BLAKE3.hash(input(1500)))
        let copy = hasher
        hasher.update([1])
        #expect(hasher.finalize() == BLAKE3.hash(input(1500) + [1]))
        #expect(copy.finalize() == BLAKE3.hash(input(1500)))
        let secret = SecretBytes(copying: input(100))
        var ofSpan = BLAKE3()
        secret.withBytes { ofSpan.update($0) }
        #expect(ofSpan.finalize() == BLAKE3.hash(input(100)))
    }
}
