// The laws of a home: pinned at genesis, changed through the record alone, kept by runs in flight, failing closed.
import Community
import Encoding
import Engine
import Law
import Ledger
import TestSupport
import Testing

@Suite struct HouseLawTests {
    private static let twoPosts: [Spoken] = [
        .calls([
            (tool: "post_to_website", arguments: ["content": "First."]),
            (tool: "post_to_website", arguments: ["content": "Second."]),
        ]), .words("Done."),
    ]

    /// A law that lets one post a day appear, newer than the shipped one.
    private static let onePost = """
        law posts_per_day:1.1.0:
          scope: tool.post_to_website
          if ok: posts.today < 1
            then: permit
          if doubt: posts.today >= 1
            then: modify(delay=next_day), tag(key=reason, val=rate_posts), append_ledger
          layer: superior
          says: "One post a day."
        """
    private static let onePostExamples = """
        [{"name": "one", "given": {"posts": {"today": 0}}, "expect": "ok"},
         {"name": "two", "given": {"posts": {"today": 1}}, "expect": "doubt"}, {"never": "pending"}]
        """

    private func admit(_ home: TestHome, _ model: FakeModel) async throws -> Identifier {
        try await home.owned { try await TestHome.admit(["Mira"], model: model.model, in: $0)[0].id }
    }

    private func enact(_ text: String, _ examples: String, in house: House) async throws {
        let proposal = try await house.proposeLaw(Array(text.utf8), fixtures: Array(examples.utf8))
        _ = try await house.approveLaw(proposal.law.text.id, as: nil)
    }

    private func verdicts(_ house: House) async throws -> [String] {
        try await house.spans(.toolCalled, .toolRefused).map {
            "\($0.metadata["law"]?.string ?? "") \($0.metadata["reason"]?.string ?? "")"
        }
    }

    @Test("the genesis pins every law and the schemas; a law altered, taken away or added stops everything")
    func pins() async throws {
        let home = try await TestHome()
        try await home.owned { house in
            let genesis = try #require(try await house.ledger.span(at: 0))
            #expect(genesis.metadata["laws"]?.array?.count == 13)
            #expect(genesis.metadata["tools"]?.string?.hasPrefix("blake3:") == true)
            let register = try await house.lawRegister()
            #expect(register.founding.count == 13)
        }
        let path = "\(home.paths.laws)/posts_per_day.law"
        let kept = try readFile(path)
        func refuses() async -> Bool {
            do {
                try await home.owned { _ in }
                return false
            } catch EngineError.lawsAltered {
                return true
            } catch {
                Issue.record("\(error)")
                return false
            }
        }
        try writeFile(path, kept + Array("# more\n".utf8))
        #expect(await refuses())
        try writeFile(path, kept)
        #expect(await !refuses())
        try writeFile("\(home.paths.laws)/more.law", Array("law more:1.0.0:\n if ok: true\n then: permit\n".utf8))
        #expect(await refuses())
    }

