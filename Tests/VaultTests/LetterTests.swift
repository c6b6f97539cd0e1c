// Mail: the reference letter, and what is refused when a letter is opened.
import Cryptography
import Encoding
import TestSupport
import Testing

@testable import Vault

@Suite struct LetterTests {
    private let letter: Letter
    private let key = SharedSecret(RandomSource.system.secret(32))

    init() throws {
        letter = Letter(
            id: VaultFixture.identifier(5), to: VaultFixture.identifier(1).description,
            from: "human:\(VaultFixture.identifier(6))", at: Instant(unixMilliseconds: 1_700_000_000_123),
            text: "Good evening, é \u{1F319} \"quoted\"\n")
    }

    private func sealed(_ bytes: [UInt8]) throws -> [UInt8] {
        try SealedBox.seal(bytes, to: try X25519.publicKey(secret: key.bytes))
    }

    @Test("a letter opens to what was written, against its row")
    func roundTrip() throws {
        let box = try letter.sealed(to: try X25519.publicKey(secret: key.bytes), random: .system)
        #expect(try Letter.open(box, secret: key.bytes) == letter)
        let opened = try Letter.open(
            box, secret: key.bytes, id: letter.id, to: letter.to, from: letter.from, at: letter.at)
        #expect(opened == letter)
    }

    @Test(
        "the reference letter opens, and its plaintext is ours",
        .enabled(if: SharedData.isPresent, "the shared vectors are not beside the checkout"))
    func reference() throws {
        let home = try MiniatureHome()
        let mail = try require(home.json["mail"])
        let box = try SharedData.bytes("\(MiniatureHome.folder)/mail.bin")
        let letter = try Letter.open(box, secret: secret(try MiniatureHome.hex(mail["inbox_secret"])))
        #expect(letter.text == "Good evening, Aria.")
        #expect(String(decoding: try letter.canonicalBytes(), as: UTF8.self) == mail["plaintext"]?.string)
        let recreated = try SealedBox.recreate(
            try letter.canonicalBytes(), ephemeralKey: Array(box.prefix(32)),
            recipientSecret: secret(try MiniatureHome.hex(mail["inbox_secret"])))
        #expect(recreated == box)
    }

    @Test("a letter that is not its row's is refused by the field that differs")
    func otherRow() throws {
        let box = try letter.sealed(to: try X25519.publicKey(secret: key.bytes), random: .system)
        #expect(throws: VaultError.letterMismatch(field: "id")) {
            try Letter.open(
                box, secret: key.bytes, id: VaultFixture.identifier(9), to: letter.to, from: letter.from, at: letter.at)
        }
        #expect(throws: VaultError.letterMismatch(field: "to")) {
            try Letter.open(box, secret: key.bytes, id: letter.id, to: "house", from: letter.from, at: letter.at)
        }
        #expect(throws: VaultError.letterMismatch(field: "from")) {
            try Letter.open(box, secret: key.bytes, id: letter.id, to: letter.to, from: "house", at: letter.at)
        }
        #expect(throws: VaultError.letterMismatch(field: "at")) {
            try Letter.open(
                box, secret: key.bytes, id: letter.id, to: letter.to, from: letter.from,
                at: Instant(unixMilliseconds: 0))
        }
    }

    @Test("another key, a changed box and another form are refused")
    func refused() throws {
        var box = try letter.sealed(to: try X25519.publicKey(secret: key.bytes), random: .system)
        #expect(throws: VaultError.letterMismatch(field: "seal")) {
            try Letter.open(box, secret: RandomSource.system.secret(32))
        }
        box[40] ^= 1
        #expect(throws: VaultError.letterMismatch(field: "seal")) { try Letter.open(box, secret: key.bytes) }
        #expect(throws: VaultError.letterMismatch(field: "seal")) { try Letter.open([], secret: key.bytes) }
        let canonical = String(decoding: try letter.canonicalBytes(), as: UTF8.self)
        for text in [
            "", "{}", "[]", " " + canonical, canonical.replacing("\"at\"", with: "\"extra\":1,\"at\""),
            canonical.replacing(".123Z", with: ".1230Z"),
        ] {
            #expect(throws: VaultError.letterMismatch(field: "form"), "\(text)") {
                try Letter.open(try sealed(Array(text.utf8)), secret: key.bytes)
            }
        }
    }

    @Test("12 KiB of text pass, one byte more does not")
    func bounds() throws {
        let publicKey = try X25519.publicKey(secret: key.bytes)
        func letter(_ count: Int) -> Letter {
            Letter(
                id: self.letter.id, to: "house", from: self.letter.from, at: self.letter.at,
                text: String(repeating: "a", count: count))
        }
        let box = try letter(12_288).sealed(to: publicKey, random: .system)
        #expect(try Letter.open(box, secret: key.bytes).text.utf8.count == 12_288)
        let tooLong = VaultError.letterTooLong(limit: 12_288, found: 12_289)
        #expect(throws: tooLong) { try letter(12_289).sealed(to: publicKey, random: .system) }
        #expect(throws: tooLong) {
            try Letter.open(try sealed(try letter(12_289).canonicalBytes()), secret: key.bytes)
        }
    }
}
