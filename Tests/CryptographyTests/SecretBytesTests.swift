// Secret buffers: what goes in comes out, hex both ways, and nothing can be printed.
import Cryptography
import Testing

@Suite("Secret bytes")
struct SecretBytesTests {
    @Test("keep what was copied in, and clone and cut it")
    func copying() {
        let secret = SecretBytes(copying: Array(0..<100))
        #expect(secret.count == 100)
        #expect(secret.array == Array(0..<100))
        let clone = secret.clone()
        #expect(clone.array == secret.array)
        let part = secret.copy(10..<20)
        #expect(part.array == Array(10..<20))
        let again = secret.withBytes { SecretBytes(copying: $0) }
        #expect(again.array == secret.array)
    }

    @Test("are cut to their first bytes in place")
    func prefix() {
        let secret = SecretBytes(copying: Array(0..<100)).prefix(7)
        #expect(secret.count == 7)
        #expect(secret.array == Array(0..<7))
        let none = SecretBytes(copying: [1, 2]).prefix(0)
        #expect(none.array.isEmpty)
    }

    @Test("may be empty")
    func empty() {
        let secret = SecretBytes(copying: [UInt8]())
        #expect(secret.count == 0)
        #expect(secret.array.isEmpty)
        let line = secret.hexLine()
        #expect(line.array == [10])
    }

    @Test("count only what was written into a larger room")
    func capacity() {
        let secret = SecretBytes(capacity: 100) { buffer in
            buffer.copyBytes(from: [1, 2, 3] as [UInt8])
            return 3
        }
        #expect(secret.array == [1, 2, 3])
    }

    @Test("pass on the error of what fills them")
    func fillingThrows() {
        struct Broken: Error {}
        #expect(throws: Broken.self) {
            _ = try SecretBytes(count: 32) { (_: UnsafeMutableRawBufferPointer) throws(Broken) in throw Broken() }
        }
    }

    @Test("compare by content and length")
    func equality() {
        let one = SecretBytes(copying: [1, 2, 3])
        let same = one.constantTimeEquals(SecretBytes(copying: [1, 2, 3]))
        let different = one.constantTimeEquals(SecretBytes(copying: [1, 2, 4]))
        let shorter = one.constantTimeEquals(SecretBytes(copying: [1, 2]))
        #expect(same && !different && !shorter)
        #expect(ConstantTime.equal([], []))
        #expect(ConstantTime.equal([7], [7]))
        #expect(!ConstantTime.equal([7], [8]))
        #expect(!ConstantTime.equal([7], [7, 7]))
    }

    @Test("read hex of either case and one newline, and write it as key files hold it")
    func hex() throws {
        let secret = try SecretBytes(hex: Array("00fFa7\n".utf8))
        #expect(secret.array == [0x00, 0xff, 0xa7])
        let line = secret.hexLine()
        #expect(line.array == Array("00ffa7\n".utf8))
        let back = try line.decodingHex()
        #expect(back.array == secret.array)
    }

    @Test(
        "refuse everything that is not hex",
        arguments: ["0", "0g", "zz", "00 11", "00\n\n", "\n00", "0x00", "00\r\n", " 00"])
    func badHex(text: String) {
        #expect(throws: CryptographyError.invalidHex) { _ = try SecretBytes(hex: Array(text.utf8)) }
    }

    @Test("tell nothing when the class around one is printed or dumped")
    func redaction() throws {
        let shared = SharedSecret(SecretBytes(copying: Array("tell nobody".utf8)))
        var dumped = ""
        dump(shared, to: &dumped)
        #expect("\(shared)" == "SharedSecret(redacted)")
        #expect(!dumped.contains("tell") && !dumped.contains("116"))
        let key = try SigningKey(seed: SecretBytes(copying: [UInt8](repeating: 77, count: 32)))
        dumped = ""
        dump(key, to: &dumped)
        #expect(!"\(key)\(String(reflecting: key))\(dumped)".contains("77"))
    }

    @Test("are cleared from an array by wipe()")
    func wiping() {
        var bytes: [UInt8] = [1, 2, 3]
        bytes.wipe()
        #expect(bytes == [0, 0, 0])
    }
}

@Suite("Random source")
struct RandomSourceTests {
    @Test("the system's gives bytes of the asked length that differ")
    func system() {
        let random = RandomSource.system
        #expect(random.bytes(32).count == 32)
        #expect(random.bytes(32) != random.bytes(32))
        #expect(random.bytes(0).isEmpty)
        // More than 256 bytes come another way.
        let (long, longer) = (random.bytes(4_096), random.bytes(4_097))
        #expect(long != Array(longer.dropLast()))
        #expect(Set(stride(from: 0, to: 4_096, by: 16).map { Array(long[$0..<$0 + 16]) }).count == 256)
        let one = random.secret(32)
        let other = random.secret(32)
        #expect(one.array != other.array)
        #expect(random.uint64() != random.uint64())
    }

    @Test("a supplied one decides every byte")
    func supplied() {
        let random = RandomSource { $0.copyBytes(from: [UInt8](repeating: 9, count: $0.count)) }
        #expect(random.bytes(3) == [9, 9, 9])
        let secret = random.secret(2)
        #expect(secret.array == [9, 9])
        #expect(random.uint64() == 0x0909_0909_0909_0909)
    }
}
