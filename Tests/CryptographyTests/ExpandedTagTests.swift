// A tag under an expanded key is the tag under the key that HKDF gives.
import Cryptography
import Testing

@Suite struct ExpandedTagTests {
    @Test("expanding and authenticating in one step gives what the two steps give")
    func oneStep() {
        let key = SecretBytes(copying: [UInt8](0..<32))
        let info = Array("sanctuary/header-mac/v1".utf8)
        let message = Array("message".utf8)
        let derived = HKDF.expandSHA512(key: key, info: info, count: 32)
        let expected = HMACSHA512.authenticate(key: derived, message)
        #expect(HMACSHA512.authenticate(expanding: key, info: info, message) == expected)
        #expect(HMACSHA512.authenticate(expanding: key, info: [], message) != expected)
    }
}
