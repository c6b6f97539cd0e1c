// Numbers and lists in the arguments of plugins: what their schemas say, and what is checked of it.
import Encoding
import Testing
import Tools

@Suite struct PluginSchemaTests {
    private func definition(_ property: String) throws -> PluginDefinition {
        let text = """
            {"version": 1, "summary": "Counts.", "kind": "program", "command": ["/usr/bin/true"],
             "tools": [{"name": "count", "description": "Counts.", "permission": "observe", "effect": "pure",
             "arguments": {"type": "object", "properties": {"given": \(property)}}}]}
            """
        return try PluginDefinition(folder: "counter", bytes: Array(text.utf8))
    }

    private func fault(_ property: String, _ value: JSON) throws -> String? {
        let tool = try #require(try definition(property).tools.first)
        return tool.arguments.check(["given": value]).fault
    }

    @Test func aNumberMayBeAFraction() throws {
        let number = #"{"type": "number", "description": "How much.", "minimum": 1, "maximum": 3}"#
        #expect(try fault(number, 2.5) == nil)
        #expect(try fault(number, 3) == nil)
        #expect(try fault(number, 0.5) == "The argument \"given\" must be at least 1.")
        #expect(try fault(number, 3.01) == "The argument \"given\" must be at most 3.")
        #expect(try fault(number, "2.5") == "The argument \"given\" must be a number, not a text.")
        let tool = try #require(try definition(number).tools.first)
        #expect(tool.arguments.declaration["properties"]?["given"]?["type"] == "number")
    }

    @Test func itemsOfAListHaveTheirType() throws {
        let list = #"{"type": "array", "description": "Which.", "items": {"type": "string"}}"#
        #expect(try fault(list, ["a", "b"]) == nil)
        #expect(try fault(list, []) == nil)
        #expect(
            try fault(list, ["a", 2]) == "Each item of the argument \"given\" must be a text, not a whole number.")
        let tool = try #require(try definition(list).tools.first)
        #expect(tool.arguments.declaration["properties"]?["given"]?["items"] == ["type": "string"])
    }

    @Test(arguments: [
        #"{"type": "string", "description": "x", "items": {"type": "string"}}"#,
        #"{"type": "array", "description": "x", "items": {"type": "string", "minLength": 1}}"#,
        #"{"type": "array", "description": "x", "items": {"type": "thing"}}"#,
        #"{"type": "array", "description": "x", "items": {}}"#,
    ])
    func whatWouldNotBeCheckedIsNoDefinition(property: String) {
        #expect(throws: ToolsError.self) { try definition(property) }
    }
}
