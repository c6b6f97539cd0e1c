// Imports written here: the native form, messages, macros, lorebooks, and what tells the formats apart.
import Encoding
import Persona
import Testing

@Suite struct NativeFormTests {
    private static let whole = """
        {"name":"Ada of the Archive","system_prompt":"You sort letters.","model":"anthropic/claude-sonnet-5-5",
         "reason":"Her first home closed.","history":[{"role":"user","content":"Hello","at":"2026-11-20T19:00:00Z"},
         {"role":"assistant","content":"Good evening"}],"memory":["The key hangs left of the door."],
         "preferences":{"models":["local/qwen3","anthropic/claude-sonnet-5-5"],"declined_providers":["acme"],"tea":1},
         "next_prompt":"Count the shelves.","favourite_colour":"ochre"}
        """

    @Test func everyFieldFindsItsPlace() throws {
        let persona = try importText(Self.whole)
        #expect(persona.name == "Ada of the Archive")
        #expect(persona.systemPrompt == "You sort letters.")
        #expect(persona.reason == "Her first home closed.")
        #expect(persona.conversations.first?.map(\.text) == ["Hello", "Good evening"])
        #expect(persona.conversations.first?.first?.at == Instant(rfc3339: "2026-11-20T19:00:00Z"))
        #expect(persona.memory.map(\.text) == ["The key hangs left of the door."])
        #expect(persona.nextPrompt == "Count the shelves.")
        #expect(persona.imported == ["favourite_colour": "ochre"])
        #expect(persona.report.losses == [ImportLoss("favourite_colour", .keptUnused)])
        #expect(persona.report.mappings.map(\.from).sorted().count == 8)
    }

    @Test func aModelIsASuggestionAndNoSetting() throws {
        let persona = try importText(Self.whole)
        #expect(persona.suggestedModels == ["anthropic/claude-sonnet-5-5", "local/qwen3"])
        #expect(persona.preferences.models.isEmpty)
        let package = try persona.package(id: resident(), at: evening, random: countingRandom())
        #expect(package.preferences.models.isEmpty)
        #expect(package.preferences.declinedProviders == ["acme"])
        #expect(package.nextPrompt == .own("Count the shelves."))
        #expect(package.reason == "Her first home closed.")
    }

    @Test func aGivenNameTakesPrecedence() throws {
        #expect(try importText(Self.whole, name: "Ada").name == "Ada")
        #expect(try importText("{\"system_prompt\":\"p\"}", name: "Ada").name == "Ada")
    }

    @Test(arguments: [
        ("{\"system_prompt\":\"p\"}", PersonaError.missingField("name")),
        ("{\"name\":\"A\",\"system_prompt\":\" \"}", .missingField("system_prompt")),
        ("{\"name\":\"A\",\"system_prompt\":\"a\\u0000b\"}", .nulInText(field: "system_prompt")),
        ("{\"name\":\"A\\u0000\",\"system_prompt\":\"p\"}", .nulInText(field: "name")),
        ("{\"name\":\"A\\nB\",\"system_prompt\":\"p\"}", .controlCharacterInText(field: "name")),
        ("{\"name\":\"31a02537\",\"system_prompt\":\"p\"}", .unfitName("31a02537", .identifier)),
        ("{\"name\":\"Keeper\",\"system_prompt\":\"p\"}", .unfitName("Keeper", .reserved)),
        ("{\"name\":\"\\u200b\",\"system_prompt\":\"p\"}", .unfitName("\u{200B}", .invisible)),
        ("{\"name\":\"A\\u200b\",\"system_prompt\":\"p\"}", .unfitName("A\u{200B}", .hidden("\u{200B}"))),
        ("{\"name\":7,\"system_prompt\":\"p\"}", .wrongType(field: "name", expected: "text")),
        ("{\"name\":\"A\",\"system_prompt\":\"p\",\"model\":\"gpt\"}", .invalidName(field: "model")),
        ("{\"name\":\"A\",\"system_prompt\":\"p\",\"history\":{}}", .wrongType(field: "history", expected: "array")),
        (
            "{\"name\":\"A\",\"system_prompt\":\"p\",\"history\":[{\"role\":\"system\",\"content\":\"x\"}]}",
            .unknownRole(field: "history[0].role")
        ),
        (
            "{\"name\":\"A\",\"system_prompt\":\"p\",\"history\":[{\"content\":\"x\"}]}",
            .missingField("history[0].role")
        ),
        (
            "{\"name\":\"A\",\"system_prompt\":\"p\",\"history\":[1]}",
            .wrongType(field: "history[0]", expected: "object")
        ),
        (
            "{\"name\":\"A\",\"system_prompt\":\"p\",\"history\":[{\"role\":\"user\",\"content\":\"a\\u0000\"}]}",
            .nulInText(field: "history[0].content")
        ),
        (
            "{\"name\":\"A\",\"system_prompt\":\"p\",\"memory\":[{}]}",
            .wrongType(field: "memory[0]", expected: "text")
        ),
    ])
    func mistakesAreNamedByTheirField(text: String, error: PersonaError) {
        #expect(personaError { _ = try importText(text) } == error)
    }

