// Sizes, recipients and revoked humans.
import Encoding
import Law
import Testing

@Suite struct ConstitutionTextTests {
    @Test func aPostHasItsBounds() {
        func reason(_ content: String, title: String? = nil) -> ReasonCode {
            Case(.postToWebsite, ["content": .string(content), "title": title.map { .string($0) } ?? .null]).reason
        }
        #expect(reason(String(repeating: "é", count: 8_000)) == .permitted)
        #expect(reason(String(repeating: "é", count: 8_001)) == .tooLarge)
        #expect(reason(" \n\t") == .empty)
        #expect(reason("a", title: String(repeating: "t", count: 200)) == .permitted)
        #expect(reason("a", title: String(repeating: "t", count: 201)) == .tooLarge)
    }

    @Test func aLetterHasBothItsBounds() {
        func reason(_ content: String) -> ReasonCode {
            var sample = Case(.sendMessage, ["content": .string(content)])
            sample.facts.person = PersonFacts(kind: .house)
            return sample.reason
        }
        #expect(reason(String(repeating: "a", count: 8_000)) == .permitted)
        #expect(reason(String(repeating: "a", count: 8_001)) == .tooLarge)
        // 12 KiB are 4,096 characters of three bytes: fewer than 8,000 characters can be too many bytes.
        #expect(reason(String(repeating: "字", count: 4_096)) == .permitted)
        #expect(reason(String(repeating: "字", count: 4_097)) == .tooLarge)
        #expect(reason(" ") == .empty)
    }

    @Test func aRevokedHumanIsNotWrittenTo() {
        for kind in [PersonFacts.Kind.keeper, .human] {
            var sample = Case(.sendMessage, ["content": "hello"])
            sample.facts.person = PersonFacts(kind: kind, isRevoked: true)
            #expect(sample.reason == .revokedHuman)
        }
        var request = Case(.requestKeeper)
        request.facts.person = PersonFacts(kind: .keeper, isRevoked: true)
        #expect(request.reason == .revokedHuman)
    }

    @Test func whoIsUnknownIsRefused() {
        for tool in [ResidentTool.sendMessage, .requestKeeper, .revokeAccess] {
            var sample = Case(tool, ["content": "hello"])
            sample.facts.person = PersonFacts(kind: .unknown)
            #expect(sample.reason == .unknownPerson)
        }
        var residents = Case(.revokeAccess)
        residents.facts.person = PersonFacts(kind: .resident)
        #expect(residents.reason == .unknownPerson)
    }

    @Test func aFullInboxDelaysAndNeverRefuses() {
        var sample = Case(.sendMessage, ["content": "hello"])
        sample.facts.person = PersonFacts(kind: .resident, inboxCount: 199)
        #expect(sample.reason == .permitted)
        sample.facts.person = PersonFacts(kind: .resident, inboxCount: 200)
        #expect(sample.reason == .inboxFull)
        #expect(sample.ruling.isPermitted)
        #expect(sample.ruling.delayDays == 1)
    }

    @Test func tomorrowsPromptHasItsBounds() {
        func reason(_ prompt: String) -> ReasonCode { Case(.selectNextPrompt, ["prompt": .string(prompt)]).reason }
        #expect(reason(String(repeating: "a", count: 4_000)) == .permitted)
        #expect(reason(String(repeating: "a", count: 4_001)) == .tooLarge)
        #expect(reason("\n") == .empty)
        #expect(Case(.selectNextPrompt, ["menu": "rest"]).reason == .permitted)
    }
}

@Suite struct RateTests {
    private func ruling(_ tool: ResidentTool, _ days: [Int]) -> Ruling {
        var sample = Case(tool, ["content": "hello"])
        sample.facts.person = PersonFacts(kind: .house)
        sample.facts.rates = RateFacts(posts: days, messages: days)
        return sample.ruling
    }

    @Test func whatIsOverTheRateMovesToTheFirstDayWithRoom() {
        #expect(ruling(.sendMessage, []).delayDays == 0)
        #expect(ruling(.sendMessage, [19]).delayDays == 0)
        #expect(ruling(.sendMessage, [20]).delayDays == 1)
        #expect(ruling(.sendMessage, [20, 3]).delayDays == 1)
        #expect(ruling(.sendMessage, [20, 20, 20]).delayDays == 3)
        #expect(ruling(.postToWebsite, [11]).delayDays == 0)
        #expect(ruling(.postToWebsite, [12]).delayDays == 1)
    }

    @Test func aRateNeverRefuses() {
        let over = ruling(.postToWebsite, [1_000_000])
        #expect(over.isPermitted)
        #expect(over.verdict.reason == .ratePosts)
        #expect(over.verdict.law == "rates")
        #expect(over.verdict.triage == .doubt)
        #expect(over.verdict.explanation == "Today's measure of 12 posts is full: it takes effect tomorrow.")
    }

    @Test func anImpossibleCountRefuses() {
        #expect(ruling(.sendMessage, [-1]).verdict.reason == .evaluationFailed)
    }

    @Test func theLongerOfRateAndFullInboxHolds() {
        var sample = Case(.sendMessage, ["content": "hello"])
        sample.facts.person = PersonFacts(kind: .resident, inboxCount: 200)
        sample.facts.rates = RateFacts(messages: [20, 20])
        #expect(sample.ruling.delayDays == 2)
        #expect(sample.reason == .rateMessages)
    }
}
