// Bytes as text, text for terminals, and did-you-mean.
import Encoding
import Testing

@Suite struct TextTests {
    @Test("hexadecimal both ways, strictly") func hex() {
        #expect(Hex.encode([0x00, 0x0F, 0xA5, 0xFF]) == "000fa5ff")
        #expect(Hex.encode([]) == "")
        #expect(Hex.decode("000fA5Ff") == [0x00, 0x0F, 0xA5, 0xFF])
        #expect(Hex.decode("") == [])
        for text in ["0", "000", "0g", "0x00", " 00", "00 ", "00\n", "é", "００"] {
            #expect(Hex.decode(text) == nil, "\(text)")
        }
    }

    @Test("hexadecimal of a slice and of bytes that lie nowhere together") func hexOfOthers() {
        let bytes: [UInt8] = [1, 2, 0xFE, 0xFF]
        #expect(Hex.encode(bytes[1...]) == "02feff")
        #expect(Hex.encode(bytes.lazy.reversed().map { $0 }) == "fffe0201")
        #expect(Hex.decode(Array("01 02fe".utf8)[3...]) == [0x02, 0xFE])
    }

    @Test("a byte that JSON escapes is found wherever it stands", arguments: [0x00, 0x1F, 0x22, 0x5C, 0x0A] as [UInt8])
    func escapes(byte: UInt8) throws {
        for count in 0..<40 {
            for place in 0...count {
                var bytes = [UInt8](repeating: UInt8(ascii: "~"), count: count)
                bytes.insert(byte, at: place)
                let text = JSON.string(String(decoding: bytes, as: UTF8.self))
                let written = text.serialized()
                #expect(!written.dropFirst().dropLast().contains { $0 < 0x20 })
                let read = try JSON.parse(written)
                #expect(read == text)
            }
        }
        let others = JSON.string("é !#[]\u{7F}\u{FFFF}ÿ" + String(repeating: "\u{10FFFF}", count: 9))
        #expect(others.serialized() == Array("\"\(others.string ?? "")\"".utf8))
    }

    /// Origin: RFC 4648 section 10.
    @Test(
        "Base64 of the RFC's examples",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func base64(plain: String, text: String) {
        #expect(Base64.encode(plain.utf8) == text)
        #expect(Base64.decode(text) == Array(plain.utf8))
        let bare = text.filter { $0 != "=" }
        #expect(Base64.encodeURL(plain.utf8) == bare)
        #expect(Base64.decodeURL(bare) == Array(plain.utf8))
    }

    @Test("Base64 has two alphabets and refuses every other spelling") func base64Strict() {
        #expect(Base64.encode([0xFB, 0xEF, 0xFF]) == "++//")
        #expect(Base64.encodeURL([0xFB, 0xEF, 0xFF]) == "--__")
        let refused = [
            "Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "Zm9v=", "Z=9v", "--__",
            "Zm9v====",
            "Zg==Zg==",
        ]
        for text in refused { #expect(Base64.decode(text) == nil, "\(text)") }
        for text in ["Zg==", "++//", "Z", "Zh", "Zm9", "Zm9v ", "é"] {
            #expect(Base64.decodeURL(text) == nil, "\(text)")
        }
    }

    @Test("Base64 reads back random bytes of every length") func base64Random() {
        var generator = SeededGenerator(seed: 3)
        for count in 0..<300 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(Base64.decodeURL(Base64.encodeURL(bytes)) == bytes)
            #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        }
    }

    @Test(
        "takes commands to the terminal out of text and leaves what is to be read",
        arguments: [
            ("plain\ttext\nnext line", "plain\ttext\nnext line"), ("émigré 日本 👩‍👩‍👧", "émigré 日本 👩‍👩‍👧"),
            ("\u{1b}[31mred\u{1b}[0m", "red"), ("a\u{1b}[2J\u{1b}[1;1Hb", "ab"), ("a\u{9b}31mb", "ab"),
            ("\u{1b}]0;title\u{7}x", "x"), ("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{9d}0;t\u{9c}x", "x"), ("\u{1b}P1$r\u{1b}\\x", "x"), ("\u{1b}c\u{1b}(Bx", "x"),
            ("\u{1b}7x\u{1b}8", "x"),
            ("a\rb\u{8}c\u{7}\0\u{7f}", "abc"), ("one\r\ntwo", "one\ntwo"), ("\u{1b}", ""), ("a\u{1b}[", "a["),
            ("a\u{1b}]never ends", "a]never ends"), ("a\u{1b}]no\nend\u{7}", "a]no\nend"), ("a\u{1b}[1\nb", "a\nb"),
            ("user\u{202e}txt.exe\u{2066}\u{200f}", "usertxt.exe"), ("a\u{2028}b\u{feff}c\u{e0041}", "abc"),
            ("a\u{85}b\u{8d}c", "abc"), ("\u{1b}\u{1b}[31mx", "x"),
        ])
    func terminal(text: String, expected: String) {
        #expect(Array(TextSafety.forTerminal(text).utf8) == Array(expected.utf8))
    }

    @Test("no text makes it slow or leaves an escape behind", .timeLimit(.minutes(1))) func terminalBounded() {
        let hostile = String(repeating: "\u{1b}]", count: 20_000)
        #expect(TextSafety.forTerminal(hostile) == String(repeating: "]", count: 20_000))
        var generator = SeededGenerator(seed: 8)
        let pieces = ["\u{1b}", "[", "]", "m", "\u{7}", "\\", "\u{9b}", "\u{9c}", "P", "1;2", "\n", "x", "\u{90}"]
        for _ in 0..<2_000 {
            let text = (0..<12).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let safe = TextSafety.forTerminal(text)
            #expect(!safe.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || (0x7F...0x9F).contains($0.value) })
            #expect(TextSafety.forTerminal(safe) == safe)
        }
    }

    @Test(
        "finds the name that was meant",
        arguments: [
            ("nihgtly", "nightly"), ("nightl", "nightly"), ("nightlyy", "nightly"), ("admot", "admit"),
            ("verfy", "verify"), ("verify", "verify"), ("feeed", "feed"), ("ledgre", "ledger"), ("xyz", nil), ("", nil),
            ("Ledger", "ledger"), ("rn", "run"), ("a", nil), ("residnet", "residents"),
            (String(repeating: "n", count: 100), nil),
        ] as [(String, String?)])
    func nearest(name: String, expected: String?) {
        let known = ["admit", "residents", "run", "nightly", "feed", "verify", "ledger"]
        #expect(nearestName(to: name, among: known) == expected)
    }

    @Test("of two equally near names the first is taken, and long names are not compared") func nearestFirst() {
        #expect(nearestName(to: "cat", among: ["bat", "car"]) == "bat")
        #expect(nearestName(to: "abcd", among: [String(repeating: "abcd", count: 1_000_000)]) == nil)
    }
}
