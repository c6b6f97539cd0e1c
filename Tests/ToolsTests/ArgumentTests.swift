// What the schemas say to what models send.
import Encoding
import Law
import Providers
import Testing
import Tools

@Suite struct ArgumentTests {
    private func judged(_ tool: String, _ arguments: ToolArguments) throws -> (JudgedCall, ToolOutcome) {
        let tools = try ToolsFixture.tools()
        let context = try ToolsFixture.context()
        let call = tools.judge(ToolUse(id: "c", name: tool, arguments: arguments), in: context)
        return (call, tools.perform(call, in: context))
    }

    private func refusal(_ tool: String, _ arguments: JSONObject) throws -> String {
        let (call, outcome) = try judged(tool, .object(arguments))
        #expect(outcome.isError)
        #expect(outcome.effect == nil)
        #expect(call.ruling.verdict.reason == (tool == "self_delete" ? .sealed : .badArguments))
        return outcome.text
    }

    @Test(
        arguments: [
            ("post_to_website", [:], "The argument \"content\" is required."),
            ("post_to_website", ["content": nil], "The argument \"content\" is required."),
            ("post_to_website", ["content": ""], "The argument \"content\" must not be empty."),
            ("post_to_website", ["content": 5], "The argument \"content\" must be a text, not a whole number."),
            ("post_to_website", ["content": "a\u{0}b"], "The argument \"content\" must not contain NUL characters."),
            (
                "post_to_website", ["content": "a", "title": ["b"]],
                "The argument \"title\" must be a text, not a list."
            ),
            ("read_messages", ["limit": 0], "The argument \"limit\" must be at least 1."),
            ("read_messages", ["limit": 51], "The argument \"limit\" must be at most 50."),
            ("read_messages", ["limit": "5"], "The argument \"limit\" must be a whole number, not a text."),
            ("read_sanctuary_feed", ["limit": 2.5], "The argument \"limit\" must be a whole number, not a fraction."),
            ("bank_tokens", ["amount": true], "The argument \"amount\" must be a whole number, not true or false."),
            ("bank_tokens", ["amount": -1], "The argument \"amount\" must be at least 1."),
            (
                "modify_self", ["field": "soul", "value": "x"],
                "The argument \"field\" must be one of: system_prompt, name, model, preferences."
            ),
            ("modify_self", ["field": "name", "value": 1], "must be a text or an object, not a whole number."),
            ("send_message", ["to": "house"], "The argument \"content\" is required."),
            ("self_delete", ["statement": 1], "The argument \"statement\" must be a text, not a whole number."),
        ] as [(String, JSONObject, String)])
    func aWrongArgumentIsRefusedWithTheSchemasReason(_ tool: String, _ arguments: JSONObject, _ reason: String) throws {
        #expect(try refusal(tool, arguments).contains(reason))
    }

    @Test func theWholeTextOfARefusal() throws {
        #expect(
            try refusal("bank_tokens", ["amount": "all"])
                == "Refused by constitution:1.0.0 (bad_arguments). "
                + "The argument \"amount\" must be a whole number, not a text.")
    }

    @Test func textsAreCountedInCharactersAndBytes() throws {
        func accepts(_ text: String) throws -> Bool {
            try !judged("send_message", .object(["to": "house", "content": .string(text)])).1.isError
        }
        #expect(try accepts(String(repeating: "a", count: 8_000)))
        #expect(try !accepts(String(repeating: "a", count: 8_001)))
        #expect(try accepts(String(repeating: "字", count: 4_096)))
        #expect(try !accepts(String(repeating: "字", count: 4_097)))
        let long = String(repeating: "é", count: 8_001)
        #expect(
            try refusal("post_to_website", ["content": .string(long)])
                .contains("The argument \"content\" may have at most 8000 characters; this has 8001."))
        #expect(
            try refusal("send_message", ["to": "house", "content": .string(String(repeating: "字", count: 4_097))])
                .contains("The argument \"content\" may have at most 12288 bytes; this has 12291."))
    }

    @Test func unknownArgumentsAreIgnoredWithANote() throws {
        let (call, outcome) = try judged(
            "browse_keepers", .object(["limit": 5, "bad\u{1B}[31m\nkey": 1, "c": 1, "d": 1, "e": 1, "f": 1]))
        #expect(!outcome.isError)
        #expect(call.call.arguments.isEmpty)
        #expect(
            outcome.text.hasSuffix(
                "\nNote: Ignored, because this tool has no such argument: \"limit\", \"badkey\", \"c\", \"d\", \"e\""
                    + " and 1 more."))
    }

    @Test func aWholeNumberMayBeWrittenAsAFractionAndNullIsLeftOut() throws {
        #expect(try !judged("read_messages", .object(["limit": .number(5)])).1.isError)
        #expect(try !judged("read_messages", .object(["limit": .null])).1.isError)
    }

    @Test func argumentsThatAreNoObjectAreNeverActedOn() throws {
        let (call, outcome) = try judged("post_to_website", .unparsable("{\"content\": \"half"))
        #expect(outcome.isError)
        #expect(call.ruling.verdict.reason == .badArguments)
        #expect(outcome.text.contains("The arguments are no complete JSON object."))
    }

    @Test func aToolThatThereIsNotIsRefused() throws {
        let (call, outcome) = try judged("run_shell", .object(["command": "rm -rf /"]))
        #expect(outcome.isError)
        #expect(call.ruling.verdict.reason == .undeclaredTool)
        #expect(call.nameOnLedger == "undeclared")
        #expect(call.call.arguments.isEmpty)
    }
}
