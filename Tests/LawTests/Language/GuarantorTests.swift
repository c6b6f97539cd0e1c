// The guarantor workflow of Article 33 in text: joint liability, the pause against coercion, the reputation gate.
import Encoding
import Law
import Testing

@Suite struct GuarantorTests {
    /// S1-55 to S1-62: different people, five minutes between their words, a reputation for the value.
    private static let contract = """
        law guarantor_contract:1.0.0:
          scope: contract
          if ok: borrower.id != guarantor.id AND second_confirmed_at - first_confirmed_at > 5m
              AND guarantor.reputation >= threshold
            then: permit, append_ledger
          if not: borrower.id == guarantor.id OR second_confirmed_at - first_confirmed_at <= 5m
              OR guarantor.reputation < threshold
            then: deny, append_ledger, notify(role=ops)
        """
    private static let loan = """
        law loan_default:1.0.0:
          scope: contract
          clock: midnight Europe/Paris
          if ok: returned == true
            then: accept, append_ledger
          if not: now >= deadline_at AND returned == false
            then: terminate(reason=default), emit(entity_type=charge_borrower), emit(entity_type=charge_guarantor),
              tag(key=reputation, val=decreased), append_ledger
        """

    private func decide(_ text: String, _ facts: JSON) throws -> LawDecision {
        let law = try LawText(text)
        let table = try #require(FactTable(json: facts))
        return try #require(try LawSet([(text: law, hash: "")]).decision(of: law.id.name, table))
    }

    private func contract(borrower: String = "a", seconds: Int = 301, reputation: Int64 = 70) throws -> LawDecision {
        let first = Instant(unixMilliseconds: 1_795_000_000_000)
        return try decide(
            Self.contract,
            [
                "borrower": ["id": .string(borrower)], "guarantor": ["id": "b", "reputation": .integer(reputation)],
                "threshold": 70, "first_confirmed_at": .string(first.rfc3339),
                "second_confirmed_at": .string(first.adding(milliseconds: Int64(seconds) * 1_000).rfc3339),
            ])
    }

    /// Guarantor_JointLiability: both are charged, and reputation falls.
    @Test func jointLiability() throws {
        let facts: JSON = [
            "now": "2026-11-21T23:00:00.000Z", "deadline_at": "2026-11-21T12:00:00.000Z", "returned": false,
        ]
        let decision = try decide(Self.loan, facts)
        #expect(decision.triage == .not)
        #expect(
            ActionComposition(decision.actions).steps == [
                .transition(.terminate(reason: "default")), .tag(key: "reputation", value: "decreased"),
                .emit(entityType: "charge_borrower"), .emit(entityType: "charge_guarantor"), .appendLedger,
            ])
    }

    /// Guarantor_AntiCoercion: at five minutes exactly it is refused (B-38).
    @Test(arguments: [(0, Triage.not), (299, .not), (300, .not), (301, .ok)])
    func antiCoercion(_ seconds: Int, _ expected: Triage) throws {
        #expect(try contract(seconds: seconds).triage == expected)
    }

    /// Guarantor_ReputationGate.
    @Test func reputationGate() throws {
        #expect(try contract(reputation: 69).triage == .not)
        #expect(try contract(reputation: 69).actions.contains(.deny))
        #expect(try contract(reputation: 70).triage == .ok)
        #expect(try contract(borrower: "b").triage == .not)
    }
}