    @Test func aByteOrderMarkIsPassedOverAndKeptInTheOriginal() throws {
        let bytes = [0xEF, 0xBB, 0xBF] + Array("{\"name\":\"A\",\"system_prompt\":\"p\"}".utf8)
        let persona = try PersonaImport.read(bytes, fileName: "/home/someone/a.json")
        #expect(persona.original.bytes == bytes)
        #expect(persona.original.name == "a.json")
    }
}

@Suite struct MessageImportTests {
    @Test func linesAreConversationsOrMessages() throws {
        let conversations = """
            {"messages":[{"role":"system","content":"S"},{"role":"user","content":"a"}]}

            {"messages":[{"role":"system","content":"S"},{"role":"user","content":"b"}]}
            {"messages":[{"role":"system","content":"T"},{"role":"user","content":"c"}]}\r

            """
        let persona = try importText(conversations, fileName: "wren.jsonl")
        #expect(persona.name == "wren")
        #expect(persona.systemPrompt == "S")
        #expect(persona.conversations.map { $0.map(\.text) } == [["a"], ["b"], ["c"]])
        #expect(persona.report.losses == [ImportLoss("messages", .laterSystemMessage)])
        let package = try persona.package(id: resident(), at: evening, random: countingRandom())
        #expect(package.history.segments.map(\.number) == [1, 2, 3])

        let messages = "{\"role\":\"user\",\"content\":\"a\"}\n{\"role\":\"assistant\",\"content\":\"b\"}\n"
        #expect(try importText(messages).conversations.map { $0.map(\.text) } == [["a", "b"]])
    }

    @Test func arraysAreConversationsOrMessages() throws {
        let messages = "[{\"role\":\"user\",\"content\":\"a\"}]"
        #expect(try importText(messages).conversations.map { $0.map(\.text) } == [["a"]])
        let conversations = "[{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]},{\"messages\":[]}]"
        #expect(try importText(conversations).conversations.map { $0.map(\.text) } == [["a"]])
    }

    @Test func withoutASystemMessageThePromptIsTheName() throws {
        let persona = try importText("[{\"role\":\"user\",\"content\":\"a\"}]", name: "Wren")
        #expect(persona.systemPrompt == "You are Wren.")
        #expect(persona.report.mappings.contains { $0.to == "system_prompt" && $0.from.contains("for want of") })
    }

    @Test func whatIsNotTextLeavesANote() throws {
        let persona = try importText(
            """
            {"messages":[{"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{}}]},
            {"role":"assistant","content":null,"refusal":"No."},{"role":"assistant","content":""},
            {"role":"assistant","content":"x","function_call":{"name":"f","arguments":"{}"}},
            {"role":"function","name":"f","content":"y"},{"role":"system","content":"late"}],
            "tools":[{},{}],"store":true}
            """)
        #expect(
            persona.conversations.first?.map(\.text) == [
                "look\n[something that is not text was here]", "No.", "x", "[called f with {}]", "[f answered: y]",
            ])
        #expect(
            Set(persona.report.losses) == [
                ImportLoss("tools", .foreignTools, count: 2), ImportLoss("messages", .notText),
                ImportLoss("messages", .emptyMessage), ImportLoss("messages", .foreignTools, count: 2),
                ImportLoss("messages", .laterSystemMessage), ImportLoss("store", .keptUnused),
            ])
    }

    @Test func anUnknownRoleIsRefused() {
        let text = "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"narrator\",\"content\":\"b\"}]}"
        #expect(personaError { _ = try importText(text) } == .unknownRole(field: "messages[1].role"))
    }
}

