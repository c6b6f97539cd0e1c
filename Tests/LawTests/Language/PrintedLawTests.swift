// The laws printed in the source document parse as they stand there, and decide as Article 33 says.
import Encoding
import Law
import Testing

/// Laws as the source document prints them: no indentation, lines that go on after AND and after a comma.
enum PrintedLaws {
    static let midnightDeadline = """
        law midnight_deadline:1.0.0:
        scope: deliverable
        clock: midnight Europe/Paris

        if ok: accepted == true OR approvals.count >= quorum
        then: accept, tag(key=status,val=accepted), append_ledger

        if doubt: now >= deadline_at AND accepted == false AND evidence.missing == true
        then: hold(hours=24), notify(role=ops), tag(key=status,val=under_review), append_ledger

        if not: now >= deadline_at AND accepted == false
        then: terminate(reason=deadline_passed), tag(key=status,val=terminated), append_ledger
        """

    static let authBreakGlass = """
        law auth_break_glass:1.0.0:
        scope: emergency_override
        clock: realtime

        if ok: requester.role in ["ops", "security"] AND
        approvers.count >= 2 AND ttl <= 24h
        then: permit, tag(key=override_active,val=true),
        append_ledger, notify(role=audit)

        if doubt: requester.role in ["ops", "security"] AND approvers.count == 1
        then: hold(hours=1), notify(role=security_lead), append_ledger

        if not: true
        then: deny, append_ledger, notify(role=security)
        """

    static let reviewDeadline = """
        law review_deadline:1.0.0:
        if not: now >= created_at + 24h AND status != 'reviewed'
        then: terminate(reason=deadline_passed), notify(role=compliance)
        """

    static let timeout = """
        law response_timeout:1.0.0:
        if not: deadline_passed AND no_response
        then: terminate(reason=timeout), notify(role=manager), tag(key=escalated,val=true), append_ledger
        """
}

@Suite struct PrintedLawTests {
    private func decide(_ text: String, _ facts: String) throws -> LawDecision {
        let law = try LawText(text)
        let set = try LawSet([(text: law, hash: "")])
        let table = try #require(FactTable(json: try JSON.parse(Array(facts.utf8))))
        return try #require(set.decision(of: law.id.name, table))
    }

    @Test(arguments: [
        PrintedLaws.midnightDeadline, PrintedLaws.authBreakGlass, PrintedLaws.reviewDeadline, PrintedLaws.timeout,
    ])
    func everyPrintedLawParsesAndItsCanonicalTextIsTheSameLaw(_ text: String) throws {
        let law = try LawText(text)
        #expect(try LawText(law.canonicalText) == law)
        #expect(try LawText(law.canonicalText).canonicalText == law.canonicalText)
    }

