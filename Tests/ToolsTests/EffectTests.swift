// Staged effects come back from the journal as they went in.
import Community
import Encoding
import Persona
import Testing
import Tools

@Suite struct EffectTests {
    @Test func everyEffectComesBack() throws {
        let id = ToolsFixture.boris
        let effects: [StagedEffect] = [
            .post(title: "Day", text: "A day.", daysLater: 0), .post(title: nil, text: "\u{0}\"", daysLater: 3),
            .letter(to: .house, text: "hello", daysLater: 0), .letter(to: .human(id), text: "hello", daysLater: 1),
            .letter(to: .resident(id), text: "hello", daysLater: 0), .nextPrompt(.own("The sea.")),
            .nextPrompt(.menu("rest")), .modification(.systemPrompt("New.")), .modification(.name("Aurora")),
            .modification(.model("local/two")),
            .modification(.preferences(try Preferences(json: ["theme": "dark", "models": ["local/two"]]))),
            .keeperRequest(keeper: id), .revocation(human: id, reason: nil), .revocation(human: id, reason: "Loud."),
            .banking(amount: 500), .deletionRequest(statement: nil), .deletionRequest(statement: "Bye."),
            .deletion(statement: "Bye."),
        ]
        for effect in effects {
            let bytes = effect.json.serialized()
            #expect(try StagedEffect(json: JSON.parse(bytes)) == effect)
        }
        #expect(Set(effects).count == effects.count)
    }

    @Test(arguments: [
        "{}", "[]", #"{"effect":"explode"}"#, #"{"effect":"post"}"#, #"{"effect":"post","text":"a","days_later":-1}"#,
        #"{"effect":"post","text":"a","days_later":"1"}"#, #"{"effect":"letter","text":"a","to":"everybody"}"#,
        #"{"effect":"banking","amount":0}"#, #"{"effect":"banking","amount":-5}"#, #"{"effect":"keeper_request"}"#,
        #"{"effect":"preferences","value":[]}"#, #"{"effect":"next_prompt"}"#,
    ])
    func whatIsNoEffectIsRefused(_ text: String) throws {
        let json = try JSON.parse(Array(text.utf8))
        #expect(throws: ToolsError.malformedEffect) { try StagedEffect(json: json) }
    }
}