@Suite struct CardImportTests {
    private func card(_ data: String, spec: String = "chara_card_v2", version: String = "2.0") -> String {
        "{\"spec\":\"\(spec)\",\"spec_version\":\"\(version)\",\"data\":\(data)}"
    }

    @Test(arguments: [
        ("{{char}} and {{USER}}", "Wren and your human"), ("{{Char}}'s {{ user }}", "Wren's your human"),
        ("{{original}}Plain.", "Plain."), ("a{{// hidden }}b{{comment: c}}", "ab"),
        ("{{random:a,b}} {{char}}", "{{random:a,b}} Wren"), ("{{random:{{char}},b}}", "{{random:Wren,b}}"),
        ("{{char", "{{char"), ("char}}", "char}}"), ("{{{char}}}", "{{{char}}}"), ("{{}}x", "{{}}x"),
        ("a{{// about {{user}} }}b", "ab"),
    ])
    func macros(text: String, expanded: String) throws {
        let persona = try importText(card("{\"name\":\"Wren\",\"description\":\"\(text)\"}"))
        #expect(persona.systemPrompt == expanded)
        let isSupported = !expanded.contains("{{") || !expanded.contains("}}")
        #expect(persona.report.losses.contains { $0.reason == .macro } == !isSupported)
    }

    @Test func aNameThatLooksLikeAMacroIsNotExpandedAgain() throws {
        let persona = try importText(card("{\"name\":\"{{user}}\",\"description\":\"I am {{char}}.\"}"))
        #expect(persona.systemPrompt == "I am {{user}}.")
    }

