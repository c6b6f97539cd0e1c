// The midnight ruler: the fixtures of Article 33, missed days in order, doubt that lasts, doubt about the clock.
import Encoding
import Engine
import Law
import Ledger
import Scheduler
import Testing

/// Civil days of the system's zones; one zone may be taken away.
private struct Zones: CivilDays {
    var isThere = true

    private func calendar(_ zone: String) -> CivilCalendar? { isThere ? try? CivilCalendar(zone: zone) : nil }
    func day(of instant: Instant, zone: String) -> CivilDate? { calendar(zone)?.day(of: instant) }
    func start(of day: CivilDate, zone: String) -> Instant? { calendar(zone)?.start(of: day) }
    func day(after day: CivilDate, zone: String) -> CivilDate? { calendar(zone)?.day(after: day) }
}

@Suite struct MidnightTests {
    private func instant(_ text: String) -> Instant { Instant(rfc3339: text) ?? Instant(unixMilliseconds: 0) }

    private func thing(_ house: House, _ deadline: String, quorum: Int = 1) async throws -> Identifier {
        try await house.addDeliverable("A report", deadline: instant(deadline), quorum: quorum)
    }

    private func current(_ house: House, _ id: Identifier) async throws -> Deliverable {
        try #require(try await house.deliverables().first { $0.id == id })
    }

    private func decisions(_ house: House) async throws -> [String] {
        try await house.spans(.lawDecided).map {
            "\($0.metadata["day"]?.string ?? "") \($0.metadata["triage"]?.string ?? "")"
                + " \($0.metadata["transition"]?.string ?? "-")"
        }
    }

    @Test("Deliverable_AcceptedOk: what was accepted, or approved often enough, is accepted at midnight")
    func accepted() async throws {
        let home = try await TestHome(clock: TestClock("2026-11-20T12:00:00.000Z"))
        try await home.owned { house in
            let one = try await thing(house, "2026-11-30T00:00:00.000Z")
            let two = try await thing(house, "2026-11-30T00:00:00.000Z", quorum: 2)
            #expect(try await house.change(current(house, one), .accepted, as: nil, words: nil))
            #expect(try await house.change(current(house, two), .approved, as: "Ida", words: nil))
            #expect(try await !house.change(current(house, two), .approved, as: "Ida", words: "again"))
            home.clock.advance(hours: 12)
            var report = try await house.ruleMidnights(Zones())
            #expect(report.decisions.map(\.thing) == [one] && report.decisions.map(\.triage) == ["ok"])
            #expect(try await house.change(current(house, two), .approved, as: "Ole", words: nil))
            home.clock.advance(days: 1)
            report = try await house.ruleMidnights(Zones())
            #expect(report.decisions.map(\.thing) == [two])
            #expect(try await current(house, one).status == .accepted)
            #expect(try await current(house, two).status == .accepted)
            #expect(try await house.deliverables(onlyOpen: true).isEmpty)
            let span = try #require(try await house.spans(.lawDecided).first)
            #expect(span.metadata["law"]?.string == "midnight_deadline:1.0.0")
            #expect(span.metadata["tags"]?.string == "status=accepted")
            #expect(span.who == .law)
        }
    }

    @Test("Deliverable_DoubtEvidenceMissing, then evidence, then Deliverable_NotTerminate")
    func doubtThenEvidence() async throws {
        let home = try await TestHome(clock: TestClock("2026-11-20T12:00:00.000Z"))
        try await home.owned { house in
            let id = try await thing(house, "2026-11-21T12:00:00.000Z")
            home.clock.advance(hours: 12)
            #expect(try await house.ruleMidnights(Zones()).decisions.isEmpty, "pending before the deadline")
            home.clock.advance(days: 1)
            let report = try await house.ruleMidnights(Zones())
            #expect(report.decisions.map(\.triage) == ["doubt"] && report.decisions.first?.isDisputed == false)
            let span = try #require(try await house.spans(.lawDecided).first)
            #expect(span.metadata["hours"]?.integer == 24)
            #expect(span.metadata["notified"]?.string == "ops")
            #expect(span.metadata["boundary"]?.string == "2026-11-21T23:00:00.000Z")
            #expect(try await current(house, id).status == .underReview)
            #expect(try await house.change(current(house, id), .evidence, as: nil, words: "See the archive."))
            home.clock.advance(days: 1)
            _ = try await house.ruleMidnights(Zones())
            #expect(try await decisions(house) == ["2026-11-22 doubt hold", "2026-11-23 not terminate"])
            let last = try #require(try await house.spans(.lawDecided).last)
            #expect(last.metadata["reason"]?.string == "deadline_passed")
            #expect(try await current(house, id).status == .terminated)
            #expect(try await !house.change(current(house, id), .accepted, as: nil, words: nil), "it is over")
        }
    }

