// Which laws are in force when: time lock, approvals, versions, ends.
import Encoding
import Law
import Testing

@Suite struct RegisterTests {
    private let start = Instant(unixMilliseconds: 1_795_000_000_000)

    private func hours(_ count: Int) -> Instant { start.adding(milliseconds: Int64(count) * 3_600_000) }

    private func law(_ id: String, layer: String = "superior", extra: String = "") throws -> EnactedLaw {
        let text = try LawText("law \(id):\n if ok: true\n then: permit\n layer: \(layer)\n\(extra)")
        return EnactedLaw(text: text, hash: "hash of \(id)")
    }

    private func ids(_ register: LawRegister, _ hour: Int) -> [String] {
        register.inForce(at: hours(hour)).map(\.text.id.description)
    }

    private func register() throws -> LawRegister {
        LawRegister(founding: [try law("rates:1.0.0"), try law("rights:1.0.0", layer: "constitution")])
    }

    /// S1-243, S1-244: a law waits for its time lock and for its quorum, whichever is later.
    @Test func aLawWaitsForItsTimeLockAndItsQuorum() throws {
        var register = try register()
        let newer = try law("rates:1.1.0")
        register.take(.proposed(newer, at: start, effective: hours(24), quorum: 2))
        let id = newer.text.id
        #expect(ids(register, 30) == ["rights:1.0.0", "rates:1.0.0"])
        register.take(.approved(id, hash: newer.hash, who: "operator:1", at: hours(1)))
        #expect(register.refusal(ofApproving: id, hash: newer.hash, who: "operator:1") == .approvedAlready)
        register.take(.approved(id, hash: newer.hash, who: "operator:1", at: hours(2)))
        #expect(ids(register, 30) == ["rights:1.0.0", "rates:1.0.0"])
        register.take(.approved(id, hash: "another text", who: "operator:2", at: hours(2)))
        #expect(ids(register, 30) == ["rights:1.0.0", "rates:1.0.0"])
        register.take(.approved(id, hash: newer.hash, who: "operator:2", at: hours(3)))
        #expect(ids(register, 23) == ["rights:1.0.0", "rates:1.0.0"])
        #expect(ids(register, 24) == ["rights:1.0.0", "rates:1.1.0"])
    }

    @Test func approvalsAfterTheTimeLockCountFromThenOn() throws {
        var register = try register()
        let other = try law("curfew:1.0.0", layer: "tenant")
        register.take(.proposed(other, at: start, effective: hours(24), quorum: 1))
        register.take(.approved(other.text.id, hash: other.hash, who: "operator:1", at: hours(40)))
        #expect(!ids(register, 39).contains("curfew:1.0.0"))
        #expect(ids(register, 40).contains("curfew:1.0.0"))
    }

    /// What was in force at an instant stays the answer for that instant, whatever is said later: runs in flight.
    @Test func thePastIsNotRewritten() throws {
        var register = try register()
        let before = ids(register, 50)
        let newer = try law("rates:2.0.0")
        register.take(.proposed(newer, at: hours(60), effective: hours(84), quorum: 1))
        register.take(.approved(newer.text.id, hash: newer.hash, who: "operator:1", at: hours(61)))
        register.take(.deprecated(newer.text.id, from: hours(1_000), at: hours(100)))
        #expect(ids(register, 50) == before)
        #expect(ids(register, 90).contains("rates:2.0.0"))
        #expect(ids(register, 999).contains("rates:2.0.0"))
        // Its end does not bring an older version back.
        #expect(ids(register, 1_000) == ["rights:1.0.0"])
    }

    @Test func theConstitutionIsNeverChanged() throws {
        var register = try register()
        for one in [
            try law("rights:2.0.0"), try law("rights:2.0.0", layer: "constitution"),
            try law("new:1.0.0", layer: "constitution"),
        ] {
            #expect(register.refusal(ofProposing: one.text) == .constitution)
            register.take(.proposed(one, at: start, effective: hours(24), quorum: 1))
            register.take(.approved(one.text.id, hash: one.hash, who: "operator:1", at: start))
        }
        let id = try #require(LawID("rights:1.0.0"))
        #expect(register.refusal(ofDeprecating: id, from: hours(10_000), at: start) == .constitution)
        register.take(.deprecated(id, from: hours(1), at: start))
        #expect(ids(register, 100) == ["rights:1.0.0", "rates:1.0.0"])
    }

