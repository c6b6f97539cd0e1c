// Ed25519, X25519 and sealed boxes against RFC 8032, RFC 7748, Wycheproof and the miniature home's letter.
import Cryptography
import TestSupport
import Testing

@Suite("Ed25519")
struct Ed25519Tests {
    @Test(
        "signs as RFC 8032, 7.1 does (tests 1 and 2)",
        arguments: [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                """
                e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25b\
                f5f0595bbe24655141438e7a100b
                """
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                """
                92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b\
                2eaeb4302aeeb00d291612bb0c00
                """
            ),
        ])
    func reference(seed: String, publicKey: String, message: String, signature: String) throws {
        let key = try SigningKey(seed: try SecretBytes(hex: Array(seed.utf8)))
        #expect(hex(key.publicKey) == publicKey)
        #expect(key.sign(unhex(message)) == unhex(signature))
        #expect(key.verifyingKey.isValid(signature: unhex(signature), for: unhex(message)))
        #expect(try VerifyingKey(unhex(publicKey)) == key.verifyingKey)
        let kept = key.seed()
        #expect(hex(kept.array) == seed)
    }

    @Test("refuses an altered message, an altered signature, another key and other lengths")
    func refusals() throws {
        let key = try SigningKey(seed: SecretBytes(copying: Array(0..<32)))
        let other = try SigningKey(seed: SecretBytes(copying: Array(1...32)))
        let message = Array("the span".utf8)
        let signature = key.sign(message)
        #expect(key.verifyingKey.isValid(signature: signature, for: message))
        #expect(!key.verifyingKey.isValid(signature: signature, for: message + [0]))
        #expect(!other.verifyingKey.isValid(signature: signature, for: message))
        for index in signature.indices {
            var altered = signature
            altered[index] ^= 1
            #expect(!key.verifyingKey.isValid(signature: altered, for: message))
        }
        #expect(!key.verifyingKey.isValid(signature: signature + [0], for: message))
        #expect(!key.verifyingKey.isValid(signature: [], for: message))
        #expect(throws: CryptographyError.invalidLength(what: "seed", expected: 32, found: 31)) {
            _ = try SigningKey(seed: SecretBytes(copying: Array(0..<31)))
        }
        #expect(throws: CryptographyError.invalidLength(what: "public key", expected: 32, found: 0)) {
            _ = try VerifyingKey([])
        }
    }

    @Test("Wycheproof ed25519, all 151", .enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func wycheproof() throws {
        for (group, test) in try Vector.wycheproof("ed25519") {
            let key = try VerifyingKey(try group.object("publicKey").bytes("pk"))
            let isValid = key.isValid(signature: try test.bytes("sig"), for: try test.bytes("msg"))
            #expect(isValid == test.isValid, test.label)
        }
    }
}

@Suite("X25519 and sealed boxes")
struct X25519Tests {
    @Test("agrees as RFC 7748, 6.1 does")
    func reference() throws {
        let alice = try SecretBytes(hex: Array("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a".utf8))
        let bob = try SecretBytes(hex: Array("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb".utf8))
        let bobsKey = try X25519.publicKey(secret: bob)
        #expect(hex(bobsKey) == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
        let one = try X25519.agree(secret: alice, publicKey: bobsKey)
        let other = try X25519.agree(secret: bob, publicKey: X25519.publicKey(secret: alice))
        #expect(hex(one.array) == "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
        #expect(other.array == one.array)
    }

    @Test("Wycheproof x25519, all 518", .enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func wycheproof() throws {
        for (_, test) in try Vector.wycheproof("x25519") {
            let secret = SecretBytes(copying: try test.bytes("private"))
            let publicKey = try test.bytes("public")
            let shared = try test.bytes("shared")
            if test.flags.contains("ZeroSharedSecret") {
                let error = failure { _ = try X25519.agree(secret: secret, publicKey: publicKey) }
                #expect(error == .authenticationFailed, test.label)
            } else {
                let found = try X25519.agree(secret: secret, publicKey: publicKey)
                #expect(found.array == shared, test.label)
            }
        }
    }

    @Test("a sealed box opens with its recipient's secret alone")
    func sealedBox() throws {
        let secret = RandomSource.system.secret(32)
        let publicKey = SealedBox.publicKey(secret: secret)
        let message = Array("for your eyes".utf8)
        let sealed = try SealedBox.seal(message, to: publicKey)
        #expect(sealed.count == message.count + SealedBox.overhead)
        #expect(try SealedBox.seal(message, to: publicKey) != sealed)
        let opened = try SealedBox.open(sealed, publicKey: publicKey, secret: secret)
        #expect(opened.array == message)
        let stranger = RandomSource.system.secret(32)
        let error = failure { _ = try SealedBox.open(sealed, publicKey: publicKey, secret: stranger) }
        #expect(error == .authenticationFailed)
        for index in sealed.indices {
            var altered = sealed
            altered[index] ^= 1
            let error = failure { _ = try SealedBox.open(altered, publicKey: publicKey, secret: secret) }
            #expect(error == .authenticationFailed, "byte \(index)")
        }
        let short = failure { _ = try SealedBox.open(Array(sealed[..<47]), publicKey: publicKey, secret: secret) }
        #expect(short == .invalidLength(what: "sealed message", expected: 48, found: 47))
    }

    @Test("the same ephemeral key makes the same box from either side, from an array or a secret")
    func deterministic() throws {
        let random = RandomSource { $0.copyBytes(from: Array(1...32 as ClosedRange<UInt8>).prefix($0.count)) }
        let secret = SecretBytes(copying: Array(100..<132))
        let publicKey = SealedBox.publicKey(secret: secret)
        let sealed = try SealedBox.seal([1, 2, 3], to: publicKey, random: random)
        let message = SecretBytes(copying: [1, 2, 3])
        let fromSecret = try SealedBox.seal(message, to: publicKey, random: random)
        #expect(fromSecret == sealed)
        let again = try SealedBox.recreate([1, 2, 3], ephemeralKey: Array(sealed[..<32]), recipientSecret: secret)
        #expect(again == sealed)
    }

    @Test("refuses to seal to a key of small order, or to agree with one")
    func smallOrder() {
        let error = failure {
            _ = try SealedBox.seal([1], to: [UInt8](repeating: 0, count: 32))
        }
        #expect(error == .authenticationFailed)
        let secret = RandomSource.system.secret(32)
        let agreed = failure { _ = try X25519.agree(secret: secret, publicKey: [UInt8](repeating: 0, count: 32)) }
        #expect(agreed == .authenticationFailed)
    }

    @Test(
        "the letter of the miniature home opens and is re-created byte for byte",
        .enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func letter() throws {
        let mail = try Vector.file("sanctuary-v1/vault.json").object("mail")
        let sealed = try SharedData.bytes("vectors/sanctuary-v1/mail.bin")
        let secret = try SecretBytes(hex: Array(try mail.text("inbox_secret").utf8))
        let plaintext = Array(try mail.text("plaintext").utf8)
        let publicKey = SealedBox.publicKey(secret: secret)
        #expect(publicKey == (try mail.bytes("inbox_key")))
        let opened = try SealedBox.open(sealed, publicKey: publicKey, secret: secret)
        #expect(opened.array == plaintext)
        let again = try SealedBox.recreate(plaintext, ephemeralKey: Array(sealed[..<32]), recipientSecret: secret)
        #expect(again == sealed)
    }
}
