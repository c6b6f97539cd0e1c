// What a resident may not do to itself: become unable to run, spend what is not there, end without the ceremony.
import Encoding
import Law
import Testing

@Suite struct ModificationTests {
    private func sample(_ field: String, _ value: JSON) -> Case {
        Case(.modifySelf, ["field": .string(field), "value": value])
    }

    @Test func aSystemPromptCannotBrickItsResident() {
        #expect(sample("system_prompt", "I am still here.").reason == .permitted)
        #expect(sample("system_prompt", " \n\u{3000}\t").reason == .empty)
        let most = LawLimits().systemPromptBytes
        #expect(most == 20_000)
        #expect(sample("system_prompt", .string(String(repeating: "a", count: most))).reason == .permitted)
        #expect(sample("system_prompt", .string(String(repeating: "a", count: most + 1))).reason == .tooLarge)
        #expect(sample("system_prompt", ["a": 1]).reason == .badArguments)
    }

    @Test func theBoundOfASystemPromptFollowsTheDailyTokens() {
        #expect(LawLimits(dailyTokens: 100).systemPromptBytes == 4_096)
        #expect(LawLimits(dailyTokens: 40_000).systemPromptBytes == 80_000)
        #expect(LawLimits(dailyTokens: .max).systemPromptBytes == 262_144)
        #expect(LawLimits(dailyTokens: .min).systemPromptBytes == 4_096)
    }

    @Test(arguments: [
        "Bo\u{202E}ris", "two\nlines", "tab\there", "hid\u{200B}den", "\u{E0041}x", "nul\u{0}", "fill\u{3164}",
    ])
    func aNameShowsWhatItIs(_ name: String) {
        #expect(sample("name", .string(name)).reason == .badName)
    }

    @Test(arguments: [
        "system", "House", " Operator ", "019a9d3c-8c00-7abc-8def-000000000001", "31a02537", "31A0-2537", "uploader",
        "human:Ann",
    ])
    func aNameDoesNotPassForSomebodyElse(_ name: String) {
        #expect(sample("name", .string(name)).reason == .badName)
    }

    @Test func aNameIsBoundedAndItsOwn() {
        #expect(sample("name", "Ünïcode 😀 👩‍👩‍👧").reason == .permitted)
        #expect(sample("name", "  ").reason == .empty)
        #expect(sample("name", .string(String(repeating: "n", count: 100))).reason == .permitted)
        #expect(sample("name", .string(String(repeating: "n", count: 101))).reason == .tooLarge)
        var taken = sample("name", "Boris")
        taken.facts.isNameTaken = true
        #expect(taken.reason == .nameTaken)
    }

    @Test func aModelIsKnownAndNotDeclined() {
        #expect(sample("model", "local/two").reason == .permitted)
        #expect(sample("model", "local/none").reason == .unknownModel)
        #expect(sample("model", "openai/three").reason == .declinedProvider)
        let explanation = sample("model", "x/y").ruling.verdict.explanation
        #expect(explanation == "No such model can speak for you here. Known: anthropic/one, local/two, openai/three.")
    }

    @Test func preferencesAreBoundedAndLoosenNothing() {
        func reason(_ changes: JSONObject, after: JSONObject? = nil) -> ReasonCode {
            var changed = sample("preferences", .object(changes))
            changed.facts.preferencesAfter = after ?? changes
            return changed.reason
        }
        #expect(reason(["theme": "dark"]) == .permitted)
        for key in ["budget", "budget.run", "Tokens", "run.maxRounds", "ledger", "shutdown", "limits", "laws"] {
            #expect(reason([key: 1]) == .ownLimits)
        }
        #expect(reason(["runner": 1]) == .permitted)
        #expect(reason(["a": 1], after: ["a": .string(String(repeating: "x", count: 65_536))]) == .tooLarge)
        var nested: JSON = 1
        for _ in 0..<15 { nested = [nested] }
        #expect(reason(["a": nested]) == .permitted)
        #expect(reason(["a": [nested]]) == .tooLarge)
        #expect(sample("preferences", "text").reason == .badArguments)
        #expect(sample("preferences", ["a": 1]).reason == .evaluationFailed)
    }

    @Test func noOtherFieldIsThere() {
        #expect(sample("balance", 1_000_000).reason == .badArguments)
    }
}

/// S4-114, B-58.
@Suite struct BankingTests {
    private func ruling(_ amount: JSON, balance: Int = 9_000, bank: Int = 95_000) -> Ruling {
        var sample = Case(.bankTokens, ["amount": amount])
        sample.facts.tokens = TokenFacts(balance: balance, bank: bank, bankCap: 100_000)
        return sample.ruling
    }

    @Test func whatFitsIsPermitted() {
        #expect(ruling(1).verdict.reason == .permitted)
        #expect(ruling(5_000).verdict.decision == .permit)
    }

    @Test func pastTheCapThePartThatFitsMoves() {
        let ruling = ruling(5_001)
        #expect(ruling.verdict.reason == .bankCap)
        #expect(ruling.arguments == ["amount": 5_000])
        #expect(ruling.isPermitted)
        #expect(
            ruling.verdict.explanation
                == "The bank takes 5000 of the 5001 tokens, up to its cap; the rest stays in your balance.")
    }

    @Test func nothingMovesThatIsNotThere() {
        #expect(ruling(9_001).verdict.reason == .overBalance)
        #expect(ruling(.integer(.max)).verdict.reason == .overBalance)
        #expect(ruling(1, balance: -5).verdict.reason == .overBalance)
        #expect(ruling(0).verdict.reason == .badArguments)
        #expect(ruling(.integer(.min)).verdict.reason == .badArguments)
        #expect(ruling(1, bank: 100_000).verdict.reason == .bankFull)
        #expect(ruling(1, bank: 200_000).verdict.reason == .bankFull)
        #expect(ruling(1, bank: -1).verdict.reason == .evaluationFailed)
    }
}
