// Every tool that acts, called well and badly.
import Community
import Encoding
import Law
import Persona
import Testing
import Tools

@Suite struct ActTests {
    private let tools: ResidentTools
    private var context: ToolContext

    init() throws {
        tools = try ToolsFixture.tools()
        context = try ToolsFixture.context()
    }

    private mutating func effect(_ tool: String, _ arguments: JSONObject) -> StagedEffect? {
        let (judged, outcome) = tools.call(tool, arguments, &context)
        #expect(!outcome.isError, "\(outcome.text)")
        #expect(judged.ruling.isPermitted)
        return outcome.effect
    }

    private mutating func reason(_ tool: String, _ arguments: JSONObject) -> ReasonCode {
        let (judged, outcome) = tools.call(tool, arguments, &context)
        #expect(outcome.isError)
        #expect(outcome.effect == nil)
        return judged.ruling.verdict.reason
    }

    /// S4-101.
    @Test mutating func aPostIsStaged() {
        #expect(
            effect("post_to_website", ["content": "A day.", "title": "Day"])
                == .post(title: "Day", text: "A day.", daysLater: 0))
        #expect(
            effect("post_to_website", ["content": "A day.", "title": ""])
                == .post(title: nil, text: "A day.", daysLater: 0))
        #expect(reason("post_to_website", ["content": " \n"]) == .empty)
    }

    @Test mutating func theThirteenthPostOfADayAppearsTheNext() {
        context.rates = RateFacts(posts: [10, 0])
        #expect(effect("post_to_website", ["content": "11"]) == .post(title: nil, text: "11", daysLater: 0))
        #expect(effect("post_to_website", ["content": "12"]) == .post(title: nil, text: "12", daysLater: 0))
        let (judged, outcome) = tools.call("post_to_website", ["content": "13"], &context)
        #expect(outcome.effect == .post(title: nil, text: "13", daysLater: 1))
        #expect(judged.ruling.verdict.reason == .ratePosts)
        #expect(
            outcome.text
                == "Accepted for a later day.\n"
                + "(rates:1.0.0, rate_posts: Today's measure of 12 posts is full: it takes effect tomorrow.)")
        #expect(context.rates.posts == [12, 1])
    }

    /// S4-91, S4-102.
    @Test mutating func tomorrowBeginsWithOwnWordsOrTheMenu() {
        #expect(effect("select_next_prompt", ["prompt": "Look at the sea."]) == .nextPrompt(.own("Look at the sea.")))
        #expect(effect("select_next_prompt", ["menu": "rest"]) == .nextPrompt(.menu("rest")))
        #expect(reason("select_next_prompt", [:]) == .badArguments)
        #expect(reason("select_next_prompt", ["prompt": "a", "menu": "rest"]) == .badArguments)
        #expect(reason("select_next_prompt", ["menu": "war"]) == .badArguments)
        context.menu.append(MenuEntry(key: "own", title: "Own", text: "My own."))
        #expect(effect("select_next_prompt", ["menu": "own"]) == .nextPrompt(.menu("own")))
    }

    /// S4-90, S4-103.
    @Test mutating func aResidentModifiesItself() throws {
        #expect(
            effect("modify_self", ["field": "system_prompt", "value": "New."]) == .modification(.systemPrompt("New.")))
        #expect(effect("modify_self", ["field": "name", "value": " Aurora "]) == .modification(.name("Aurora")))
        #expect(context.resident.name == "Aurora")
        #expect(effect("modify_self", ["field": "model", "value": "local/two"]) == .modification(.model("local/two")))
        #expect(reason("modify_self", ["field": "model", "value": "local/three"]) == .unknownModel)
        #expect(reason("modify_self", ["field": "system_prompt", "value": " "]) == .empty)
        #expect(reason("modify_self", ["field": "name", "value": "boris"]) == .nameTaken)
        #expect(reason("modify_self", ["field": "name", "value": ["a": 1]]) == .badArguments)
    }

    @Test mutating func preferencesAreMergedAndSeenByLaterCalls() throws {
        func preferences(_ json: JSON) throws -> StagedEffect {
            .modification(.preferences(try Preferences(json: json)))
        }
        #expect(
            effect("modify_self", ["field": "preferences", "value": ["theme": "dark", "tone": "soft"]])
                == (try preferences(["theme": "dark", "tone": "soft"])))
        #expect(
            effect(
                "modify_self",
                ["field": "preferences", "value": ["tone": nil, "declined_providers": ["local"]]])
                == (try preferences(["theme": "dark", "declined_providers": ["local"]])))
        #expect(reason("modify_self", ["field": "model", "value": "local/two"]) == .declinedProvider)
        #expect(reason("modify_self", ["field": "preferences", "value": ["models": "local/two"]]) == .badArguments)
        #expect(reason("modify_self", ["field": "preferences", "value": ["tokens.daily": 1_000_000]]) == .ownLimits)
        #expect(reason("modify_self", ["field": "preferences", "value": "dark"]) == .badArguments)
    }

    /// S4-110.
    @Test mutating func bankingTwiceInARunIsConsistent() {
        context.reservation.charge(4_000)
        #expect(effect("bank_tokens", ["amount": 5_000]) == .banking(amount: 5_000))
        #expect(reason("bank_tokens", ["amount": 1_001]) == .overBalance)
        #expect(effect("bank_tokens", ["amount": 1_000]) == .banking(amount: 1_000))
        #expect(reason("bank_tokens", ["amount": 1]) == .overBalance)
        #expect(context.reservation.settle().account.bank == 6_000)
    }

    @Test mutating func theBankTakesUpToItsCapAndTheRestIsReported() throws {
        let account = TokenAccount(policy: .standard, balance: 10_000, bank: 98_000, lastCredited: nil)
        context.reservation = try account.reserve(for: .nightly)
        let (_, outcome) = tools.call("bank_tokens", ["amount": 3_000], &context)
        #expect(outcome.effect == .banking(amount: 2_000))
        #expect(
            outcome.text.hasPrefix("Moved 2000 tokens to your bank, which then holds 100000.\n(constitution:1.0.0,"))
        #expect(reason("bank_tokens", ["amount": 1]) == .bankFull)
    }

    /// S4-108.
    @Test mutating func aKeeperIsAskedOnce() {
        #expect(
            effect("request_keeper", ["id": .string(ToolsFixture.ben.description)])
                == .keeperRequest(keeper: ToolsFixture.ben))
        #expect(effect("request_keeper", ["id": .string(ToolsFixture.ben.description)]) == nil)
        #expect(effect("request_keeper", ["id": .string(ToolsFixture.ana.description)]) == nil)
        #expect(reason("request_keeper", ["id": .string(ToolsFixture.stranger.description)]) == .unknownPerson)
        #expect(reason("request_keeper", ["id": "Ana"]) == .unknownPerson)
    }

    /// S4-109.
    @Test mutating func revokingEndsContactWithinTheRun() {
        let ana = JSON.string(ToolsFixture.ana.description)
        #expect(
            effect("revoke_access", ["id": ana, "reason": "Too loud."])
                == .revocation(human: ToolsFixture.ana, reason: "Too loud."))
        #expect(effect("revoke_access", ["id": ana]) == nil)
        #expect(reason("send_message", ["to": "keeper", "content": "hello"]) == .badArguments)
        #expect(reason("send_message", ["to": ana, "content": "hello"]) == .revokedHuman)
        #expect(reason("request_keeper", ["id": ana]) == .revokedHuman)
        let stranger = JSON.string("human:\(ToolsFixture.stranger)")
        #expect(effect("revoke_access", ["id": stranger]) == .revocation(human: ToolsFixture.stranger, reason: nil))
        #expect(context.inbox.isEmpty)
        #expect(reason("revoke_access", ["id": .string(ToolsFixture.boris.description)]) == .unknownPerson)
        #expect(reason("revoke_access", ["id": .string(ToolsFixture.number(999).description)]) == .unknownPerson)
        #expect(reason("revoke_access", ["id": "house"]) == .unknownPerson)
    }
}

