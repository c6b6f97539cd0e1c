// Canonical JSON against the reference vectors of RFC 8785 and the ledger's limits.
import Encoding
import TestSupport
import Testing

@Suite struct CanonicalTests {
    /// Origin: github.com/cyberphone/json-canonicalization, testdata.
    @Test(
        "matches the reference vectors, and its own output again",
        .enabled(if: SharedData.isPresent, "needs the shared vectors"),
        arguments: ["arrays", "french", "structures", "unicode", "values", "weird"])
    func matchesTheReferenceVectorsAndItsOwn(name: String) throws {
        let input = try JSON.parse(try SharedData.bytes("vectors/jcs/testdata/input/\(name).json"))
        let expected = try SharedData.bytes("vectors/jcs/testdata/output/\(name).json")
        #expect(try input.canonical() == expected)
        #expect(try JSON.parse(expected).canonical() == expected)
        let digits = try SharedData.text("vectors/jcs/testdata/outhex/\(name).txt")
        #expect(Hex.decode(digits.filter { !$0.isWhitespace }) == expected)
    }

    /// Origin: the same project's numgen.js, its first 10,000 lines: the double's bits in hex, then its text.
    @Test(
        "writes and reads the 10,000 reference numbers", .enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func writesAndReadsThe10000ReferenceNumbers() throws {
        var checked = 0
        for line in try SharedData.text("vectors/jcs/es6_numbers_10000.txt").split(separator: "\n") {
            let parts = line.split(separator: ",")
            let bits = try #require(UInt64(parts[0], radix: 16))
            let text = Array(parts[1].utf8)
            let value = Double(bitPattern: bits)
            #expect(try JSON.number(value).canonical() == text)
            #expect(try JSON.parse(text).double == value)
            #expect(try JSON.parse(text).canonical() == text)
            #expect(try JSON.parse(JSON.number(value).serialized()) == .number(value))
            checked += 1
        }
        #expect(checked == 10_000)
    }

    @Test(
        "writes numbers as ECMAScript does",
        arguments: [
            (0.0, "0"), (-0.0, "0"), (1, "1"), (-1.5, "-1.5"), (1e21, "1e+21"),
            (999_999_999_999_999_868_928, "999999999999999900000"),
            (1e-6, "0.000001"), (1e-7, "1e-7"), (1.25e-7, "1.25e-7"), (123456.789, "123456.789"),
            (.leastNonzeroMagnitude, "5e-324"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (0.1, "0.1"), (1e16, "10000000000000000"),
        ])
    func writesNumbersAsECMAScriptDoes(value: Double, expected: String) throws {
        #expect(try JSON.number(value).canonical() == Array(expected.utf8))
    }

    @Test("orders keys by UTF-16 units, not by code points") func ordersKeysByUTF16UnitsNotBy() throws {
        // U+1F600 is D83D DE00 in UTF-16, so it comes before U+FB33 and U+E000.
        let value: JSON = ["\u{fb33}": 1, "\u{1f600}": 2, "\u{e000}": 3, "z": 4, "é": 5, "": 6, "zz": 7]
        let keys = try JSON.parse(try value.canonical()).object?.keys
        #expect(keys == ["", "z", "zz", "é", "\u{1f600}", "\u{e000}", "\u{fb33}"])
    }

    @Test("refuses what has no canonical number and never changes a value silently")
    func refusesWhatHasNoCanonicalNumberAnd() throws {
        #expect(throws: JSONError.notCanonicalNumber(at: nil)) { try JSON.number(.nan).canonical() }
        #expect(throws: JSONError.notCanonicalNumber(at: nil)) { try JSON.number(.infinity).canonical() }
        #expect(throws: JSONError.notCanonicalNumber(at: nil)) { try JSON.integer(9_007_199_254_740_993).canonical() }
        #expect(try JSON.integer(1 << 60).canonical() == Array("1152921504606847000".utf8))
        #expect(try JSON.parse(Array("1152921504606847000".utf8)).canonical() == Array("1152921504606847000".utf8))
    }

    /// Origin: made for this project from the design of the ledger.
    @Test(
        "the ledger's limits refuse every text that must be refused",
        .enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func theLedgersLimitsRefuseEveryTextThat() throws {
        let file = try JSON.parse(try SharedData.bytes("vectors/must-refuse/jcs_must_refuse.json"))
        let cases = try #require(file["cases"]?.array)
        #expect(!cases.isEmpty)
        for entry in cases {
            let text = Array(try #require(entry["json"]?.string).utf8)
            #expect(throws: JSONError.self, "\(entry["name"]?.string ?? "")") {
                try JSON.parse(text, limits: .ledger)
            }
        }
    }

    @Test(
        "reading with the ledger's limits takes whole numbers within 2^53-1 only",
        arguments: [
            ("[9007199254740991,-9007199254740991]", nil), ("9007199254740992", 0), ("[1.5]", 1), ("[-0]", 1),
            ("[1e2]", 1),
        ] as [(String, Int?)])
    func readingWithTheLedgersLimitsTakesWhole(text: String, fault: Int?) throws {
        guard let fault else {
            #expect(try JSON.parse(Array(text.utf8), limits: .ledger).canonicalForLedger() == Array(text.utf8))
            return
        }
        let position = JSONPosition(offset: fault, line: 1, column: fault + 1)
        #expect(throws: JSONError.notCanonicalNumber(at: position)) {
            try JSON.parse(Array(text.utf8), limits: .ledger)
        }
    }

    @Test("the ledger's writer keeps its limits") func theLedgersWriterKeepsItsLimits() throws {
        #expect(try JSON.integer(-9_007_199_254_740_991).canonicalForLedger() == Array("-9007199254740991".utf8))
        #expect(throws: JSONError.notCanonicalNumber(at: nil)) {
            try JSON.integer(9_007_199_254_740_992).canonicalForLedger()
        }
        #expect(throws: JSONError.notCanonicalNumber(at: nil)) { try JSON.number(1).canonicalForLedger() }
        func nested(_ depth: Int) -> JSON { (1..<depth).reduce([]) { value, _ in [value] } }
        _ = try nested(32).canonicalForLedger()
        #expect(throws: JSONError.tooDeep(limit: 32, at: nil)) { try nested(33).canonicalForLedger() }
        _ = try JSON.string(String(repeating: "x", count: 65_533)).canonicalForLedger()
        #expect(throws: JSONError.tooLarge(limit: 65_535)) {
            try JSON.string(String(repeating: "x", count: 65_534)).canonicalForLedger()
        }
        #expect(
            try (["b": 1, "a": ["z", nil]] as JSON).canonicalForLedger() == Array(#"{"a":["z",null],"b":1}"#.utf8))
    }
}
