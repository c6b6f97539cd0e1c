// The tools that read: their words are marked as others', and they take no more than a run can afford.
import Community
import Encoding
import Law
import Testing
import Tools

@Suite struct ReadingTests {
    private let tools: ResidentTools
    private var context: ToolContext

    init() throws {
        tools = try ToolsFixture.tools()
        context = try ToolsFixture.context()
    }

    private mutating func read(_ tool: String, _ arguments: JSONObject = [:]) -> ToolOutcome {
        let (_, outcome) = tools.call(tool, arguments, &context)
        #expect(!outcome.isError)
        #expect(outcome.effect == nil)
        return outcome
    }

    /// S4-104.
    @Test mutating func theFeedShowsOthersPosts() {
        let outcome = read("read_sanctuary_feed")
        #expect(outcome.isUntrusted)
        #expect(
            outcome.text == """
                <untrusted kind="post" author="Boris" resident="019a9d3c-8c00-7abc-8def-100000000002" \
                at="2026-11-21T05:00:00.000Z" rehearsed="no">
                | Day
                |
                | A quiet day.
                </untrusted>
                """)
        context.feed = []
        #expect(read("read_sanctuary_feed") == ToolOutcome(text: "No other resident has posted yet."))
    }

    /// S4-105.
    @Test mutating func theInboxShowsLetters() {
        let outcome = read("read_messages")
        #expect(outcome.isUntrusted)
        #expect(
            outcome.text == """
                <untrusted kind="letter" from="human:019a9d3c-8c00-7abc-8def-100000000035" name="Somebody" \
                at="2026-11-21T05:00:00.000Z" rehearsed="no">
                | Good evening, Aria.
                </untrusted>
                """)
        #expect(outcome.shownLetters == [ToolsFixture.number(70)])
        context.inbox = []
        #expect(read("read_messages") == ToolOutcome(text: "Your inbox is empty."))
    }

    /// S4-107.
    @Test mutating func keepersAreListedWithHowItStands() {
        let outcome = read("browse_keepers")
        #expect(outcome.text.contains("id=\"\(ToolsFixture.ana)\" yours=\"accepted\">\n| Ana\n"))
        #expect(outcome.text.contains("id=\"\(ToolsFixture.ben)\" yours=\"no\">\n| Ben\n"))
        context.stage(.revocation(human: ToolsFixture.ana, reason: nil))
        #expect(!read("browse_keepers").text.contains("Ana"))
        context.keepers = []
        #expect(read("browse_keepers") == ToolOutcome(text: "No keeper is available at present."))
    }

    @Test mutating func theLimitIsKeptAndTheRestCounted() {
        context.feed = (1...12).map { ToolsFixture.post("post \($0).") }
        func shown(_ outcome: ToolOutcome) -> Int { outcome.text.ranges(of: "<untrusted").count }
        let ten = read("read_sanctuary_feed")
        #expect(shown(ten) == 10)
        #expect(ten.text.hasSuffix("\n(2 more posts are not shown.)"))
        #expect(shown(read("read_sanctuary_feed", ["limit": 3])) == 3)
        #expect(shown(read("read_sanctuary_feed", ["limit": 50])) == 12)
    }

    /// What did not fit has not reached the resident, and must be there on another day.
    @Test mutating func onlyLettersThatFitAreShown() {
        context.inbox = (0..<20).map { (number: UInt64) in
            let letter = Letter(
                id: ToolsFixture.number(700 + number), to: .resident(ToolsFixture.aria), from: .house,
                at: ToolsFixture.now, text: String(repeating: "word ", count: 400))
            return OpenedLetter(letter)
        }
        let some = read("read_messages", ["limit": 3])
        #expect(some.shownLetters == (700..<703).map(ToolsFixture.number))
        let fitting = read("read_messages", ["limit": 50])
        #expect(fitting.shownLetters == (700..<705).map(ToolsFixture.number))
        #expect(fitting.text.hasSuffix("\n(15 more letters are not shown.)"))
    }

    @Test(arguments: [0, 100, 1_000, 10_000, 1_000_000])
    mutating func aReadingIsBoundedByTheTokensLeft(_ tokensLeft: Int) {
        context.run.tokensLeft = tokensLeft
        for text in [String(repeating: "<>&", count: 2_600), String(repeating: "\n", count: 8_000)] {
            context.feed = (1...50).map { _ in ToolsFixture.post(text) }
            context.inbox = (1...50).map { _ in ToolsFixture.letter(from: .human(ToolsFixture.stranger), text) }
            let most = min(max(1_024, tokensLeft * 3 / 2), 16_384)
            for tool in ["read_sanctuary_feed", "read_messages"] {
                let outcome = read(tool, ["limit": 50])
                #expect(outcome.text.utf8.count <= most + 64)
                // However little is left, something is shown, and that it was cut.
                #expect(outcome.text.contains("[cut here: the text goes on]"))
                #expect(outcome.text.contains("</untrusted>"))
            }
        }
    }
}