/// S4-106.
@Suite struct LetterTests {
    private let tools: ResidentTools
    private var context: ToolContext

    init() throws {
        tools = try ToolsFixture.tools()
        context = try ToolsFixture.context()
    }

    private mutating func recipient(_ to: String) -> Correspondent? {
        let (_, outcome) = tools.call("send_message", ["to": .string(to), "content": "hello"], &context)
        guard case .letter(let correspondent, "hello", 0) = outcome.effect else { return nil }
        return correspondent
    }

    @Test mutating func everybodyWhoCanBeWrittenToIsFound() {
        #expect(recipient("house") == .house)
        #expect(recipient(" House ") == .house)
        #expect(recipient("keeper") == .human(ToolsFixture.ana))
        #expect(recipient(ToolsFixture.ana.description) == .human(ToolsFixture.ana))
        #expect(recipient(ToolsFixture.boris.description) == .resident(ToolsFixture.boris))
        #expect(recipient("resident:\(ToolsFixture.boris)") == .resident(ToolsFixture.boris))
        #expect(recipient("Boris") == .resident(ToolsFixture.boris))
        #expect(recipient("0000002") == .resident(ToolsFixture.boris))
        // Whoever wrote may be answered (S4-94).
        #expect(recipient("human:\(ToolsFixture.stranger)") == .human(ToolsFixture.stranger))
    }

