// The text of a letter as it is sealed, and its check against the row that carried it.
import Community
import Encoding
import TestSupport
import Testing

@Suite struct LetterTests {
    private let row = MailRow(
        id: CommunityFixture.number(7), from: .human(CommunityFixture.number(50)),
        to: .resident(CommunityFixture.number(1)), queuedAt: CommunityFixture.start)

    private var letter: Letter {
        Letter(id: row.id, to: row.to, from: row.from, at: CommunityFixture.start, text: "Good evening, Aria.")
    }

    /// The letter of the miniature home (design/vault.md, vectors/sanctuary-v1/vault.json).
    @Test(.enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func theReferenceLetterIsMadeByteForByte() throws {
        let vault = try JSON.parse(try SharedData.bytes("vectors/sanctuary-v1/vault.json"))
        let plaintext = Array(try #require(vault["mail"]?["plaintext"]?.string).utf8)
        let reference = Letter(
            id: try #require(Identifier("019a9d3c-8c00-7abc-8def-0000000000cc")),
            to: .resident(try #require(Identifier("019a9d3c-8c00-7abc-8def-000000000001"))),
            from: .human(try #require(Identifier("019a9d3c-8c00-7abc-8def-0000000000dd"))),
            at: try #require(Instant(rfc3339: "2026-11-20T20:00:00.000Z")), text: "Good evening, Aria.")
        #expect(try reference.canonicalBytes() == plaintext)
        let row = MailRow(id: reference.id, from: reference.from, to: reference.to, queuedAt: reference.at)
        #expect(try Letter(opening: plaintext, of: row) == reference)
    }

    @Test func aLetterComesBackAsItWas() throws {
        for text in ["Good evening.", "a\u{0}b\n\"<>&\u{202E}", String(repeating: "字", count: 4_096)] {
            var written = letter
            written.text = text
            #expect(try Letter(opening: written.canonicalBytes(), of: row) == written)
        }
    }

    @Test func aLetterIsBounded() throws {
        var long = letter
        long.text = String(repeating: "字", count: 4_097)
        #expect(throws: CommunityError.letterTooLarge(limit: 12_288)) { try long.canonicalBytes() }
    }

    @Test func aLetterBelongsToItsRow() throws {
        let bytes = try letter.canonicalBytes()
        let changes: [(inout MailRow) -> Void] = [
            { $0.id = CommunityFixture.number(8) }, { $0.from = .house }, { $0.to = .house },
            { $0.to = .resident(CommunityFixture.number(2)) },
        ]
        for change in changes {
            var other = row
            change(&other)
            #expect(throws: CommunityError.mismatchedLetter(id: other.id)) { try Letter(opening: bytes, of: other) }
        }
    }

    @Test(arguments: ["", "{}", "[]", "nonsense", #"{"at":"x","from":"house","id":"1","text":"a","to":"house"}"#])
    func whatIsNoLetterIsRefused(_ text: String) {
        #expect(throws: CommunityError.malformedLetter(id: row.id)) { try Letter(opening: Array(text.utf8), of: row) }
    }

    @Test func correspondentsAreReadAndWritten() {
        let id = CommunityFixture.number(5)
        for correspondent in [Correspondent.house, .human(id), .resident(id)] {
            #expect(Correspondent(correspondent.description) == correspondent)
        }
        #expect(Correspondent("operator:\(id)") == .house)
        for text in ["", "house:", "house:\(id)", "human", "human:", "resident:1", "node", "keeper:\(id)"] {
            #expect(Correspondent(text) == nil)
        }
    }
}
