// Properties of every law: printing and reading again changes nothing, and doubt never becomes ok.
import Law
import Testing

/// Facts of every kind by chance, the same for the same seed and name; `isHiding` hides every other one.
private struct RandomFacts: FactSource {
    let seed: UInt64
    var hidden: Set<String> = []

    func value(of name: FactName) -> FactValue? {
        if hidden.contains(name.description) { return nil }
        var random = RandomLaw(state: name.description.utf8.reduce(seed) { $0 &* 31 &+ UInt64($1) })
        switch random.below(6) {
        case 0: return .number(Int64(random.below(50)) * 1_000_000)
        case 1: return .text(random.word())
        case 2: return .instant(Int64(random.below(1 << 40)))
        case 3: return .duration(Int64(random.below(1 << 30)))
        case 4: return .list([.text(random.word()), .number(0)])
        default: return .truth(random.below(2) == 0)
        }
    }
}

@Suite struct PropertyTests {
    @Test func printingAndReadingAgainIsTheSameLaw() throws {
        var random = RandomLaw(state: 20_261_121)
        for number in 0..<2_000 {
            let made = random.law()
            let law = try #require(made)
            let printed = law.canonicalText
            let read: LawText
            do throws(LawError) {
                read = try LawText(printed)
            } catch {
                Issue.record("law \(number): \(error)\n\(printed)")
                return
            }
            if read != law {
                Issue.record("law \(number)\n\(printed)\n\(read.canonicalText)")
                return
            }
        }
    }

    /// A fact that becomes known may turn unknown into yes or no; it never turns yes into no or the other way.
    @Test func knowingMoreOnlyEverSettlesWhatWasUnknown() throws {
        var random = RandomLaw(state: 7)
        var settled = 0
        for _ in 0..<6_000 {
            // Single words to the right of an operator stand for themselves while unknown, so only dotted names hide.
            guard let law = random.law(), let set = try? LawSet([(text: law, hash: "")]) else { continue }
            let names = law.branches.flatMap { $0.condition.names }.filter { $0.count > 1 }
                .map { $0.joined(separator: ".") }
            let all = RandomFacts(seed: random.below(1 << 40))
            let fewer = RandomFacts(seed: all.seed, hidden: Set(names.filter { _ in random.below(2) == 0 }))
            guard let known = set.decision(of: law.id.name, all), let less = set.decision(of: law.id.name, fewer) else {
                Issue.record("no decision")
                return
            }
            if less.isUndetermined {
                #expect(less.triage == .doubt)
                if !known.isUndetermined { settled += 1 }
            } else {
                #expect(known == less)
            }
        }
        #expect(settled > 20)
    }

    @Test func strictLawsAreLawsAndMeanTheSame() throws {
        let strict = try LawText(PrintedLaws.midnightDeadline, isStrict: true)
        #expect(try LawText(PrintedLaws.midnightDeadline) == strict)
    }
}
