// A reply goes to the journal and comes back equal, whatever it holds.
import Encoding
import Providers
import Testing

@Suite struct ReplyJournalTests {
    private static let replies = [
        Reply(
            blocks: [
                .opaque(["type": "thinking", "thinking": "\u{0}é\u{301}", "signature": "s"]), .text("words\n"),
                .toolUse(ToolUse(id: "a", name: "t", arguments: .object(["n": 1, "deep": [["x": nil]]]))),
                .toolUse(ToolUse(id: "b", name: "t", arguments: .unparsable("{\"a\":"))),
                .toolResult(id: "a", content: "", isError: true),
            ], stop: .toolUse, usage: TokenUsage(input: 1, cacheRead: 2, cacheWrite: 3, output: 4),
            usageIsEstimated: true, model: "m", requestID: "r"),
        Reply(blocks: [], stop: .refusal, usage: TokenUsage(), model: ""),
    ]

    @Test(arguments: replies) func aReplyComesBackEqual(_ reply: Reply) throws {
        let written = reply.json.serialized()
        #expect(Reply(json: try JSON.parse(written)) == reply)
    }

    @Test(arguments: StopReason.allCases) func everyStopReasonComesBack(_ stop: StopReason) throws {
        let reply = Reply(blocks: [.text("x")], stop: stop, usage: TokenUsage(), model: "m")
        #expect(Reply(json: reply.json) == reply)
    }

    @Test func whatIsNoReplyIsNone() throws {
        var json = Self.replies[0].json
        #expect(Reply(json: .null) == nil)
        json["stop"] = "whim"
        #expect(Reply(json: json) == nil)
        json = Self.replies[0].json
        json["usage"] = ["input": -1, "cacheRead": 0, "cacheWrite": 0, "output": 0]
        #expect(Reply(json: json) == nil)
        json = Self.replies[0].json
        json["blocks"] = [["unknown": 1]]
        #expect(Reply(json: json) == nil)
    }
}
