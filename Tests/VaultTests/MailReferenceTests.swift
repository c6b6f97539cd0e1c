// Mail: the sealed reference letter opens, and is made again byte for byte.
import Cryptography
import Encoding
import TestSupport
import Testing

@Suite struct MailReferenceTests {
    /// The letter of the miniature home (design/vault.md, vectors/sanctuary-v1: mail.bin and vault.json).
    @Test(
        "the reference letter opens to its plaintext, and is re-created from the ephemeral key",
        .enabled(if: SharedData.isPresent, "the shared vectors are not beside the checkout"))
    func reference() throws {
        let home = try MiniatureHome()
        let mail = try require(home.json["mail"])
        let box = try SharedData.bytes("\(MiniatureHome.folder)/mail.bin")
        let key = secret(try MiniatureHome.hex(mail["inbox_secret"]))
        let publicKey = try X25519.publicKey(secret: key)
        let opened = try SealedBox.open(box, publicKey: publicKey, secret: key)
        let plaintext = opened.withUnsafeBytes { Array($0) }
        #expect(String(decoding: plaintext, as: UTF8.self) == mail["plaintext"]?.string)
        let recreated = try SealedBox.recreate(plaintext, ephemeralKey: Array(box.prefix(32)), recipientSecret: key)
        #expect(recreated == box)
    }
}
