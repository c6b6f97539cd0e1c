// What happens to a whole process: guard pages, hardening, secrets taken from the environment. Each in a child.
import Cryptography
import Glibc
import TestSupport
import Testing

@Suite("Process protection")
struct ProcessTests {
    @Test("reading behind a secret ends the process")
    func guardPage() async {
        await #expect(processExitsWith: .failure) {
            let secret = SecretBytes(copying: [UInt8](repeating: 1, count: 32))
            let byte = secret.withUnsafeBytes { bytes in
                bytes.baseAddress?.load(fromByteOffset: 32, as: UInt8.self)
            }
            // Reached only where there is no guard page; the success would fail the test.
            print(byte ?? 0)
            exit(EXIT_SUCCESS)
        }
    }

    @Test("writing to a shared secret ends the process")
    func readOnly() async {
        await #expect(processExitsWith: .failure) {
            let secret = SharedSecret(SecretBytes(copying: [UInt8](repeating: 1, count: 32)))
            secret.bytes.withUnsafeBytes { bytes in
                bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0).storeBytes(of: 2, as: UInt8.self) }
            }
            exit(EXIT_SUCCESS)
        }
    }

    @Test("hardening turns core dumps and dumpability off")
    func hardening() async {
        await #expect(processExitsWith: .success) {
            let before = ProcessHardening.isApplied
            try ProcessHardening.apply()
            exit(!before && ProcessHardening.isApplied ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }

    @Test("a secret taken from the environment is gone from it, in place")
    func environment() async {
        await #expect(processExitsWith: .success) {
            // PATH stands in the block that the kernel shows as /proc/self/environ.
            guard let start = getenv("PATH") else { exit(2) }
            let value = String(cString: start)
            let length = strlen(start)
            guard let taken = EnvironmentSecret.take("PATH") else { exit(3) }
            let bytes = taken.withUnsafeBytes { Array($0) }
            guard bytes == Array(value.utf8), getenv("PATH") == nil else { exit(4) }
            guard (0..<length).allSatisfy({ start[$0] == 0 }) else { exit(5) }
            let shown = try readFile("/proc/self/environ")
            guard shown.count > length, !String(decoding: shown, as: UTF8.self).contains(value) else { exit(6) }
            exit(EnvironmentSecret.take("PATH") == nil ? EXIT_SUCCESS : 7)
        }
    }

    @Test("a variable that is not set, or whose name is the front of another's, gives nothing")
    func absent() async {
        await #expect(processExitsWith: .success) {
            setenv("SANCTUARY_TEST_NAME", "kept", 1)
            guard EnvironmentSecret.take("SANCTUARY_TEST") == nil else { exit(2) }
            guard let kept = getenv("SANCTUARY_TEST_NAME"), String(cString: kept) == "kept" else { exit(3) }
            setenv("SANCTUARY_TEST_EMPTY", "", 1)
            guard let empty = EnvironmentSecret.take("SANCTUARY_TEST_EMPTY"), empty.count == 0 else { exit(4) }
            exit(EXIT_SUCCESS)
        }
    }
}
