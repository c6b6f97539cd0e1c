// Three truths, values of every kind, barewords, arithmetic.
import Encoding
import Law
import Testing

@Suite struct EvaluatorTests {
    /// The decision of a law whose only branch is `if ok`.
    private func outcome(_ condition: String, _ facts: String = "{}") throws -> String {
        let law = try LawText("law a:1.0.0:\n  if ok: \(condition)\n  then: permit\n")
        let set = try LawSet([(text: law, hash: "")])
        let table = try #require(FactTable(json: try JSON.parse(Array(facts.utf8))))
        let decision = try #require(set.decision(of: "a", table))
        return decision.isUndetermined ? "unknown" : decision.triage == .ok ? "yes" : "no"
    }

    /// Kleene's strong logic over every pair of truths.
    @Test func theTruthTables() throws {
        let facts = "{\"t\": true, \"f\": false}"
        for (left, right, and, or) in [
            ("t", "t", "yes", "yes"), ("t", "f", "no", "yes"), ("t", "u", "unknown", "yes"), ("f", "t", "no", "yes"),
            ("f", "f", "no", "no"), ("f", "u", "no", "unknown"), ("u", "t", "unknown", "yes"),
            ("u", "f", "no", "unknown"), ("u", "u", "unknown", "unknown"),
        ] {
            #expect(try outcome("\(left) AND \(right)", facts) == and, "\(left) AND \(right)")
            #expect(try outcome("\(left) OR \(right)", facts) == or, "\(left) OR \(right)")
        }
        #expect(try outcome("NOT t", facts) == "no")
        #expect(try outcome("NOT f", facts) == "yes")
        #expect(try outcome("NOT u", facts) == "unknown")
    }

    /// S1-89: NOT binds tighter than AND, AND than OR.
    @Test func precedence() throws {
        let facts = "{\"t\": true, \"f\": false}"
        #expect(try outcome("t OR t AND f", facts) == "yes")
        #expect(try outcome("(t OR t) AND f", facts) == "no")
        #expect(try outcome("NOT f AND f", facts) == "no")
        #expect(try outcome("NOT (f AND f)", facts) == "yes")
        #expect(try outcome("NOT t == f", facts) == "yes")
    }

    @Test(arguments: [
        ("n == 3", "yes"), ("n != 3", "no"), ("n >= 3", "yes"), ("n > 3", "no"), ("n < 3.000001", "yes"),
        ("n == \"3\"", "unknown"), ("s == open", "yes"), ("s != 'open'", "no"), ("s == shut", "no"),
        ("s > a", "unknown"), ("s in [open, shut]", "yes"), ("s in ['Open', 'shut']", "no"),
        ("s in [1, 2]", "unknown"), ("s in [1, open]", "yes"), ("s in l", "yes"), ("n in l", "unknown"),
        ("s in missing.list", "unknown"), ("\"x\" in l", "no"), ("n + 2 == 5", "yes"), ("n - 5 == -2", "yes"),
        ("n + s == 3", "unknown"), ("ttl <= 24h", "yes"), ("ttl + 30m > 1d", "no"),
        ("now >= created_at + 24h", "yes"), ("now - created_at == 48h", "yes"), ("now - 72h < created_at", "yes"),
        ("now >= deadline_at", "unknown"), ("s == quorum", "unknown"), ("b", "yes"), ("n", "unknown"),
        ("s", "unknown"), ("missing", "unknown"), ("b == true", "yes"), ("b > false", "unknown"), ("true", "yes"),
        ("l == l", "unknown"),
    ])
    func comparisons(_ condition: String, _ expected: String) throws {
        let facts = """
            {"n": 3, "s": "open", "b": true, "l": ["open", "late"], "ttl": "23h",
             "now": "2026-11-23T00:00:00.000Z", "created_at": "2026-11-21T00:00:00.000Z"}
            """
        #expect(try outcome(condition, facts) == expected)
    }

    /// No look-alike passes for another: composed and decomposed letters, Cyrillic for Latin.
    @Test func textsAreComparedByteByByte() throws {
        #expect(try outcome("s == \"caf\u{E9}\"", "{\"s\": \"cafe\\u0301\"}") == "no")
        #expect(try outcome("s == \"ops\"", "{\"s\": \"\\u043eps\"}") == "no")
        #expect(try outcome("s in [ops]", "{\"s\": \"\\u043eps\"}") == "no")
    }

    @Test func arithmeticThatOverflowsIsUnknown() throws {
        let law = try LawText("law a:1.0.0:\n  if ok: now + 1s > now\n  then: permit\n")
        let set = try LawSet([(text: law, hash: "")])
        let far = try #require(set.decision(of: "a", FactTable(["now": .instant(Int64.max - 1)])))
        #expect(far.isUndetermined)
        let near = try #require(set.decision(of: "a", FactTable(["now": .instant(0)])))
        #expect(near.triage == .ok)
    }

    @Test func factsThatNoLawCouldUseAreRefused() throws {
        for text in ["[]", "{\"a b\": 1}", "{\"a\": 1.5}", "{\"now\": \"yesterday\"}", "{\"ttl\": \"soon\"}"] {
            #expect(FactTable(json: try JSON.parse(Array(text.utf8))) == nil, "\(text)")
        }
        #expect(try #require(FactTable(json: ["a": nil])).values.isEmpty)
    }

    @Test func setsRefuseTwoVersionsOfOneLawAndTooManyLaws() throws {
        let law = try LawText("law a:1.0.0:\n if ok: true\n then: permit")
        var other = law
        other.id = try #require(LawID("a:2.0.0"))
        #expect(throws: LawError.duplicateLaw(name: "a")) { try LawSet([(law, ""), (other, "")]) }
        let many = (0..<300).compactMap { LawID("l\($0):1.0.0") }.map { id in
            var copy = law
            copy.id = id
            return (text: copy, hash: "")
        }
        #expect(throws: LawError.tooManyLaws(count: 300)) { try LawSet(many) }
    }

    /// Article 13: S1-139 to S1-147.
    @Test func actionsCompose() {
        let composed = ActionComposition([
            .appendLedger, .hold(hours: 2), .tag(key: "status", value: "strong"), .accept, .notify(role: "ops"),
            .tag(key: "status", value: "weak"), .hold(hours: 24), .terminate(reason: "late"), .notify(role: "ops"),
            .emit(entityType: "incident"), .notify(role: "audit"), .appendLedger,
        ])
        #expect(
            composed.steps == [
                .transition(.terminate(reason: "late")), .tag(key: "status", value: "strong"), .notify(role: "ops"),
                .notify(role: "audit"), .emit(entityType: "incident"), .appendLedger,
            ])
        #expect(composed.holdHours == 24)
        #expect(ActionComposition([.hold(hours: 1), .accept]).transition == .accept)
        for (actions, expected) in [
            ([LawAction.permit, .modify([]), .hold(hours: 1), .deny], Authorisation.deny),
            ([.permit, .hold(hours: 1), .modify([])], .hold), ([.permit, .modify([])], .modify), ([.permit], .permit),
        ] { #expect(ActionComposition(actions).authorisation == expected) }
        #expect(ActionComposition([.appendLedger]).authorisation == nil)
    }
}