    @Test("a law is asked of the kinds that its scope begins, of no others (law.md, Midnight)")
    func kinds() async throws {
        let home = try await TestHome(clock: TestClock("2026-11-20T12:00:00.000Z"))
        try await home.owned { house in
            let deadline = instant("2026-11-20T13:00:00.000Z")
            let report = try await house.addDeliverable(
                "A report", kind: ["deliverable", "report"], deadline: deadline, quorum: 1)
            let contract = try await house.addDeliverable("A hire", kind: ["contract"], deadline: deadline, quorum: 1)
            home.clock.advance(hours: 12)
            #expect(try await house.ruleMidnights(Zones()).decisions.map(\.thing) == [report])
            #expect(try await current(house, contract).kind == ["contract"])
            #expect(try await current(house, contract).status == .active)
            #expect(try await house.faults() == [])
        }
    }

    @Test("Idempotency_ReRun: asked again, a midnight decides nothing again")
    func rerun() async throws {
        let home = try await TestHome(clock: TestClock("2026-11-20T12:00:00.000Z"))
        try await home.owned { house in
            _ = try await thing(house, "2026-11-20T13:00:00.000Z")
            home.clock.advance(hours: 12)
            let first = try await house.ruleMidnights(Zones())
            #expect(first.decisions.count == 1 && first.days == ["midnight_deadline:1.0.0 2026-11-21"])
            let size = try await house.ledger.size()
            let again = try await house.ruleMidnights(Zones())
            #expect(again.days.isEmpty && again.decisions.isEmpty && again.doubts.isEmpty)
            #expect(try await house.ledger.size() == size)
            #expect(try await house.faults() == [])
        }
    }

