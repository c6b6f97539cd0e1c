// Argon2id: the reference implementation's output, and the bounds on the work.
import Cryptography
import Testing

@Suite("Argon2id")
struct PassphraseTests {
    @Test("gives what the reference implementation gives (phc-winner-argon2, by argon2-cffi)")
    func reference() throws {
        let key = try Argon2id.derive(
            passphrase: SecretBytes(copying: Array("correct horse battery staple".utf8)), salt: Array(0..<16),
            operations: 3, memoryKiB: 1024)
        #expect(hex(key.array) == "590d7ddd37a1ed86417a3614be47c9f782828a38902390018d39bb6556fee029")
        let longer = try Argon2id.derive(
            passphrase: SecretBytes(copying: [UInt8]()), salt: [UInt8](repeating: 0xff, count: 16), operations: 1,
            memoryKiB: 8, count: 64)
        #expect(
            hex(longer.array) == """
                39fdef9b36996a50c1fe7091c8e5917d1ae6de04b8c9187679e0a531ebc4d13aaf4be22618cff65bba4d3742509f9ec8ddecb2\
                3b71ecb04f0c49efa2b29bd3ed
                """)
    }

    @Test(
        "refuses work beyond the bounds, or none",
        arguments: [
            (11, 1024, CryptographyError.workFactorTooHigh), (UInt32.max, 8, .workFactorTooHigh),
            (1, (1 << 20) + 1, .workFactorTooHigh), (1, UInt32.max, .workFactorTooHigh), (0, 1024, .workFactorTooLow),
            (1, 7, .workFactorTooLow),
        ])
    func bounds(operations: UInt32, memoryKiB: UInt32, expected: CryptographyError) {
        let passphrase = SecretBytes(copying: [1])
        let error = failure {
            _ = try Argon2id.derive(
                passphrase: passphrase, salt: Array(0..<16), operations: operations, memoryKiB: memoryKiB)
        }
        #expect(error == expected)
    }

    @Test("refuses other lengths of salt and key")
    func lengths() {
        let passphrase = SecretBytes(copying: [1])
        let salt = failure {
            _ = try Argon2id.derive(passphrase: passphrase, salt: [1], operations: 1, memoryKiB: 8)
        }
        #expect(salt == .invalidLength(what: "salt", expected: 16, found: 1))
        let key = failure {
            _ = try Argon2id.derive(
                passphrase: passphrase, salt: Array(0..<16), operations: 1, memoryKiB: 8, count: 15)
        }
        #expect(key == .invalidLength(what: "derived key", expected: 32, found: 15))
    }
}