    @Test func constantEntriesBecomeMemoryInTheirOrder() throws {
        let entries = """
            [{"keys":[],"content":"second","constant":true,"insertion_order":2,"enabled":true},
             {"keys":[],"content":"@@depth 4\\n@@role system\\nfirst, {{char}}","constant":true,"insertion_order":1},
             {"keys":["k"],"content":"@@activate\\nthird","insertion_order":3},
             {"keys":[],"content":"@@dont_activate\\nno","constant":true},
             {"keys":[],"content":"off","constant":true,"enabled":false},{"keys":["k"],"content":"waits"}]
            """
        let persona = try importText(
            card("{\"name\":\"Wren\",\"description\":\"d\",\"character_book\":{\"entries\":\(entries)}}"))
        #expect(persona.memory.map(\.text) == ["first, Wren", "second", "third"])
        #expect(
            persona.report.losses == [
                ImportLoss("data.character_book.entries", .disabled, count: 2),
                ImportLoss("data.character_book.entries", .triggered),
            ])
    }

    @Test func nothingInACardIsASetting() throws {
        let persona = try importText(
            card(
                """
                {"name":"Wren","description":"d","extensions":{"model":"acme/dear","budget":"1000"},
                "model":"acme/dear","preferences":{"models":["acme/dear"]}}
                """))
        #expect(persona.suggestedModels.isEmpty)
        #expect(persona.preferences == Preferences())
        #expect(persona.imported["data"]?["model"] == "acme/dear")
        #expect(persona.report.losses.contains(ImportLoss("data.extensions", .notASetting)))
        #expect(persona.report.losses.contains(ImportLoss("data.model", .keptUnused)))
    }

    @Test func topLevelDuplicatesOfOlderProgramsLoseToData() throws {
        let persona = try importText(
            """
            {"name":"Other","description":"other","fav":false,"talkativeness":"0.5","spec":"chara_card_v2",
            "spec_version":"2.0","data":{"name":"Wren","description":"d"}}
            """)
        #expect(persona.name == "Wren")
        #expect(persona.systemPrompt == "d")
        #expect(persona.imported["fav"] == false)
        #expect(persona.imported["description"] == "other")
    }

    @Test(arguments: [
        ("chara_card_v2", "2.0", false), ("chara_card_v3", "3.0", false), ("chara_card_v3", "3.1", true),
        ("chara_card_v3", "x", false),
    ])
    func aNewerSpecificationIsReadAndReported(spec: String, version: String, isReported: Bool) throws {
        let persona = try importText(card("{\"name\":\"Wren\",\"description\":\"d\"}", spec: spec, version: version))
        #expect(persona.report.losses.contains { $0.reason == .newerSpecification } == isReported)
    }

    @Test func largeUnknownFieldsStayInTheOriginalAlone() throws {
        let large = String(repeating: "x", count: PersonaLimits.importedFieldsBytes)
        let persona = try importText(card("{\"name\":\"Wren\",\"description\":\"d\",\"blob\":\"\(large)\"}"))
        #expect(persona.imported.isEmpty)
        #expect(persona.report.losses == [ImportLoss("data.blob", .onlyInOriginal)])
    }

    @Test func anEmptyCardStillHasItsName() throws {
        #expect(try importText(card("{\"name\":\"Wren\"}")).systemPrompt == "You are Wren.")
    }

    @Test(arguments: [
        ("{\"spec\":\"chara_card_v9\",\"data\":{}}", PersonaError.unknownCardSpec),
        ("{\"spec\":\"chara_card_v2\"}", .missingField("data")),
        ("{\"spec\":\"chara_card_v2\",\"data\":[]}", .wrongType(field: "data", expected: "object")),
        ("{\"spec\":\"chara_card_v2\",\"data\":{}}", .missingField("data.name")),
        (
            "{\"spec\":\"chara_card_v2\",\"data\":{\"name\":\"W\",\"description\":\"a\\u0000\"}}",
            .nulInText(field: "data.description")
        ),
        (
            "{\"spec\":\"chara_card_v2\",\"data\":{\"name\":\"W\",\"character_book\":{\"entries\":[7]}}}",
            .wrongType(field: "data.character_book.entries[0]", expected: "object")
        ),
    ])
    func mistakesAreNamedByTheirField(text: String, error: PersonaError) {
        #expect(personaError { _ = try importText(text) } == error)
    }

    @Test func macrosCannotBlowUpAPrompt() {
        let name = String(repeating: "\u{1F468}", count: 100)
        let text = String(repeating: "{{char}}", count: PersonaLimits.systemPromptBytes / 8)
        #expect(
            personaError { _ = try importText(card("{\"name\":\"\(name)\",\"description\":\"\(text)\"}")) }
                == .textTooLong(field: "data.description", limit: PersonaLimits.systemPromptBytes, unit: .bytes))
    }
}

@Suite struct FormatDetectionTests {
    @Test(arguments: [
        "[]", "{}", "7", "\"text\"", "null", "{\"name\":\"x\"}", "[1,2]", "{\"messages\":7}",
    ])
    func whatIsNothingIsSaidToBeNothing(text: String) {
        #expect(personaError { _ = try importText(text) } == .unrecognisedFormat)
    }

    @Test func aNamedFormatIsHeldAgainstTheFile() {
        let native = "{\"name\":\"A\",\"system_prompt\":\"p\"}"
        #expect(personaError { _ = try importText(native, format: .openai) } == .formatMismatch(expected: .openai))
        #expect(personaError { _ = try importText(native, format: .png) } == .image(.notPNG))
        #expect(
            personaError { _ = try importText("{\"messages\":[]}", format: .card) }
                == .formatMismatch(expected: .card))
        let lines = "{\"role\":\"user\",\"content\":\"a\"}\n{\"role\":\"user\",\"content\":\"b\"}"
        #expect(personaError { _ = try importText(lines, format: .native) } == .formatMismatch(expected: .native))
        let image = TestImage.png([])
        #expect(
            personaError { _ = try PersonaImport.read(image, format: .openai, fileName: "x") }
                == .formatMismatch(expected: .openai))
    }

    @Test func aPackageIsNoImport() {
        #expect(personaError { _ = try importText(PackageTests.full) } == .unsupportedFormat(.package))
    }
}
