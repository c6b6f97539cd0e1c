// Tags of messages whose beginning was hashed before.
import Cryptography
import Testing

@Suite("A shared beginning of keyed digests")
struct HMACPrefixTests {
    @Test("a tag is the same wherever the message is cut", arguments: [0, 1, 63, 127, 128, 129, 4_095, 70_000])
    func cut(count: Int) {
        let key = SecretBytes(copying: (0..<32).map { UInt8($0) })
        let message = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let prefix = message[..<count].withUnsafeBytes { HMACSHA512Prefix(key: key, $0) }
        let expected = HMACSHA512.authenticate(key: key, message)
        // Twice: the first use leaves the beginning as it is.
        for _ in 0..<2 {
            let tag = message[count...].withUnsafeBytes { prefix.tag(key: key, rest: $0) }
            #expect(tag == expected)
        }
        let alone = [UInt8]().withUnsafeBytes { prefix.tag(key: key, rest: $0) }
        #expect(alone == HMACSHA512.authenticate(key: key, Array(message[..<count])))
    }
}
