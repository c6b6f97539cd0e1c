// Chunked encryption through its face: sizes, round trips over chunk borders, padding, and every way to spoil a message.
import Cryptography
import Testing

@Suite("Chunked encryption (S4 vault primitive, C2SP Cobblestone-256)")
struct ChunkedEncryptionTests {
    let key = SharedSecret(SecretBytes(copying: Array(0..<32)))
    let salt = [UInt8](repeating: 0x5a, count: 24)
    let context = Array("sanctuary/test\0".utf8)

    private func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) } }

    @Test(
        "opens what it sealed at every border of a chunk",
        arguments: [0, 1, 15, 16, 17, 16_383, 16_384, 16_385, 32_767, 32_768, 32_769, 50_000])
    func roundTrip(count: Int) throws {
        let plaintext = pattern(count)
        let sealed = try ChunkedEncryption.seal(key: key.bytes, context: context, plaintext: plaintext, salt: salt)
        #expect(sealed.count == ChunkedEncryption.sealedCount(plaintextCount: count))
        #expect(ChunkedEncryption.plaintextCount(sealedCount: sealed.count) == count)
        #expect(Array(sealed[..<24]) == salt)
        let opened = try ChunkedEncryption.open(key: key.bytes, context: context, sealed: sealed)
        #expect(opened.array == plaintext)
    }
}
