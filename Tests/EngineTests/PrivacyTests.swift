// Nothing private lies in clear anywhere in a home, and no error says it (ledger.md, "Never in clear"; S4-51).
import Community
import Encoding
import Engine
import Foundation
import Ledger
import Persona
import Providers
import TestSupport
import Testing

@Suite struct PrivacyTests {
    /// Words that only the resident and its model may ever see.
    private static let secrets = [
        "xylophoneprompt", "xylophonehistory", "xylophonememory", "xylophoneletter", "xylophonereply", "xylophoneout",
        "xylophonenext", "xylophonerefused", "xylophonestatement", "xylophonepreference", "xylophonereason",
    ]

    private static let persona: JSON = [
        "name": "Mira", "system_prompt": "I keep xylophoneprompt.",
        "history": [["role": "user", "content": "xylophonehistory"], ["role": "assistant", "content": "Yes."]],
        "memory": ["I remember xylophonememory."], "preferences": ["colour": "xylophonepreference"],
    ]

    private static let rounds: [Spoken] = [
        .content(
            [
                ["type": "text", "text": "xylophonereply"],
                [
                    "type": "tool_use", "id": "a", "name": "send_message",
                    "input": ["to": "house", "content": "xylophoneout"],
                ],
                [
                    "type": "tool_use", "id": "b", "name": "select_next_prompt",
                    "input": ["prompt": "xylophonenext"],
                ],
                [
                    "type": "tool_use", "id": "c", "name": "send_message",
                    "input": ["to": "xylophonerefused", "content": "x"],
                ],
                [
                    "type": "tool_use", "id": "d", "name": "self_delete", "input": ["statement": "xylophonestatement"],
                ],
            ], stop: "tool_use"),
        .calls([("xylophonerefused", ["content": "xylophonerefused"])]), .words("Good night."),
    ]

    /// Names of files below a folder that hold a word, in any case or encoding that this program uses.
    private func leaks(below folder: String) throws -> [String] {
        var found: [String] = []
        let files = FileManager.default.enumerator(atPath: folder)?.allObjects.compactMap { $0 as? String } ?? []
        #expect(files.count > 10)
        for file in files {
            guard let content = FileManager.default.contents(atPath: "\(folder)/\(file)") else { continue }
            for word in Self.secrets where content.range(of: Data(word.utf8)) != nil {
                found.append("\(file): \(word)")
            }
        }
        return found
    }

    @Test("after two nights, a killed one and a spooled letter, no private word is in any file of the home")
    func nothingInClear() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: Self.rounds)
        let persona = try TestHome.persona(Self.persona)
        let speaker = model.model
        let id = try await home.owned { house in
            let id = try await house.admit([Admission(persona: persona, model: speaker)])[0].id
            let mira = try #require(try await house.residents()[id])
            try await house.send("A letter of xylophoneletter.", to: mira, as: "Ana")
            let reader = try await home.open(.reader)
            try await reader.spoolLetter("Another of xylophoneletter.", to: mira, as: "Ben")
            try reader.spoolAdmission(
                bytes: Self.persona.serialized(), fileName: "tomas.json", format: .native, name: "Tomas", model: speaker
            )
            await reader.close()
            #expect(try leaks(below: home.paths.root) == [])
            #expect(try await house.takeInSpool().letters == 1)
            let engine = try home.engine(house, providers: [model.settings()])
            let report = try await engine.run(id, on: home.today)
            #expect(report.outcome == .done && report.toolCalls == 3 && report.refused == 2, "\(report)")
            #expect(try leaks(below: home.paths.root) == [])
            return id
        }
        home.clock.advance(days: 1)
        let dying = try await home.open(atStep: Death(afterRecord: 5).step)
        let dead = try await home.engine(dying, providers: [model.settings()]).run(id, on: home.today)
        #expect(dead.outcome == .failed && Self.secrets.allSatisfy { !"\(dead)".contains($0) })
        #expect(try leaks(below: home.paths.root) == [], "the journal of a dead run is sealed")
        await dying.close()
        #expect(try leaks(below: home.paths.root) == [])
        // The words did go where they belong.
        let sent = model.rawBodies.map { String(decoding: $0, as: UTF8.self) }.joined()
        for word in ["xylophoneprompt", "xylophonehistory", "xylophonememory", "xylophoneletter", "xylophonenext"] {
            #expect(sent.contains(word), "\(word)")
        }
        await model.stop()
    }

    @Test("errors say what is wrong, never the words that were wrong")
    func errors() async throws {
        let home = try await TestHome()
        try await home.owned { house in
            let long = String(repeating: "xylophoneletter ", count: 1_000)
            try await TestHome.admit(["Mira"], in: house)
            let mira = try #require(try await house.residents().residents.first)
            await #expect { try await house.send(long, to: mira, as: "Ana") } throws: { !"\($0)".contains("xylophone") }
            let reader = try await home.open(.reader)
            await #expect { try await reader.spoolLetter(long, to: mira, as: "Ana") } throws: {
                !"\($0)".contains("xylophone")
            }
            await reader.close()
        }
    }
}
