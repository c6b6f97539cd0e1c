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

    @Test("a secret is still read-only once filled, in a block that served before too")
    func readOnly() async {
        await #expect(processExitsWith: .failure) {
            for _ in 0..<3 { _ = SecretBytes(copying: [1, 2, 3, 4]) }
            let secret = SecretBytes(copying: [1, 2, 3, 4])
            secret.withUnsafeBytes { UnsafeMutableRawBufferPointer(mutating: $0)[0] = 9 }
        }
    }
}
