// Reading the reference vectors: JSON, hex, and the zlib streams in which Wycheproof keeps long ciphertexts.
import Cryptography
import Foundation
import TestSupport
import Testing

extension SecretBytes {
    /// The bytes as an array, which only a test may make of a secret.
    var array: [UInt8] { withUnsafeBytes { Array($0) } }
}

/// The bytes of hex digits; an issue is recorded when they are none.
func unhex(_ text: String) -> [UInt8] {
    let digits = Array(text.utf8)
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
        guard index + 1 < digits.count,
            let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16)
        else {
            Issue.record("not hex: \(text)")
            return []
        }
        bytes.append(byte)
    }
    return bytes
}

/// Lower-case hex digits of bytes.
func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// One object of a vector file.
struct Vector: @unchecked Sendable {
    // JSON values of Foundation, read only.
    let fields: [String: Any]

    func text(_ name: String) throws -> String { try #require(fields[name] as? String, "field \(name)") }
    func bytes(_ name: String) throws -> [UInt8] { unhex(try text(name)) }
    func integer(_ name: String) throws -> Int { try #require(fields[name] as? Int, "field \(name)") }
    func object(_ name: String) throws -> Vector {
        Vector(fields: try #require(fields[name] as? [String: Any], "field \(name)"))
    }
    func list(_ name: String) throws -> [Vector] {
        try #require(fields[name] as? [[String: Any]], "field \(name)").map(Vector.init)
    }
    var isValid: Bool { fields["result"] as? String == "valid" }
    var flags: [String] { fields["flags"] as? [String] ?? [] }
    var label: Comment { "tcId \(fields["tcId"] ?? "?"): \(fields["comment"] ?? "")" }

    /// The object that is a whole file of the shared vectors.
    static func file(_ path: String) throws -> Vector {
        let json = try JSONSerialization.jsonObject(with: Data(try SharedData.bytes("vectors/\(path)")))
        return Vector(fields: try #require(json as? [String: Any]))
    }

    /// The tests of a Wycheproof file with the group each is in; their number is checked against the file's own.
    static func wycheproof(_ name: String) throws -> [(group: Vector, test: Vector)] {
        let file = try file("wycheproof/\(name)_test.json")
        let tests = try file.list("testGroups").flatMap { group in try group.list("tests").map { (group, $0) } }
        #expect(tests.count == (try file.integer("numberOfTests")))
        return tests
    }
}

/// The room's error that a closure throws; nil when it throws none, an issue when it throws something else.
func failure(_ body: () throws -> Void) -> CryptographyError? {
    do {
        try body()
    } catch let error as CryptographyError {
        return error
    } catch {
        Issue.record("unexpected error: \(error)")
    }
    return nil
}