    @Test func onlyNewerVersionsAreProposed() throws {
        var register = try register()
        #expect(register.refusal(ofProposing: try law("rates:1.0.0").text) == .notNewer)
        #expect(register.refusal(ofProposing: try law("rates:1.0.0-rc.1").text) == .notNewer)
        let next = try law("rates:1.0.1")
        #expect(register.refusal(ofProposing: next.text) == nil)
        register.take(.proposed(next, at: start, effective: hours(24), quorum: 1))
        #expect(register.refusal(ofProposing: next.text) == .notNewer)
    }

    /// S1-248 to S1-250: notice of fourteen days; what is not law yet may be taken back at once.
    @Test func endsNeedNotice() throws {
        var register = try register()
        let rates = try #require(LawID("rates:1.0.0"))
        #expect(register.refusal(ofDeprecating: rates, from: hours(24 * 14 - 1), at: start) == .shortNotice)
        #expect(register.refusal(ofDeprecating: rates, from: hours(24 * 14), at: start) == nil)
        #expect(
            register.refusal(ofDeprecating: try #require(LawID("gone:1.0.0")), from: hours(999), at: start)
                == .notInForce)
        register.take(.deprecated(rates, from: hours(24 * 14), at: start))
        #expect(ids(register, 24 * 14 - 1).contains("rates:1.0.0"))
        #expect(!ids(register, 24 * 14).contains("rates:1.0.0"))
        let next = try law("curfew:1.0.0")
        register.take(.proposed(next, at: start, effective: hours(24), quorum: 1))
        #expect(register.refusal(ofDeprecating: next.text.id, from: start, at: hours(1)) == nil)
        register.take(.deprecated(next.text.id, from: hours(1), at: hours(1)))
        register.take(.approved(next.text.id, hash: next.hash, who: "operator:1", at: hours(2)))
        #expect(!ids(register, 100).contains("curfew:1.0.0"))
    }

    @Test func aLawMayNameItsOwnEnd() throws {
        let day = CivilDate(daysSinceEpoch: start.unixMilliseconds / 86_400_000 + 3)
        let register = LawRegister(founding: [try law("brief:1.0.0", extra: " end_of_life: \(day)\n")])
        let end = Instant(unixMilliseconds: day.daysSinceEpoch * 86_400_000)
        #expect(register.inForce(at: end.adding(milliseconds: -1)).count == 1)
        #expect(register.inForce(at: end).isEmpty)
    }

    /// A checker of the laws in force is kept until then: it must not be kept for too long.
    @Test func theLawsStayTheSameUntilTheNextChange() throws {
        var register = try register()
        let day = CivilDate(daysSinceEpoch: start.unixMilliseconds / 86_400_000 + 20)
        let newer = try law("rates:2.0.0", extra: " end_of_life: \(day)\n")
        register.take(.proposed(newer, at: hours(1), effective: hours(30), quorum: 2))
        register.take(.approved(newer.text.id, hash: newer.hash, who: "operator:1", at: hours(2)))
        register.take(.approved(newer.text.id, hash: newer.hash, who: "operator:2", at: hours(40)))
        let curfew = try law("curfew:1.0.0", layer: "tenant")
        register.take(.proposed(curfew, at: hours(50), effective: hours(74), quorum: 1))
        register.take(.approved(curfew.text.id, hash: curfew.hash, who: "operator:1", at: hours(51)))
        register.take(.deprecated(curfew.text.id, from: hours(600), at: hours(100)))
        var seen = register.inForce(at: start)
        var changes = 0
        for hour in 1...1_000 {
            let laws = register.inForce(at: hours(hour))
            if laws != seen {
                changes += 1
                let next = try #require(register.nextChange(after: hours(hour - 1)))
                #expect(next <= hours(hour))
            }
            seen = laws
        }
        #expect(changes == 4)
        #expect(register.nextChange(after: hours(1_000)) == nil)
    }
}
