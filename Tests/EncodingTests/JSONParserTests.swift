// The parser's grammar: what it accepts, what it refuses, and where it says the fault is.
import Encoding
import Testing

@Suite struct JSONParserTests {
    private func parse(_ text: String, _ limits: JSONLimits = .default) throws(JSONError) -> JSON {
        try JSON.parse(Array(text.utf8), limits: limits)
    }

    private func at(_ offset: Int, _ line: Int = 1, _ column: Int? = nil) -> JSONPosition {
        JSONPosition(offset: offset, line: line, column: column ?? offset + 1)
    }

    @Test("reads every kind of value") func readsEveryKindOfValue() throws {
        let text =
            #" {"a": [ null , true , false , 12 , -3.5e1 ] , "b" : { } , "c":"x\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00é" } "#
        let expected: JSON = ["a": [nil, true, false, 12, -35.0], "b": [:], "c": "x\"\\/\u{8}\u{c}\n\r\té😀é"]
        #expect(try parse(text) == expected)
    }

    @Test(
        "keeps whole numbers whole and rounds the others",
        arguments: [
            ("0", JSON.integer(0)), ("-1", .integer(-1)), ("9223372036854775807", .integer(.max)),
            ("-9223372036854775808", .integer(.min)), ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("-0", .number(-0.0)), ("1.0", .number(1)), ("1e2", .number(100)), ("1E-2", .number(0.01)),
            ("5e-324", .number(.leastNonzeroMagnitude)), ("1e-400", .number(0)),
            ("99999999999999999999999999", .number(1e26)),
        ])
    func keepsWholeNumbersWholeAndRoundsThe(text: String, expected: JSON) throws {
        let value = try parse(text)
        #expect(value == expected)
        if case .number(let number) = value, text == "-0" { #expect(number.sign == .minus) }
    }

    @Test(
        "says when the text ends too early",
        arguments: [
            "", " ", "[", "[1", "[1,", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "\"", "\"\\", "\"\\u12", "t",
            "tru", "-", "1.", "1e", "1e+", "nul",
        ])
    func saysWhenTheTextEndsTooEarly(text: String) {
        #expect(throws: JSONError.unterminated(at: at(text.utf8.count))) { try parse(text) }
    }

    @Test(
        "names the fault and its place",
        arguments: [
            ("01", JSONError.invalidNumber(at: JSONPosition(offset: 0, line: 1, column: 1))),
            ("[-01]", .invalidNumber(at: JSONPosition(offset: 1, line: 1, column: 2))),
            ("[-a]", .invalidNumber(at: JSONPosition(offset: 1, line: 1, column: 2))),
            ("[1.]", .invalidNumber(at: JSONPosition(offset: 1, line: 1, column: 2))),
            ("[1e]", .invalidNumber(at: JSONPosition(offset: 1, line: 1, column: 2))),
            ("1e400", .invalidNumber(at: JSONPosition(offset: 0, line: 1, column: 1))),
            ("[.5]", .unexpectedByte(0x2E, at: JSONPosition(offset: 1, line: 1, column: 2))),
            ("[+5]", .unexpectedByte(0x2B, at: JSONPosition(offset: 1, line: 1, column: 2))),
            ("[1,]", .unexpectedByte(0x5D, at: JSONPosition(offset: 3, line: 1, column: 4))),
            ("{\"a\":1,}", .unexpectedByte(0x7D, at: JSONPosition(offset: 7, line: 1, column: 8))),
            ("{a:1}", .unexpectedByte(0x61, at: JSONPosition(offset: 1, line: 1, column: 2))),
            ("{'a':1}", .unexpectedByte(0x27, at: JSONPosition(offset: 1, line: 1, column: 2))),
            ("[1 2]", .unexpectedByte(0x32, at: JSONPosition(offset: 3, line: 1, column: 4))),
            ("0x10", .trailingBytes(at: JSONPosition(offset: 1, line: 1, column: 2))),
            ("1 // c", .trailingBytes(at: JSONPosition(offset: 2, line: 1, column: 3))),
            ("nulL", .unexpectedByte(0x4C, at: JSONPosition(offset: 3, line: 1, column: 4))),
            ("NaN", .unexpectedByte(0x4E, at: JSONPosition(offset: 0, line: 1, column: 1))),
            ("\u{FEFF}1", .byteOrderMark(at: JSONPosition(offset: 0, line: 1, column: 1))),
            ("\"\\q\"", .invalidEscape(at: JSONPosition(offset: 1, line: 1, column: 2))),
            ("\"\\u12G4\"", .invalidEscape(at: JSONPosition(offset: 1, line: 1, column: 2))),
            ("\"a\u{0}b\"", .controlCharacter(at: JSONPosition(offset: 2, line: 1, column: 3))),
            ("\"a\nb\"", .controlCharacter(at: JSONPosition(offset: 2, line: 1, column: 3))),
            ("\"\\ud800\"", .loneSurrogate(at: JSONPosition(offset: 1, line: 1, column: 2))),
            ("\"\\udc00\"", .loneSurrogate(at: JSONPosition(offset: 1, line: 1, column: 2))),
            ("\"\\ud800\\u0041\"", .loneSurrogate(at: JSONPosition(offset: 1, line: 1, column: 2))),
            ("\"\\ud800\\ud800\"", .loneSurrogate(at: JSONPosition(offset: 1, line: 1, column: 2))),
            ("{\n \"é\": 1,\n \"é\": 2}", .duplicateKey(at: JSONPosition(offset: 13, line: 3, column: 2))),
            ("{\"a\":1,\"\\u0061\":2}", .duplicateKey(at: JSONPosition(offset: 7, line: 1, column: 8))),
            ("[\"éé\",\n\"é\" x]", .unexpectedByte(0x78, at: JSONPosition(offset: 14, line: 2, column: 5))),
        ])
    func namesTheFaultAndItsPlace(text: String, expected: JSONError) {
        #expect(throws: expected) { try parse(text) }
    }

    @Test(
        "refuses what is not UTF-8",
        arguments: [
            ([0x22, 0xFF, 0x22], 1), ([0x22, 0x61, 0xC3, 0x22], 2), ([0x22, 0xC0, 0x80, 0x22], 1),
            ([0x22, 0xED, 0xA0, 0x80, 0x22], 1), ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 1),
            ([0x22, 0x5C, 0x6E, 0x80, 0x22], 3), ([0x22, 0x5C, 0x6E, 0xC3, 0x5C, 0x6E, 0x22], 3),
        ] as [([UInt8], Int)])
    func refusesWhatIsNotUTF8(bytes: [UInt8], offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSON.parse(bytes) }
        guard case .invalidUTF8(let position) = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(position.offset == offset)
    }

    @Test("keys that only look alike are different keys") func keysThatOnlyLookAlikeAreDifferent() throws {
        let value = try parse("{\"\u{e9}\":1,\"e\u{301}\":2}")
        #expect(value["\u{e9}"] == 1)
        #expect(value["e\u{301}"] == 2)
        #expect(value.object?.count == 2)
        // These two are as long as one another, so that only the bytes themselves can tell them apart.
        let twins = try parse("{\"\u{212b}\":1,\"A\u{30a}\":2}")
        #expect(twins["\u{212b}"] == 1 && twins["A\u{30a}"] == 2)
        #expect(JSON.string("\u{e9}") != JSON.string("e\u{301}"))
        #expect(Set([JSON.string("\u{e9}"), .string("e\u{301}")]).count == 2)
    }

    @Test("an escaped NUL is text like any other") func anEscapedNULIsTextLikeAny() throws {
        #expect(try parse("\"a\\u0000b\"") == .string("a\0b"))
        #expect(JSON.string("a\0b").serialized() == Array("\"a\\u0000b\"".utf8))
    }

    @Test("nests as deep as the limit and no deeper", arguments: [1, 32, 128, 512]) func nestsAsDeepAsTheLimitAnd(
        limit: Int
    ) throws {
        let limits = JSONLimits(maximumBytes: 1 << 20, maximumDepth: limit)
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            func nested(_ depth: Int) -> String {
                String(repeating: open, count: depth) + "0" + String(repeating: close, count: depth)
            }
            _ = try parse(nested(limit), limits)
            #expect(throws: JSONError.tooDeep(limit: limit, at: at(limit * open.utf8.count))) {
                try parse(nested(limit + 1), limits)
            }
        }
    }

    @Test("a depth bomb is refused at the limit, whatever was asked for") func aDepthBombIsRefusedAtThe() {
        let bomb = [UInt8](repeating: UInt8(ascii: "["), count: 10_000_000)
        var limits = JSONLimits(maximumBytes: .max, maximumDepth: .max)
        limits.maximumDepth = 1_000_000
        #expect(throws: JSONError.tooDeep(limit: 512, at: at(512))) { try JSON.parse(bomb, limits: limits) }
    }

    @Test("a text beyond the limit is refused unread, one at the limit is read") func aTextBeyondTheLimitIsRefused()
        throws
    {
        let text = "\"" + String(repeating: "x", count: 98) + "\""
        _ = try parse(text, JSONLimits(maximumBytes: 100, maximumDepth: 1))
        #expect(throws: JSONError.tooLarge(limit: 99)) {
            try parse(text, JSONLimits(maximumBytes: 99, maximumDepth: 1))
        }
    }

    @Test("a string of 50 MB is read within the default limits and refused beyond them") func aStringOf50MBIsRead()
        throws
    {
        var text = [UInt8](repeating: UInt8(ascii: "a"), count: 50 << 20)
        text[0] = UInt8(ascii: "\"")
        text[text.count - 1] = UInt8(ascii: "\"")
        #expect(try JSON.parse(text).string?.utf8.count == text.count - 2)
        let small = JSONLimits(maximumBytes: 1 << 20, maximumDepth: 8)
        #expect(throws: JSONError.tooLarge(limit: 1 << 20)) { try JSON.parse(text, limits: small) }
    }

    @Test("a number of a million digits is refused, a long one is rounded") func aNumberOfAMillionDigitsIs() throws {
        #expect(throws: JSONError.invalidNumber(at: at(0))) { try parse(String(repeating: "1", count: 1_000_000)) }
        #expect(try parse("0." + String(repeating: "3", count: 1_000)) == .number(1.0 / 3))
        #expect(try parse("1" + String(repeating: "0", count: 308)) == .number(1e308))
    }

    @Test("an object of 100,000 keys keeps order, finds each and refuses a second", .timeLimit(.minutes(1)))
    func anObjectOf100000KeysKeepsOrder() throws {
        var text = "{"
        for index in 0..<100_000 { text += "\(index > 0 ? "," : "")\"key \(index)\":\(index)" }
        let object = try #require(try parse(text + "}").object)
        #expect(object.count == 100_000)
        #expect(object.keys.first == "key 0")
        #expect(object.keys.last == "key 99999")
        for index in 0..<100_000 where object["key \(index)"] != .integer(Int64(index)) {
            Issue.record("key \(index) is lost")
        }
        #expect(throws: JSONError.duplicateKey(at: at(text.utf8.count + 1))) { try parse(text + ",\"key 5\":1}") }
    }

    @Test("reads from memory that the caller keeps") func readsFromMemoryThatTheCallerKeeps() throws {
        let bytes = Array("[1]".utf8)
        #expect(try bytes.withUnsafeBytes { try JSON.parse($0) } == [1])
        #expect(try JSON.parse(bytes.span.bytes) == [1])
        #expect(throws: JSONError.self) { try JSON.parse(UnsafeRawBufferPointer(start: nil, count: 0)) }
    }
}
