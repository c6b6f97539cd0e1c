// The definition files: what is declared, and what a damaged one is refused for.
import Encoding
import Law
import Persona
import Providers
import TestSupport
import Testing
import Tools

@Suite struct DefinitionTests {
    /// S4-112.
    @Test func thereAreExactlyEleven() throws {
        let definitions = try ToolDefinitions(files: ToolsFixture.files())
        #expect(definitions.all.map(\.tool) == ResidentTool.allCases)
        #expect(definitions.all.count == 11)
        let tools = try ToolsFixture.tools()
        #expect(tools.declarations(cleanRoom: false).map(\.name) == ResidentTool.allCases.map(\.rawValue))
        #expect(tools.declarations(cleanRoom: true).map(\.name) == ["self_delete"])
    }

    @Test func theFilesHoldTheContractsBounds() throws {
        let definitions = try ToolDefinitions(files: ToolsFixture.files())
        func member(_ tool: ResidentTool, _ path: String...) -> JSON? {
            path.reduce(definitions[tool]?.declaration.inputSchema) { $0?[$1] }
        }
        #expect(member(.postToWebsite, "properties", "content", "maxLength") == 8_000)
        #expect(member(.postToWebsite, "properties", "content", "minLength") == 1)
        #expect(member(.postToWebsite, "properties", "title", "maxLength") == 200)
        #expect(member(.selectNextPrompt, "properties", "prompt", "maxLength") == 4_000)
        #expect(
            member(.modifySelf, "properties", "field", "enum") == ["system_prompt", "name", "model", "preferences"])
        for tool in [ResidentTool.readSanctuaryFeed, .readMessages] {
            #expect(member(tool, "properties", "limit", "minimum") == 1)
            #expect(member(tool, "properties", "limit", "maximum") == 50)
        }
        #expect(member(.sendMessage, "properties", "content", "maxLength") == 8_000)
        #expect(member(.sendMessage, "required") == ["to", "content"])
        #expect(member(.bankTokens, "properties", "amount", "minimum") == 1)
        #expect(member(.selfDelete, "properties", "statement", "maxLength") == 4_000)
        #expect(member(.browseKeepers, "properties") == [:])
        // Providers take JSON Schema; the extension stays with us.
        #expect(member(.sendMessage, "properties", "content", "maxBytes") == nil)
    }

    @Test func readsArePureAndTheRestIsStaged() throws {
        for definition in try ToolDefinitions(files: ToolsFixture.files()).all {
            let reads: Set<ResidentTool> = [.readSanctuaryFeed, .readMessages, .browseKeepers]
            #expect(definition.effect == (reads.contains(definition.tool) ? .pure : .staged))
            #expect(definition.isNameSealed == (definition.tool == .selfDelete))
            #expect(definition.touches.allSatisfy { !$0.isUntouchable })
        }
    }

    /// S4-100: the keys that the description lists are the menu's.
    @Test func theMenuIsListed() throws {
        let definitions = try ToolDefinitions(files: ToolsFixture.files())
        let description = try #require(definitions[.selectNextPrompt]?.description)
        let keys = PromptMenu.standard.map(\.key).joined(separator: ", ")
        #expect(description.contains("The menu: \(keys);"))
    }

    @Test func aMissingADoubleAndAForeignFileAreRefused() throws {
        let files = try ToolsFixture.files()
        #expect(throws: ToolsError.missingTools(names: ["post_to_website", "self_delete"])) {
            try ToolDefinitions(files: Array(files.dropFirst().dropLast()))
        }
        #expect(throws: ToolsError.duplicateTool(name: "post_to_website")) {
            try ToolDefinitions(files: files + files.prefix(1))
        }
        let foreign = Array(
            String(decoding: files[0].bytes, as: UTF8.self).replacing("post_to_website", with: "sh").utf8)
        #expect(throws: ToolsError.unknownTool(file: "x.json", name: "sh")) {
            try ToolDefinition(file: "x.json", bytes: foreign)
        }
    }

    @Test(arguments: [
        ("\"effect\": \"staged\"", "\"effect\": \"sudden\"", "effect"),
        ("\"permission\": \"safe\"", "\"permission\": \"root\"", "permission"),
        ("\"community\"", "\"everything\"", "touches"),
        ("\"version\": 1", "\"version\": 0", "version"),
        ("\"version\": 1", "\"extra\": 1, \"version\": 1", "definition.extra"),
        ("\"minLength\": 1", "\"pattern\": \"a\"", "arguments.properties.content.pattern"),
        ("\"minLength\": 1", "\"minLength\": -1", "arguments.properties.content.minLength"),
        ("\"content\"\n", "\"absent\"\n", "arguments.required"),
        ("\"type\": \"object\"", "\"type\": \"array\"", "arguments.type"),
        ("\"type\": \"string\"", "\"type\": \"text\"", "arguments.properties.content.type"),
        ("{", "[", "JSON"),
    ])
    func aDamagedFileIsRefusedWithItsPlace(_ old: String, _ new: String, _ place: String) throws {
        let bytes = try readFile("\(ToolsFixture.top)/tools/resident/post_to_website.json")
        let text = String(decoding: bytes, as: UTF8.self)
        let start = try #require(text.firstRange(of: old))
        let damaged = text.replacingCharacters(in: start, with: new)
        #expect(throws: ToolsError.malformedDefinition(file: "p.json", where: place)) {
            try ToolDefinition(file: "p.json", bytes: Array(damaged.utf8))
        }
    }

    @Test func theEndCannotBeDeclaredInClear() throws {
        let bytes = try readFile("\(ToolsFixture.top)/tools/resident/self_delete.json")
        let text = String(decoding: bytes, as: UTF8.self).replacing("\"sealed\": true", with: "\"sealed\": false")
        #expect(throws: ToolsError.malformedDefinition(file: "s.json", where: "sealed")) {
            try ToolDefinition(file: "s.json", bytes: Array(text.utf8))
        }
    }

    @Test func thePinCoversNamesAndBytesInAnyOrder() throws {
        let files = try ToolsFixture.files()
        let pin = ToolDefinitions.pinnedBytes(of: files)
        #expect(ToolDefinitions.pinnedBytes(of: files.reversed()) == pin)
        var changed = files
        changed[3].bytes[10] ^= 1
        #expect(ToolDefinitions.pinnedBytes(of: changed) != pin)
        changed = files
        changed[3].name += "x"
        #expect(ToolDefinitions.pinnedBytes(of: changed) != pin)
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
        self[..<range.lowerBound] + text + self[range.upperBound...]
    }
}
