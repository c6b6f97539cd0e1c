// The settings dialect: what it adds to strict JSON and what it refuses all the same (interface.md, settings).
import Encoding
import Testing

@Suite struct JSON5Tests {
    private func parse(_ text: String) throws(JSONError) -> JSON {
        try JSON.parse(Array(text.utf8), dialect: .json5)
    }

    @Test("reads settings as people write them") func readsSettings() throws {
        let text = """
            // the house's settings
            {
              nightly: '02:30', /* local time */ $a_1: 0x1F,
              "strict": [+1, -0x10, .5, 5., -.25e1, +2e2,],
              'single "quoted"': 'it\\'s \\x41\\v\\0 a \\
            line',
            } // end
            """
        let expected: JSON = [
            "nightly": "02:30", "$a_1": 31, "strict": [1, -16, 0.5, 5.0, -2.5, 200.0],
            "single \"quoted\"": "it's A\u{b}\0 a line",
        ]
        #expect(try parse(text) == expected)
    }

    @Test(
        "white space of every kind and comments may stand anywhere",
        arguments: [
            "\u{b}[\u{c}1\u{a0},\u{2028}2\u{2029}]", "[/**/1/*,*/,//x\r2]", "[1,2,//\n]", "/***/[1,2]", "[1,2]//",
        ])
    func passesSpace(text: String) throws {
        #expect(try parse(text) == [1, 2])
    }

    @Test(
        "refuses what even this dialect does not have",
        arguments: [
            ("[1,,2]", 3), ("[,]", 1), ("{,}", 1), ("{1a:2}", 1), ("{a 1}", 3), ("{a-b:1}", 2), ("/ 1", 0),
            ("[1 /x 2]", 3),
            ("+", 1), ("+a", 1), ("+-1", 1), (".", 1), ("[.]", 1), ("[0x]", 1), ("0x", 2), ("0x10000000000000000", 0),
            ("[01]", 1), ("NaN", 0), ("Infinity", 0), ("-Infinity", 0), ("'a", 2), ("'a\nb'", 2), ("/* x", 4),
            ("'\\1'", 1), ("'\\01'", 1), ("'\\xZZ'", 1), ("{a:1,a:2}", 5), ("{a:1,'a':2}", 5), ("'\\ud800'", 1),
            ("undefined", 0), ("1 2", 2), ("\u{feff}1", 0), ("é", 0), ("0x8000000000000000", 0),
        ])
    func refuses(text: String, offset: Int) {
        let error = #expect(throws: JSONError.self) { try parse(text) }
        #expect(error?.position?.offset == offset, "\(String(describing: error))")
    }

    @Test("a comment that is not UTF-8 is refused") func refusesBrokenComment() {
        let text = Array("[1] // ".utf8) + [0xFF]
        #expect(throws: JSONError.invalidUTF8(at: JSONPosition(offset: 4, line: 1, column: 5))) {
            try JSON.parse(text, dialect: .json5)
        }
    }

    @Test("keeps the limits") func keepsLimits() throws {
        #expect(throws: JSONError.tooDeep(limit: 2, at: JSONPosition(offset: 2, line: 1, column: 3))) {
            try JSON.parse(
                Array("[[[]]]".utf8), limits: JSONLimits(maximumBytes: 100, maximumDepth: 2), dialect: .json5)
        }
        #expect(try parse("-0x8000000000000000") == .integer(.min))
    }
}