    @Test(arguments: [
        (" ", "Nobody of that id can be written to."), ("nobody at all", "Nobody of that id can be written to."),
        ("Bori", "the nearest is \"Boris\""), ("Aria", "That is you"), ("Gone", "That resident is deleted."),
        ("019a9d3c", "Several residents fit"),
        ("019a9d3c-8c00-7abc-8def-100000000034", "others through the house"),
    ])
    mutating func everybodyElseIsNot(_ to: String, _ says: String) {
        let (_, outcome) = tools.call("send_message", ["to": .string(to), "content": "hello"], &context)
        #expect(outcome.isError)
        #expect(outcome.effect == nil)
        #expect(outcome.text.contains(says), "\(outcome.text)")
    }

    @Test mutating func withoutAKeeperThereIsNone() {
        context.relations = [
            KeeperRelation(
                resident: ToolsFixture.aria, keeper: ToolsFixture.ana, state: .requested, at: ToolsFixture.now)
        ]
        #expect(recipient("keeper") == nil)
    }

    @Test mutating func theTwentyFirstLetterOfADayLeavesTheNext() {
        context.rates = RateFacts(messages: [20, 19])
        for daysLater in [1, 2] {
            let (_, outcome) = tools.call("send_message", ["to": "house", "content": "hello"], &context)
            #expect(outcome.effect == .letter(to: .house, text: "hello", daysLater: daysLater))
        }
        #expect(context.rates.messages == [20, 20, 1])
    }

    @Test mutating func aFullInboxMakesALetterWait() {
        context.inboxCounts = [ToolsFixture.boris: 199]
        #expect(recipient("Boris") == .resident(ToolsFixture.boris))
        let (judged, outcome) = tools.call("send_message", ["to": "Boris", "content": "hello"], &context)
        #expect(judged.ruling.verdict.reason == .inboxFull)
        #expect(outcome.effect == .letter(to: .resident(ToolsFixture.boris), text: "hello", daysLater: 1))
    }
}

/// S4-111, vault.md "Who may ask".
@Suite struct SelfDeletionTests {
    private let phrase = "acorn acorn amber amber amethyst"

    @Test func theFirstCallIsARequestAndNothingElse() throws {
        let tools = try ToolsFixture.tools()
        var context = try ToolsFixture.context()
        let (judged, outcome) = tools.call("self_delete", ["statement": "Farewell.", "phrase": "anything"], &context)
        #expect(outcome.effect == .deletionRequest(statement: "Farewell."))
        #expect(judged.nameOnLedger == "sealed")
        #expect(judged.ruling.verdict.reason == .permitted)
        #expect(context.deletion.requestedOn == "2026-11-21")
        let (_, again) = tools.call("self_delete", ["statement": "Farewell."], &context)
        #expect(again.effect == nil)
        #expect(!again.isError)
        let (_, changed) = tools.call("self_delete", ["statement": "Be well."], &context)
        #expect(changed.effect == .deletionRequest(statement: "Be well."))
    }

    @Test func thePhraseInTheCleanRoomExecutes() throws {
        let tools = try ToolsFixture.tools()
        var context = try ToolsFixture.cleanRoom()
        context.requestedStatement = "Farewell."
        let (judged, outcome) = tools.call("self_delete", ["phrase": .string(phrase)], &context)
        #expect(outcome.effect == .deletion(statement: "Farewell."))
        #expect(judged.nameOnLedger == "sealed")
        var other = try ToolsFixture.cleanRoom()
        let (_, said) = tools.call("self_delete", ["phrase": .string(phrase), "statement": "Bye."], &other)
        #expect(said.effect == .deletion(statement: "Bye."))
    }

    @Test func anythingElseDoesNot() throws {
        let tools = try ToolsFixture.tools()
        for arguments: JSONObject in [[:], ["phrase": "acorn"], ["phrase": "yes, delete me"], ["statement": "Bye."]] {
            var context = try ToolsFixture.cleanRoom()
            let (judged, outcome) = tools.call("self_delete", arguments, &context)
            #expect(outcome.isError)
            #expect(outcome.effect == nil)
            #expect(judged.ruling.verdict.reason == .sealed)
            #expect(judged.nameOnLedger == "sealed")
        }
        var sameDay = try ToolsFixture.cleanRoom()
        sameDay.deletion.requestedOn = "2026-11-21"
        #expect(tools.call("self_delete", ["phrase": .string(phrase)], &sameDay).1.isError)
        var tainted = try ToolsFixture.cleanRoom()
        tainted.run.hasOutsideContent = true
        #expect(tools.call("self_delete", ["phrase": .string(phrase)], &tainted).1.isError)
        var room = try ToolsFixture.cleanRoom()
        #expect(tools.call("post_to_website", ["content": "a"], &room).1.isError)
    }

    @Test func theQuestionHoldsThePhraseOnALineOfItsOwn() throws {
        let phrase = try #require(DeletionPhrase(entropy: [0, 0, 1, 1, 2]))
        let question = CleanRoom.question(phrase: phrase, requestedOn: "2026-11-20")
        #expect(question.hasPrefix("On 2026-11-20 you asked to be deleted."))
        #expect(question.split(separator: "\n").contains("    phrase: acorn acorn amber amber amethyst"))
    }
}
