// Imports of the shared samples: what each becomes, and what its report says.
import Encoding
import Persona
import TestSupport
import Testing

@Suite(.enabled(if: SharedData.isPresent, "needs the shared samples"))
struct SampleImportTests {
    private static let v2Prompt = """
        Speak plainly.

        Wren keeps a lighthouse ledger.

        Personality: patient, exact

        Scenario: A tower at dusk.

        How you speak:
        <START>
        your human: Hello
        Wren: Good evening.
        """

    @Test(arguments: ["card_v1.json", "card_v1.png"])
    func cardV1HasNoSpec(file: String) throws {
        let persona = try sample(file)
        #expect(persona.name == "Wren")
        #expect(persona.systemPrompt == Self.v2Prompt.replacingOnce("Speak plainly.\n\n", with: ""))
        #expect(persona.conversations.map { $0.map(\.text) } == [["The lamp is lit, your human."]])
        #expect(persona.report.description.hasPrefix("Character Card V1"))
        #expect(persona.report.losses.isEmpty)
        #expect(persona.imported.isEmpty)
    }

    @Test(arguments: ["card_v2.json", "card_v2.png", "card_v2_upper_keyword.png"])
    func cardV2KeepsWhatItDoesNotKnow(file: String) throws {
        let persona = try sample(file)
        #expect(persona.systemPrompt == Self.v2Prompt)
        #expect(persona.memory.isEmpty)
        let data = persona.imported["data"]
        #expect(data?["extensions"] == ["sanctuary/unknown": ["keep": [1, 2.5, nil]]])
        #expect(data?["alternate_greetings"] == ["You found the stairs."])
        #expect(data?["character_book"]?["entries"]?[0]?["content"] == "The lamp burns oil.")
        #expect(data?["name"] == nil)
        #expect(persona.original.bytes == (try SharedData.bytes("samples/synthetic/\(file)")))
        #expect(persona.original.name == file)
        let losses = Dictionary(uniqueKeysWithValues: persona.report.losses.map { ($0.field, $0.reason) })
        #expect(
            losses == [
                "data.extensions": .notASetting, "data.alternate_greetings": .alternative,
                "data.character_book.entries": .triggered, "data.creator_notes": .keptUnused,
                "data.tags": .keptUnused, "data.creator": .keptUnused, "data.character_version": .keptUnused,
            ])
    }

    @Test(arguments: ["card_v3.json", "card_v3.png"])
    func cardV3SpeaksByItsNickname(file: String) throws {
        let persona = try sample(file)
        #expect(persona.name == "Wren")
        #expect(persona.systemPrompt.contains("Wren of the Tower keeps a lighthouse ledger."))
        #expect(!persona.systemPrompt.contains("Sample card"))
        #expect(persona.imported["data"]?["creator_notes_multilingual"] == ["de": "Beispielkarte."])
        #expect(persona.imported["data"]?["assets"] == nil)
        #expect(persona.report.losses.contains { $0.field == "data.assets" && $0.reason == .onlyInOriginal })
        #expect(persona.report.mappings.first == persona.report.mappings.first { $0.to == "name" })
    }

    @Test func aCardOfBothKindsIsReadAsItsNewerOne() throws {
        #expect(try sample("card_v3.png").report.description == "Character Card V3 in a PNG image")
        #expect(try sample("card_v2.png").report.description == "Character Card V2 in a PNG image")
    }

    @Test func brokenImagesAreNamed() throws {
        #expect(personaError { _ = try sample("card_v2_badcrc.png") } == .image(.badChecksum(offset: 61)))
        #expect(personaError { _ = try sample("no_card.png") } == .image(.noCard))
    }

    @Test(arguments: [
        ("card_v3.charx", UnsupportedFormat.zip), ("card_v3_zipslip.charx", .zip), ("sharegpt.jsonl", .shareGPT),
        ("sillytavern_chat.jsonl", .sillyTavernChat), ("../letta-af/loop.af", .lettaAgent),
        ("../chatgpt-export/polylogue-representative-00.json", .chatGPTExport),
        ("../claude-export/polylogue-representative-00.json", .claudeExport),
        ("../sharegpt/llama-factory-glaive-excerpt.json", .shareGPT),
    ])
    func formatsThatAreNotReadAreNamed(file: String, format: UnsupportedFormat) throws {
        #expect(personaError { _ = try sample(file) } == .unsupportedFormat(format))
    }

    @Test func openAIMessagesTellToolActivityInWords() throws {
        let persona = try sample("openai_messages.json")
        #expect(persona.name == "openai_messages")
        #expect(persona.systemPrompt == "S")
        let history = try #require(persona.conversations.first)
        #expect(
            history.map(\.text) == [
                "time?", "[called get_time with {\"tz\":\"UTC\"}]", "[get_time answered: 12:00]", "Noon.",
            ])
        #expect(history.map(\.role) == [.user, .assistant, .user, .assistant])
        #expect(history.map(\.kind) == [.imported, .activity, .activity, .imported])
        #expect(persona.report.losses == [ImportLoss("messages", .foreignTools, count: 2)])
    }

    @Test(arguments: ["card_v1.json", "card_v2.png", "card_v3.png", "openai_messages.json"])
    func everyImportBecomesAPackageThatComesBack(file: String) throws {
        let persona = try sample(file)
        let package = try persona.package(id: resident(), models: ["a/b"], at: evening, random: countingRandom())
        let again = try PersonaPackage.parse(try package.encoded())
        #expect(try plaintext(again) == plaintext(package))
        #expect(again.originals.isEmpty)
        let episode = try Episode.parse(persona.episode(of: resident()).encoded())
        #expect(episode.resident == resident())
        #expect(episode.originals.first?.bytes == (try SharedData.bytes("samples/synthetic/\(file)")))
        #expect(again.preferences.models == ["a/b"])
        #expect(again.history.segments.allSatisfy { $0.isClosed })
    }
}
