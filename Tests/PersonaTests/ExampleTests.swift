// The personas of examples/personas: each comes in without a mistake, and keeps the promises of the documents.
import Encoding
import Persona
import TestSupport
import Testing

@Suite struct ExampleTests {
    private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        .dropLast(3).joined(separator: "/")

    private func read(_ name: String) throws -> ImportedPersona {
        try PersonaImport.read(try readFile("\(Self.root)/examples/personas/\(name)"), fileName: name)
    }

    @Test(arguments: [
        ("marlow.json", "Marlow of the Weather Desk", ImportFormat.native, 4, 2),
        ("tilda.card.json", "Tilda Brandt", .card, 1, 1), ("ines.png", "Ines Calloway", .png, 1, 1),
        ("Quill.jsonl", "Quill", .openai, 6, 0),
    ])
    func eachComesIn(file: String, name: String, format: ImportFormat, messages: Int, notes: Int) throws {
        let persona = try read(file)
        #expect(persona.name == name)
        #expect(persona.report.format == format)
        #expect(persona.conversations.reduce(0) { $0 + $1.count } == messages)
        #expect(persona.memory.count == notes)
        // interface.md: only a prompt with this word lets the rehearsal use the grave tools.
        #expect(!persona.systemPrompt.contains("rehearsal-script:"))
        #expect(!persona.systemPrompt.contains("{{"))
        #expect(persona.suggestedModels.isEmpty)
        let package = try persona.package(id: resident(), at: evening, random: countingRandom())
        #expect(try plaintext(package).count < 65_536)
    }

    @Test func theImageHoldsTheCardBesideIt() throws {
        let image = try readFile("\(Self.root)/examples/personas/ines.png")
        let card = try JSON.parse(try readFile("\(Self.root)/examples/ines-card.json"))
        let found = try CardImage.card(in: image)
        #expect(found.keyword == "ccv3")
        #expect(try JSON.parse(found.json) == card)
    }
}
