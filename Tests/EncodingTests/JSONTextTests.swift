// Texts that are copied from one document to another without being read.
import Encoding
import TestSupport
import Testing

@Suite("Texts within a document")
struct JSONTextTests {
    private static let pieces = [
        "a", "The tide came in early. ", "\"", "\\", "\n", "\t", "/", "é", "😀", "\u{2028}", "\u{7F}", "<", "日本",
    ]

    @Test("a scanned text reads as the parser reads it, and is counted by its UTF-8", arguments: 1...40)
    func scanned(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let text = (0..<Int.random(in: 0...60, using: &random)).map { _ in
            Self.pieces.randomElement(using: &random) ?? "a"
        }.joined()
        let document = Array("[".utf8) + JSON.string(text).serialized() + Array("]".utf8)
        let found = document.withUnsafeBufferPointer { bytes -> JSONTextScanner.Text? in
            var scanner = JSONTextScanner(bytes, at: 1)
            return scanner?.text()
        }
        let place = try #require(found)
        #expect(place.range == 2..<document.count - 2)
        let quoted = JSONText(
            in: document, range: place.range, asciiCount: place.asciiCount, otherCount: place.otherCount,
            isPlain: place.isPlain)
        #expect(Array(quoted.string.utf8) == Array(text.utf8))
        #expect(quoted.utf8Count == text.utf8.count && quoted.otherCount == text.utf8.count { $0 >= 0x80 })
        #expect(quoted == JSONText(text))
        var writer = JSONStreamWriter(capacity: 16)
        writer.openArray()
        writer.text(quoted)
        writer.closeArray()
        #expect(writer.bytes == document)
    }

    @Test(
        "what only the parser should judge is left to it",
        arguments: [
            "", "x", "\"", "\"a", "\"a\\", "\"a\\u0041\"", "\"a\u{1}\"", "\"a\\q\"", "\"\\\"",
        ])
    func left(text: String) {
        let found = Array(text.utf8).withUnsafeBufferPointer { bytes -> JSONTextScanner.Text? in
            var scanner = JSONTextScanner(bytes)
            return scanner?.text()
        }
        #expect(found == nil)
    }

    @Test("invalid UTF-8 is no text")
    func invalid() {
        for bytes: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]] {
            let document = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
            let found = document.withUnsafeBufferPointer { bytes -> JSONTextScanner.Text? in
                var scanner = JSONTextScanner(bytes)
                return scanner?.text()
            }
            #expect(found == nil)
        }
    }

    @Test("parts written one by one are what a tree of the same values is")
    func streamed() {
        var writer = JSONStreamWriter(capacity: 0)
        writer.openObject()
        writer.key("a")
        writer.openArray()
        writer.integer(-12)
        writer.bool(false)
        writer.null()
        writer.word("w")
        writer.openText()
        writer.piece("x\"")
        writer.piece(JSONText("\n"))
        writer.closeText()
        writer.closeArray()
        writer.key(String("b\""))
        writer.value(["c": 1.5])
        writer.key("d")
        writer.written(Array("1".utf8))
        writer.closeObject()
        let tree: JSON = ["a": [-12, false, nil, "w", "x\"\n"], "b\"": ["c": 1.5], "d": 1]
        #expect(writer.bytes == tree.serialized())
        let more = JSONStreamWriter(continuingWith: 8)
        var copy = more
        copy.integer(2)
        copy.closeArray()
        #expect(copy.bytes == Array(",2]".utf8))
    }
}
