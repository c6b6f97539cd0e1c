// Blocks that serve again: nothing of the secret before is in them, and each live secret has its own.
import Cryptography
import Glibc
import Testing

@Suite struct SecretHeapTests {
    @Test(
        "a released secret's bytes are gone when its block serves again",
        arguments: [57, 4_080, 4_081, 70_000, 300_000]
    )
    func wiped(size: Int) {
        var seen = 0
        for _ in 0..<100 {
            let secret = SecretBytes(count: size) { buffer in
                if buffer.contains(where: { $0 == 0xA7 }) { seen += 1 }
                buffer.initializeMemory(as: UInt8.self, repeating: 0xA7)
            }
            let isFilled = secret.withUnsafeBytes { $0.allSatisfy { $0 == 0xA7 } }
            #expect(isFilled)
        }
        #expect(seen == 0)
    }

    @Test("secrets that live at once keep their own bytes, whatever comes and goes beside them")
    func separate() {
        let kept = (0..<100).map { number in SharedSecret(SecretBytes(copying: [UInt8(number), 1, 2])) }
        for number in 0..<200 { _ = SecretBytes(copying: [UInt8(number), 9, 9]) }
        for (number, secret) in kept.enumerated() {
            #expect(secret.bytes.withUnsafeBytes { Array($0) } == [UInt8(number), 1, 2])
        }
    }

    @Test("a secret ends at its guard page, in a block that served a larger one before", arguments: [33, 4_080, 9_000])
    func guarded(size: Int) async {
        await #expect(processExitsWith: .failure) { [size] in
            _ = SecretBytes(copying: [UInt8](repeating: 1, count: size + 3))
            let secret = SecretBytes(copying: [UInt8](repeating: 1, count: size))
            let byte = secret.withUnsafeBytes { $0.baseAddress?.load(fromByteOffset: size, as: UInt8.self) }
            // Reached only where there is no guard page; the success would fail the test.
            print(byte ?? 0)
            exit(EXIT_SUCCESS)
        }
    }

    // A secret of one run or operation, which nobody but its owner can name, is not: see `SecretBytes.protected()`.
    @Test("a secret that is kept is read-only, in a block that served before too, and cut to its first bytes")
    func readOnly() async {
        await #expect(processExitsWith: .failure) {
            for _ in 0..<3 { _ = SharedSecret(SecretBytes(copying: [1, 2, 3, 4])) }
            let shared = SharedSecret(SecretBytes(copying: [1, 2, 3, 4]))
            shared.bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(mutating: $0)[0] = 9 }
            // Reached only where it could be written; the success would fail the test.
            exit(EXIT_SUCCESS)
        }
        await #expect(processExitsWith: .failure) {
            let secret = SecretBytes(copying: [1, 2, 3, 4]).protected().prefix(2)
            secret.withUnsafeBytes { UnsafeMutableRawBufferPointer(mutating: $0)[0] = 9 }
            exit(EXIT_SUCCESS)
        }
    }

    @Test("a secret that is passed on keeps its memory as it is, and is wiped like any other")
    func passed() {
        for _ in 0..<50 {
            let passed = SharedSecret(passing: SecretBytes(copying: [UInt8](repeating: 0xA7, count: 59)))
            passed.bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(mutating: $0)[0] = 0xA8 }
            #expect(passed.bytes.withUnsafeBytes { $0[0] == 0xA8 && $0.dropFirst().allSatisfy { $0 == 0xA7 } })
        }
        _ = SecretBytes(count: 59) { buffer in
            #expect(!buffer.contains(0xA7) && !buffer.contains(0xA8))
            buffer.initializeMemory(as: UInt8.self, repeating: 1)
        }
    }

    @Test("the block of a read-only secret serves again, writable and wiped")
    func readOnlyServesAgain() {
        for _ in 0..<50 {
            let shared = SharedSecret(SecretBytes(copying: [UInt8](repeating: 0xA7, count: 57)))
            #expect(shared.bytes.withUnsafeBytes { $0.allSatisfy { $0 == 0xA7 } })
        }
        let secret = SecretBytes(count: 57) { buffer in
            #expect(!buffer.contains(0xA7))
            buffer.initializeMemory(as: UInt8.self, repeating: 1)
        }
        let isFilled = secret.withUnsafeBytes { $0.allSatisfy { $0 == 1 } }
        #expect(isFilled)
    }

    @Test("what is put together piece by piece is whole, and no block that was left holds any of it")
    func growing() {
        var buffer = SecretBuffer(capacity: 10)
        var expected: [UInt8] = []
        for piece in 0..<300 {
            let bytes = [UInt8](repeating: 0xB3, count: piece)
            bytes.withUnsafeBytes { buffer.append($0) }
            buffer.append(UInt8(truncatingIfNeeded: piece))
            buffer.append("end")
            expected += bytes + [UInt8(truncatingIfNeeded: piece)] + Array("end".utf8)
        }
        let isWhole = buffer.withUnsafeBytes { $0.elementsEqual(expected) }
        #expect(isWhole)
        let secret = buffer.secret()
        let isSame = secret.withUnsafeBytes { $0.elementsEqual(expected) }
        #expect(isSame && secret.count == expected.count)
        for size in [64, 200, 400, 4_080, 9_000, 20_000] {
            let next = SecretBytes(count: size) { block in
                #expect(!block.contains(0xB3))
                block.initializeMemory(as: UInt8.self, repeating: 1)
            }
            #expect(next.count == size)
        }
    }
}