    @Test("missed days are ruled in order, each with its own midnight as now and what was said by then")
    func missedDays() async throws {
        let home = try await TestHome(clock: TestClock("2026-10-22T12:00:00.000Z"))
        try await home.owned { house in
            let id = try await thing(house, "2026-10-24T10:00:00.000Z")
            home.clock.advance(days: 3)
            // Evidence of the 25th: too late for the midnight that begins it, in time for the next.
            #expect(try await house.change(current(house, id), .evidence, as: nil, words: nil))
            home.clock.advance(days: 3)
            let report = try await house.ruleMidnights(Zones())
            #expect(
                report.days == [
                    "midnight_deadline:1.0.0 2026-10-23", "midnight_deadline:1.0.0 2026-10-24",
                    "midnight_deadline:1.0.0 2026-10-25", "midnight_deadline:1.0.0 2026-10-26",
                    "midnight_deadline:1.0.0 2026-10-27", "midnight_deadline:1.0.0 2026-10-28",
                ])
            // The 25th has 25 hours in Paris: its hold of 24 h ends within it and does not postpone the 26th.
            #expect(try await decisions(house) == ["2026-10-25 doubt hold", "2026-10-26 not terminate"])
            let boundaries = try await house.spans(.lawDecided).map { $0.metadata["boundary"]?.string }
            #expect(boundaries == ["2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"])
        }
    }

    @Test("a hold over a day of 23 hours does not postpone the next midnight")
    func shortDay() async throws {
        let home = try await TestHome(clock: TestClock("2027-03-26T12:00:00.000Z"))
        try await home.owned { house in
            _ = try await thing(house, "2027-03-26T13:00:00.000Z")
            home.clock.advance(days: 3)
            _ = try await house.ruleMidnights(Zones())
            let all = try await decisions(house)
            #expect(all == ["2027-03-27 doubt hold", "2027-03-28 doubt hold"], "the 28th has 23 hours")
        }
    }

    @Test("doubt twice in a row after the deadline is a dispute: frozen until an arbiter decides")
    func dispute() async throws {
        let home = try await TestHome(clock: TestClock("2026-11-20T12:00:00.000Z"))
        try await home.owned { house in
            let id = try await thing(house, "2026-11-20T13:00:00.000Z")
            home.clock.advance(days: 2)
            let report = try await house.ruleMidnights(Zones())
            #expect(report.decisions.map(\.isDisputed) == [false, true])
            #expect(try await house.spans(.disputeOpened).count == 1)
            #expect(try await current(house, id).status == .disputed)
            home.clock.advance(days: 3)
            #expect(try await house.ruleMidnights(Zones()).decisions.isEmpty, "frozen")
            #expect(try await house.arbitrate(current(house, id), isAccepted: true, justification: "Seen.", as: "Ida"))
            #expect(try await current(house, id).status == .accepted)
            #expect(try await !house.arbitrate(current(house, id), isAccepted: false, justification: "No.", as: nil))
            #expect(try await house.faults() == [])
        }
    }

    @Test("a zone without data and a clock that jumped are doubt: nothing changes, the record says so once")
    func doubtAboutTheClock() async throws {
        let home = try await TestHome(clock: TestClock("2026-11-20T12:00:00.000Z"))
        try await home.owned { house in
            let id = try await thing(house, "2026-11-20T13:00:00.000Z")
            home.clock.advance(days: 1)
            for _ in 1...2 {
                let report = try await house.ruleMidnights(Zones(isThere: false))
                #expect(report.decisions.isEmpty && report.doubts.count == 1)
            }
            #expect(try await house.spans(.incident).map { $0.metadata["kind"]?.string } == ["timezone_unknown"])
            home.clock.advance(days: 500)
            #expect(try await house.ruleMidnights(Zones()).decisions.isEmpty)
            #expect(try await house.spans(.incident).last?.metadata["kind"]?.string == "clock_jumped")
            #expect(try await current(house, id).status == .active)
            #expect(try await house.ruleMidnights(Zones(), acceptsGap: true).decisions.count == 2)
            home.clock.advance(days: -100)
            #expect(try await house.ruleMidnights(Zones()).doubts.count == 1)
        }
    }

    @Test("a ruler that dies anywhere goes on where it was: one decision a law, thing and day")
    func deaths() async throws {
        for boundary in 1...4 {
            let home = try await TestHome(clock: TestClock("2026-11-20T12:00:00.000Z"))
            try await home.owned { house in
                for _ in 1...2 { _ = try await thing(house, "2026-11-20T13:00:00.000Z") }
            }
            home.clock.advance(hours: 36)
            let dying = try await home.open(atStep: Death(afterRecord: boundary).step)
            await #expect(throws: EngineError.self) { try await dying.ruleMidnights(Zones()) }
            await dying.close()
            try await home.owned { house in
                _ = try await house.ruleMidnights(Zones())
                let all = try await house.spans(.lawDecided)
                #expect(Set(all.map(\.idempotencyKey)).count == 4 && all.count == 4, "died at \(boundary)")
                #expect(try await house.spans(.lawRuled).count == 2)
                #expect(try await house.spans(.disputeOpened).count == 2)
                #expect(try await house.faults() == [])
            }
        }
    }

    @Test("whom a law tells stands on its decision, and is shown while the thing is open and fourteen days after")
    func notices() async throws {
        let home = try await TestHome(clock: TestClock("2026-11-20T12:00:00.000Z"))
        try await home.owned { house in
            let id = try await thing(house, "2026-11-21T12:00:00.000Z")
            home.clock.advance(days: 1)
            _ = try await house.ruleMidnights(Zones())
            #expect(try await house.lawNotices().isEmpty, "before the deadline")
            home.clock.advance(days: 1)
            _ = try await house.ruleMidnights(Zones())
            let notice = try #require(try await house.lawNotices().first)
            #expect(notice.thing == id && notice.name == "A report" && notice.law == "midnight_deadline")
            #expect(notice.roles == ["ops"] && notice.triage == "doubt" && notice.day == CivilDate("2026-11-22"))
            #expect(try await house.change(current(house, id), .accepted, as: nil, words: nil))
            home.clock.advance(days: 1)
            _ = try await house.ruleMidnights(Zones())
            #expect(try await house.lawNotices().isEmpty, "the newest decision tells nobody")
        }
    }

    @Test("a law that asks for what nothing carries out cannot be proposed")
    func undone() async throws {
        let home = try await TestHome(clock: TestClock("2026-11-20T12:00:00.000Z"))
        try await home.owned { house in
            for (action, clock) in [
                ("emit(entity_type=incident)", "midnight UTC"), ("emit(entity_type=post)", "realtime"),
                ("permit", "midnight UTC"), ("deny", "midnight UTC"), ("modify(quorum=1)", "midnight UTC"),
            ] {
                let text = "law more:1.0.0:\n clock: \(clock)\n if ok: true\n then: \(action)\n layer: tenant\n"
                let example = "[{\"name\": \"a\", \"given\": {}, \"expect\": \"ok\"}]"
                await #expect(throws: EngineError.lawChange(.undone, law: "more:1.0.0"), "\(action)") {
                    try await house.proposeLaw(Array(text.utf8), fixtures: Array(example.utf8))
                }
            }
        }
    }

    @Test("an end that was said is known from then on, until it has come")
    func ends() async throws {
        let home = try await TestHome(clock: TestClock("2026-11-20T12:00:00.000Z"))
        try await home.owned { house in
            let law = try #require(LawID("posts_per_day:1.0.0"))
            #expect(try await house.lawRegister().ends(at: home.clock.source.now()).isEmpty)
            let end = instant("2026-12-05T00:00:00.000Z")
            try await house.deprecateLaw(law, from: end, reason: nil)
            let register = try await house.lawRegister()
            #expect(register.ends(at: home.clock.source.now()).map(\.law.text.id) == [law])
            #expect(register.ends(at: home.clock.source.now()).map(\.end) == [end])
            #expect(register.ends(at: end.adding(milliseconds: -1)).count == 1)
            #expect(register.ends(at: end).isEmpty)
        }
    }
}
