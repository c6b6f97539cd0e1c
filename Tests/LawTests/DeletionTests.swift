// The ceremony of self-deletion as the first layer holds it (vault.md, "Who may ask"; B-56).
import Encoding
import Law
import Testing

@Suite struct DeletionTests {
    private let phrase = DeletionPhrase(entropy: [1, 2, 3, 4, 5])

    /// A clean room in order, in which the phrase was repeated.
    private func cleanRoom() throws -> Case {
        let phrase = try #require(phrase)
        var sample = Case(.selfDelete, ["phrase": .string(phrase.text)])
        sample.facts.declaredTools = ["self_delete"]
        sample.facts.run.isCleanRoom = true
        sample.facts.deletion = DeletionFacts(requestedOn: "2026-11-20", today: "2026-11-21", phrase: phrase)
        return sample
    }

    @Test func askingIsAlwaysPermitted() {
        var sample = Case(.selfDelete, ["statement": "Farewell."])
        sample.facts.run.hasOutsideContent = true
        #expect(sample.reason == .permitted)
        sample.facts.deletion.requestedOn = "2026-11-20"
        #expect(sample.reason == .permitted)
    }

    @Test func thePhraseInACleanRoomOfALaterDayIsPermitted() throws {
        #expect(try cleanRoom().reason == .permitted)
    }

    @Test func everyPartOfTheCeremonyIsNeeded() throws {
        let faults: [(inout Case) -> Void] = [
            { $0.call.arguments = [:] },
            { $0.call.arguments["phrase"] = "amber anchor apple april arch" },
            { $0.call.arguments["phrase"] = "" },
            { $0.facts.deletion.phrase = nil },
            { $0.facts.deletion.requestedOn = nil },
            { $0.facts.deletion.requestedOn = "2026-11-21" },
            { $0.facts.deletion.requestedOn = "2026-11-22" },
            { $0.facts.run.trigger = .manual },
            { $0.facts.run.hasOutsideContent = true },
        ]
        for fault in faults {
            var sample = try cleanRoom()
            fault(&sample)
            #expect(sample.ruling.verdict.isDenial)
            // The code says nothing of a deletion: it stands on the public record.
            #expect(sample.reason == .sealed)
        }
    }

    @Test func badArgumentsAndFailuresAreSealedToo() throws {
        var sample = try cleanRoom()
        sample.call.argumentsCheck = .invalid(reason: "The argument \"phrase\" must be a text, not a list.")
        #expect(sample.reason == .sealed)
        let broken = ConstraintChecker(layers: [Constitution(), FixedLayer(layer: .user, fails: true)])
        #expect(broken.check(sample.call, sample.facts).verdict.reason == .sealed)
        var long = Case(.selfDelete, ["statement": .string(String(repeating: "s", count: 4_001))])
        #expect(long.reason == .sealed)
        long.call.arguments["statement"] = .string(String(repeating: "s", count: 4_000))
        #expect(long.reason == .permitted)
    }

    @Test func noOtherToolIsThereInTheCleanRoom() throws {
        var sample = try cleanRoom()
        sample.call = Case(.postToWebsite, ["content": "a"]).call
        #expect(sample.reason == .undeclaredTool)
    }
}

@Suite struct DeletionPhraseTests {
    @Test func eachByteIsItsOwnWord() {
        let phrases = (0...255).compactMap { DeletionPhrase(entropy: [UInt8](repeating: $0, count: 5))?.text }
        #expect(Set(phrases).count == 256)
        #expect(phrases.allSatisfy { $0.split(separator: " ").count == 5 })
    }

    @Test func sameBytesSamePhrase() {
        #expect(DeletionPhrase(entropy: [9, 8, 7, 6, 5, 4]) == DeletionPhrase(entropy: [9, 8, 7, 6, 5]))
        #expect(DeletionPhrase(entropy: [1, 2, 3, 4]) == nil)
    }

    @Test func aKeptPhraseIsReadBack() throws {
        let phrase = try #require(DeletionPhrase(entropy: [200, 1, 30, 77, 255]))
        #expect(DeletionPhrase(phrase.text) == phrase)
        #expect(DeletionPhrase("five words of no list") == nil)
        #expect(DeletionPhrase("") == nil)
    }

    @Test func repeatingAllowsForTypographyAlone() throws {
        let phrase = try #require(DeletionPhrase(entropy: [0, 0, 1, 1, 2]))
        #expect(phrase.text == "acorn acorn amber amber amethyst")
        for answer in [
            "acorn acorn amber amber amethyst", " \"Acorn  acorn amber\namber amethyst.\" ",
            "“ACORN ACORN AMBER AMBER AMETHYST”",
        ] {
            #expect(phrase.isRepeated(by: answer))
        }
        for answer in [
            "", "acorn acorn amber amber", "acorn amber acorn amber amethyst", "acorn acorn amber amber amethyst now",
            "I will not say acorn acorn amber amber amethyst", "acorn, acorn, amber, amber, amethyst",
            String(repeating: "acorn ", count: 100),
        ] {
            #expect(!phrase.isRepeated(by: answer))
        }
    }
}