    /// S1-93 to S1-96.
    @Test func theMidnightLawReadsAsPrinted() throws {
        let law = try LawText(PrintedLaws.midnightDeadline)
        #expect(law.id == LawID("midnight_deadline:1.0.0"))
        #expect(law.scope == ["deliverable"])
        #expect(law.clock == .midnight(zone: "Europe/Paris"))
        #expect(
            law[.doubt]?.actions == [
                .hold(hours: 24), .notify(role: "ops"), .tag(key: "status", value: "under_review"), .appendLedger,
            ])
        #expect(
            law[.ok]?.condition
                == .or([
                    .compare(.name(["accepted"]), .equal, .truth(true)),
                    .compare(.name(["approvals", "count"]), .atLeast, .name(["quorum"])),
                ]))
    }

    private static let now = "\"now\": \"2026-11-21T23:00:00.000Z\""
    private static let passed = "\"deadline_at\": \"2026-11-21T12:00:00.000Z\", \"quorum\": 2"

    /// Article 33: Deliverable_AcceptedOk, Deliverable_DoubtEvidenceMissing, Deliverable_NotTerminate; C-35.
    @Test(arguments: [
        ("\"accepted\": true, \"approvals\": {\"count\": 0}, \"evidence\": {\"missing\": true}", Triage?.some(.ok)),
        ("\"accepted\": false, \"approvals\": {\"count\": 2}, \"evidence\": {\"missing\": true}", .some(.ok)),
        ("\"accepted\": false, \"approvals\": {\"count\": 1}, \"evidence\": {\"missing\": true}", .some(.doubt)),
        ("\"accepted\": false, \"approvals\": {\"count\": 1}, \"evidence\": {\"missing\": false}", .some(.not)),
        ("\"accepted\": false, \"approvals\": {\"count\": 1}", .some(.doubt)),
        ("\"approvals\": {\"count\": 1}, \"evidence\": {\"missing\": false}", .some(.doubt)),
        ("\"accepted\": true", .some(.ok)),
    ])
    func deliverables(_ facts: String, _ expected: Triage?) throws {
        let decision = try decide(PrintedLaws.midnightDeadline, "{\(facts), \(Self.now), \(Self.passed)}")
        #expect(decision.triage == expected)
        #expect(decision.actions.last == .appendLedger)
    }

    @Test func beforeItsDeadlineADeliverableIsPending() throws {
        let decision = try decide(
            PrintedLaws.midnightDeadline,
            "{\"accepted\": false, \"approvals\": {\"count\": 0}, \"quorum\": 1, \(Self.now),"
                + " \"deadline_at\": \"2026-11-22T12:00:00.000Z\"}")
        #expect(decision.triage == nil)
        #expect(decision.actions.isEmpty)
    }

    @Test(arguments: [
        ("{\"requester\": {\"role\": \"ops\"}, \"approvers\": {\"count\": 2}, \"ttl\": \"24h\"}", Triage.ok),
        ("{\"requester\": {\"role\": \"ops\"}, \"approvers\": {\"count\": 2}, \"ttl\": \"25h\"}", .not),
        ("{\"requester\": {\"role\": \"security\"}, \"approvers\": {\"count\": 1}, \"ttl\": \"1h\"}", .doubt),
        ("{\"requester\": {\"role\": \"visitor\"}, \"approvers\": {\"count\": 9}, \"ttl\": \"1h\"}", .not),
        ("{\"requester\": {\"role\": \"visitor\"}}", .not),
        ("{\"requester\": {\"role\": \"ops\"}}", .doubt),
        ("{}", .doubt),
    ])
    func breakGlass(_ facts: String, _ expected: Triage) throws {
        #expect(try decide(PrintedLaws.authBreakGlass, facts).triage == expected)
    }

    @Test(arguments: [
        ("2026-11-22T11:59:59.999Z", "open", Triage?.none), ("2026-11-22T12:00:00.000Z", "open", .some(.not)),
        ("2026-11-23T00:00:00.000Z", "reviewed", .none),
    ])
    func reviews(_ now: String, _ status: String, _ expected: Triage?) throws {
        let facts = "{\"now\": \"\(now)\", \"created_at\": \"2026-11-21T12:00:00.000Z\", \"status\": \"\(status)\"}"
        #expect(try decide(PrintedLaws.reviewDeadline, facts).triage == expected)
    }

    /// S1-148: terminate, then the tag, then the notification, then the ledger.
    @Test func theWorkedExampleOfComposition() throws {
        let decision = try decide(PrintedLaws.timeout, "{\"deadline_passed\": true, \"no_response\": true}")
        #expect(
            ActionComposition(decision.actions).steps == [
                .transition(.terminate(reason: "timeout")), .tag(key: "escalated", value: "true"),
                .notify(role: "manager"), .appendLedger,
            ])
    }

    /// `--strict` accepts the printed grammar alone (C-34).
    @Test func strictAcceptsTheMidnightLawAndRefusesTheOthersWhereTheyLeaveTheGrammar() throws {
        #expect(try LawText(PrintedLaws.midnightDeadline, isStrict: true).branches.count == 3)
        for (text, line, column) in [
            (PrintedLaws.authBreakGlass, 5, 23), (PrintedLaws.reviewDeadline, 2, 1), (PrintedLaws.timeout, 2, 1),
        ] {
            #expect { try LawText(text, isStrict: true) } throws: { error in
                guard case .syntax(let fault)? = error as? LawError else { return false }
                return fault.line == line && fault.column == column && fault.expected.contains("--strict")
            }
        }
    }
}
