// The one-pass scanner says exactly what parsing, writing anew and comparing says.
import Encoding
import TestSupport
import Testing

@testable import Ledger

/// What the scanner decides without building values.
private func scanned(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBufferPointer { CanonicalScanner.members(of: $0) { _, _, _ in } }
}

/// The same by way of the JSON value.
private func parsed(_ bytes: [UInt8]) -> Bool {
    guard let value = try? JSON.parse(bytes, limits: .ledger), value.object != nil else { return false }
    return (try? value.canonicalForLedger()) == bytes
}

/// A small generator, so that every run tries the same bytes.
private struct Generator {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}

@Suite struct CanonicalScannerTests {
    private static let seeds = [
        #"{"a":1,"b":[true,false,null,{"c":-9007199254740991}],"d":"x"}"#,
        #"{"":"","\b\t\n\f\r\u0000\u001f\"\\":0,"a":"\u0007","ä":"é","ﬀ":[],"😀":{}}"#,
        #"{"at":"2026-11-21T05:00:00.000Z","curr_hash":"blake3:00","position":0,"v":10}"#,
    ]

    @Test("mutations of canonical texts are accepted and refused alike")
    func mutations() {
        let alphabet =
            Array(#"{}[]",:\u0019-tfne.+ ab/"#.utf8) + [0x7F, 0x80, 0xC3, 0xA9, 0xED, 0xA0, 0xF0, 0x9F, 0x0A]
        var generator = Generator(state: 42)
        var accepted = 0
        for seed in Self.seeds {
            #expect(parsed(Array(seed.utf8)) || seed.contains("ﬀ"))
            for _ in 0..<4000 {
                var bytes = Array(seed.utf8)
                for _ in 0...generator.next(3) {
                    let place = generator.next(bytes.count)
                    switch generator.next(4) {
                    case 0: bytes.remove(at: place)
                    case 1: bytes.insert(alphabet[generator.next(alphabet.count)], at: place)
                    case 2: bytes.swapAt(place, generator.next(bytes.count))
                    default: bytes[place] = alphabet[generator.next(alphabet.count)]
                    }
                    if bytes.isEmpty { bytes = [0x7B] }
                }
                let expected = parsed(bytes)
                accepted += expected ? 1 : 0
                #expect(scanned(bytes) == expected, "\(String(decoding: bytes, as: UTF8.self)) \(bytes)")
            }
        }
        #expect(accepted > 200)
    }

    @Test("keys stand in the order of UTF-16 units, not of bytes")
    func order() {
        // U+FB00 comes after U+1F600 in UTF-16 (D83D…), before it in UTF-8.
        #expect(scanned(Array("{\"😀\":1,\"ﬀ\":2}".utf8)))
        #expect(!scanned(Array("{\"ﬀ\":2,\"😀\":1}".utf8)))
        #expect(!scanned(Array(#"{"a":1,"a":1}"#.utf8)))
        #expect(scanned(Array(#"{"\n":1,"!":2}"#.utf8)))
        #expect(!scanned(Array(#"{"!":2,"\n":1}"#.utf8)))
    }

    @Test("depth 32 is read, 33 is not")
    func depth() {
        func nested(_ depth: Int) -> [UInt8] {
            Array("{\"a\":\(String(repeating: "[", count: depth - 1))\(String(repeating: "]", count: depth - 1))}".utf8)
        }
        #expect(scanned(nested(32)) && parsed(nested(32)))
        #expect(!scanned(nested(33)) && !parsed(nested(33)))
    }

    @Test(
        "published inputs that must be refused, and published canonical forms",
        .enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func published() throws {
        let refused = try JSON.parse(SharedData.bytes("vectors/must-refuse/jcs_must_refuse.json"))
        for refusal in refused["cases"]?.array ?? [] {
            #expect(!scanned(Array((refusal["json"]?.string ?? "").utf8)), "\(refusal["name"]?.string ?? "")")
        }
        for name in ["arrays", "french", "structures", "unicode", "values", "weird"] {
            let bytes = try SharedData.bytes("vectors/jcs/testdata/output/\(name).json")
            #expect(scanned(bytes) == parsed(bytes), "\(name)")
        }
        for line in try Reference.lines() { #expect(scanned(line)) }
    }
}