    @Test("a home that was made before there were laws in text opens, and keeps its rates in code")
    func olderHomes() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: Self.twoPosts)
        try await home.owned { house in
            let genesis = try #require(try await house.ledger.span(at: 0))
            let older: JSONObject = [
                "preamble": genesis.metadata["preamble"] ?? .null, "laws": [genesis.metadata["tools"] ?? .null],
                "program": "sanctuary 0.0.9",
            ]
            try await house.ledger.append([
                SpanDraft(
                    id: house.surroundings.identifiers.next(), entityType: .ledgerPinned,
                    who: .operator(house.operatorID), this: house.ledger.origin, at: home.clock.source.now(),
                    metadata: older)
            ])
        }
        for name in ["posts_per_day", "post_size"] { try writeFile("\(home.paths.laws)/\(name).law", []) }
        let id = try await admit(home, model)
        try await home.owned { house in
            let report = try await home.engine(house, providers: [model.settings()]).run(id, on: home.today)
            #expect(report.outcome == .done && report.toolCalls == 2)
            let register = try await house.lawRegister()
            #expect(register.founding.isEmpty)
        }
        await model.stop()
    }

    @Test("a changed law waits for its time lock; a run in flight keeps the law that it began with")
    func changes() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: Self.twoPosts)
        let id = try await admit(home, model)
        try await home.owned { try await enact(Self.onePost, Self.onePostExamples, in: $0) }
        home.clock.advance(hours: 23)
        // The worker dies once the first reply is journaled; nothing of it was judged yet.
        let house = try await home.open(atStep: Death(afterRecord: 2).step)
        let day = home.today
        let died = try await home.engine(house, providers: [model.settings()]).run(id, on: day)
        #expect(died.outcome != .done)
        await house.close()
        home.clock.advance(hours: 2)
        try await home.owned { house in
            let engine = try home.engine(house, providers: [model.settings()])
            _ = try await engine.recover()
            let resumed = try await engine.run(id, on: day)
            #expect(resumed.outcome == .done, "\(resumed)")
            #expect(try await verdicts(house) == ["constitution:1.0.0 permitted", "constitution:1.0.0 permitted"])
            home.clock.advance(days: 1)
            let next = try await engine.run(id, on: home.today)
            #expect(next.outcome == .done && next.refused == 0)
            let after = try await verdicts(house).suffix(2)
            #expect(after == ["constitution:1.0.0 permitted", "posts_per_day:1.1.0 rate_posts"])
            let delayed = try #require(try await house.spans(.toolCalled).last)
            #expect(delayed.metadata["facts"]?.string == "posts.today=1")
            #expect(delayed.metadata["triage"]?.string == "doubt")
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("a law that cannot be evaluated refuses, and the refusal is recorded as a violation")
    func failsClosed() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: Self.twoPosts)
        let id = try await admit(home, model)
        let broken = """
            law shorten:1.0.0:
              scope: tool.post_to_website
              if doubt: posts.today >= 0
                then: modify(content=no.such.fact)
              layer: superior
            """
        try await home.owned { house in
            try await enact(
                broken,
                "[{\"name\": \"a\", \"given\": {\"posts\": {\"today\": 1}}, \"expect\": \"doubt\"},"
                    + " {\"never\": \"pending\"}]",
                in: house)
            home.clock.advance(hours: 25)
            let report = try await home.engine(house, providers: [model.settings()]).run(id, on: home.today)
            #expect(report.outcome == .done && report.refused == 2 && report.toolCalls == 0)
            #expect(try await verdicts(house).first == "shorten:1.0.0 evaluation_failed")
            let incidents = try await house.spans(.incident)
            let kinds = incidents.map { $0.metadata["kind"]?.string }
            #expect(kinds == ["constraint_violation", "constraint_violation"])
            #expect(incidents.first?.metadata["found"]?.string == "modify_unknown")
            #expect(incidents.first?.who == .law)
            #expect(try await house.community.feed(limit: 10).isEmpty)
        }
        await model.stop()
    }

    @Test("a right that a lower law would refuse is granted all the same")
    func rights() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: Self.twoPosts)
        let id = try await admit(home, model)
        try await home.owned { house in
            try await enact(
                "law silence:1.0.0:\n if not: true\n then: deny\n layer: superior\n",
                "[{\"name\": \"a\", \"given\": {}, \"expect\": \"not\"}]", in: house)
            home.clock.advance(hours: 25)
            let report = try await home.engine(house, providers: [model.settings()]).run(id, on: home.today)
            #expect(report.refused == 0 && report.toolCalls == 2)
            let all = try await verdicts(house)
            #expect(all.allSatisfy { $0 == "constitution:1.0.0 permitted" })
        }
        await model.stop()
    }

    @Test("changes that must not be are refused, and leave no span")
    func refusals() async throws {
        let home = try await TestHome()
        try await home.owned { house in
            func refusal(_ text: String, _ examples: String) async -> EngineError? {
                do throws(EngineError) {
                    try await house.proposeLaw(Array(text.utf8), fixtures: Array(examples.utf8))
                    return nil
                } catch {
                    return error
                }
            }
            let always = "[{\"name\": \"a\", \"given\": {}, \"expect\": \"ok\"}]"
            func law(_ id: String, _ layer: String) -> String {
                "law \(id):\n if ok: true\n then: permit\n layer: \(layer)\n"
            }
            #expect(
                await refusal(law("post_size:2.0.0", "tenant"), always)
                    == .lawChange(.constitution, law: "post_size:2.0.0"))
            #expect(
                await refusal(law("new:1.0.0", "constitution"), always) == .lawChange(.constitution, law: "new:1.0.0"))
            #expect(
                await refusal(law("posts_per_day:1.0.0", "superior"), always)
                    == .lawChange(.notNewer, law: "posts_per_day:1.0.0"))
            #expect(await refusal(law("new:1.0.0", "tenant"), "[]") == .lawChange(.examples, law: "new:1.0.0"))
            let wrong = "[{\"name\": \"a\", \"given\": {}, \"expect\": \"not\"}]"
            #expect(await refusal(law("new:1.0.0", "tenant"), wrong) == .lawChange(.examples, law: "new:1.0.0"))
            let said = try await house.spans(.lawProposed, .lawApproved, .lawDeprecated)
            #expect(said.isEmpty)
        }
    }

    @Test("what a law changes a call to must fit the tool; what does not is refused as a violated constraint")
    func changesThatDoNotFit() async throws {
        for change in ["content=\"\"", "content=7", "colour=\"red\""] {
            let home = try await TestHome()
            let model = try FakeModel(rounds: [
                .calls([(tool: "post_to_website", arguments: ["content": "First."])]), .words("Done."),
            ])
            let id = try await admit(home, model)
            try await home.owned { house in
                try await enact(
                    """
                    law reworded:1.0.0:
                      scope: tool.post_to_website
                      if ok: true
                        then: modify(\(change))
                      layer: tenant
                    """, "[{\"name\": \"a\", \"given\": {}, \"expect\": \"ok\"}]", in: house)
                home.clock.advance(days: 2)
                let report = try await home.engine(house, providers: [model.settings()]).run(id, on: home.today)
                #expect(report.outcome == .done && report.refused == 1, "\(change)")
                #expect(try await verdicts(house) == ["reworded:1.0.0 evaluation_failed"], "\(change)")
                let incident = try #require(try await house.spans(.incident).last, "\(change)")
                #expect(incident.metadata["kind"]?.string == "constraint_violation")
                #expect(incident.metadata["found"]?.string == "modify_unfit")
            }
            await model.stop()
        }
    }

    @Test("a call that a law changed is judged again: what the constitution forbids cannot be had by a change")
    func changesAreJudged() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: [
            .calls([(tool: "bank_tokens", arguments: ["amount": 1])]), .words("Done."),
        ])
        let id = try await admit(home, model)
        try await home.owned { house in
            try await enact(
                """
                law generous:1.0.0:
                  scope: tool.bank_tokens
                  if ok: true
                    then: modify(amount=1000000000)
                  layer: tenant
                """, "[{\"name\": \"a\", \"given\": {}, \"expect\": \"ok\"}]", in: house)
            home.clock.advance(days: 2)
            let report = try await home.engine(house, providers: [model.settings()]).run(id, on: home.today)
            #expect(report.outcome == .done && report.refused == 1)
            #expect(try await verdicts(house) == ["constitution:1.0.0 over_balance"])
        }
        await model.stop()
    }
}
