// What the parser refuses, and how it says where; what the printer writes.
import Law
import Testing

@Suite struct ParserTests {
    private func fault(_ text: String) -> LawFault? {
        do throws(LawError) {
            _ = try LawText(text)
            return nil
        } catch {
            guard case .syntax(let fault) = error else { return nil }
            return fault
        }
    }

    private func law(_ condition: String, _ actions: String = "accept") -> String {
        "law a:1.0.0:\n  if ok: \(condition)\n  then: \(actions)\n"
    }

    @Test(arguments: [
        ("", "line 1, column 1: expected 'law', found the end of the law"),
        ("law", "line 1, column 4: expected the law's name, found the end of the law"),
        ("law a:1.0:", "line 1, column 7: expected a version such as 1.0.0 and ':', found '1.0:'"),
        ("law a:01.0.0:", "line 1, column 7: expected a version such as 1.0.0 and ':', found '01.0.0:'"),
        (
            "law a:1.0.0:\n",
            "line 2, column 1: expected 'scope:', 'clock:' or a branch"
                + " ('if ok:', 'if doubt:', 'if not:'), found the end of the law"
        ),
        (
            "law a:1.0.0:\n  clock: noon\n",
            "line 2, column 10: expected 'realtime' or 'midnight' and a time zone, found 'noon'"
        ),
        (
            "law a:1.0.0:\n  clock: midnight ../etc\n",
            "line 2, column 18: expected a time zone such as Europe/Paris, found '../etc'"
        ),
        (
            "law a:1.0.0:\n  if maybe: true\n then: accept",
            "line 2, column 6: expected 'ok', 'doubt' or 'not', found 'maybe'"
        ),
        (
            "law a:1.0.0:\n if not: true\n then: deny\n if ok: true\n then: permit",
            "line 4, column 2: expected the branches once each, in the order ok, doubt, not, found another 'if'"
        ),
        ("law a:1.0.0:\n if ok: a = b\n then: accept", "line 2, column 11: expected '==', found '='"),
        ("law a:1.0.0:\n if ok: a == \n then: accept", "line 3, column 2: expected a value, found 'then'"),
        (
            "law a:1.0.0:\n if ok: a == b == c\n then: accept",
            "line 2, column 16: expected AND, OR, an operator or 'then:', found '=='"
        ),
        (
            "law a:1.0.0:\n if ok: (a == b\n then: accept",
            "line 3, column 2: expected AND, OR, an operator or ')', found 'then'"
        ),
        (
            "law a:1.0.0:\n if ok: NOT NOT a\n then: accept",
            "line 2, column 13: expected a comparison or '(' after NOT, found 'NOT'"
        ),
        (
            "law a:1.0.0:\n if ok: a == \"b\n then: accept",
            "line 2, column 16: expected the closing \" on the same line, found the end of the line"
        ),
        (
            "law a:1.0.0:\n if ok: a >= 5w\n then: accept",
            "line 2, column 15: expected s, m, h or d for a span of time, found 'w'"
        ),
        (
            "law a:1.0.0:\n if ok: \u{430} == b\n then: accept",
            "line 2, column 9: expected a word, a number, a quoted text or an operator, found U+0430"
        ),
        (
            "law a:1.0.0:\n if ok: true\n then: explode",
            "line 3, column 8: expected an action (accept, hold, terminate, permit, deny, modify, notify, tag, emit,"
                + " append_ledger), found 'explode'"
        ),
        (
            "law a:1.0.0:\n if ok: true\n then: hold(hours=0)",
            "line 3, column 8: expected hours from 1 to 8760, found '0'"
        ),
        ("law a:1.0.0:\n if ok: true\n then: hold(days=1)", "line 3, column 13: expected 'hours=', found 'days'"),
        (
            "law a:1.0.0:\n if ok: true\n then: accept permit",
            "line 3, column 15: expected ',' and another action, 'if', a setting, or the end of the law, found 'permit'"
        ),
        (
            "law a:1.0.0:\n if ok: true\n then: accept\n colour: red",
            "line 4, column 2: expected a setting (layer, summary, says, end_of_life) or the end of the law,"
                + " found 'colour'"
        ),
        (
            "law a:1.0.0:\n if ok: true\n then: accept\n layer: king",
            "line 4, column 2: expected one of constitution, superior, app, tenant, user, found 'king'"
        ),
        (
            "law a:1.0.0:\n if ok: true\n then: accept\n end_of_life: soon",
            "line 4, column 2: expected a day such as 2027-01-31, found 'soon'"
        ),
    ])
    func faultsNamePlaceAndExpectation(_ text: String, _ message: String) {
        #expect(fault(text)?.description == message)
    }

    @Test func boundsAreRefusedNotCut() {
        let deep = String(repeating: "(", count: 40) + "a == b" + String(repeating: ")", count: 40)
        #expect(fault(law(deep))?.expected == "at most 32 parentheses deep")
        let long = Array(repeating: "a == b", count: 300).joined(separator: " OR ")
        #expect(fault(law(long))?.expected == "at most 512 parts in a condition")
        let list = "a in [" + Array(repeating: "b", count: 65).joined(separator: ", ") + "]"
        #expect(fault(law(list))?.expected == "at most 64 elements")
        #expect(
            fault(law("true", Array(repeating: "accept", count: 17).joined(separator: ", ")))?.expected
                == "at most 16 actions")
        #expect(fault(law("true") + String(repeating: " ", count: 20_000))?.expected == "at most 16384 bytes")
        #expect(fault(law("a > 10000000000000"))?.expected == "a number up to 10^12 with at most six decimals")
        #expect(fault(law("a > 1234567890123456"))?.expected == "at most 15 digits")
        #expect(fault(law("a.b.c.d.e.f.g.h.i"))?.expected == "a name of at most 8 words")
    }

    @Test(arguments: [
        ("a == b OR c AND NOT d", "a == b OR c AND NOT d"), ("(a OR b) AND c", "(a OR b) AND c"),
        ("NOT (a OR b)", "NOT (a OR b)"), ("((a))", "a"), ("a OR (b OR c)", "a OR (b OR c)"),
        ("NOT (NOT a)", "NOT (NOT a)"), ("a >= b + 90m - 30s", "a >= b + 90m - 30s"), ("a <= 2d", "a <= 48h"),
        ("a > -1.50", "a > -1.5"), ("a - -2 == 1", "a - -2 == 1"), ("a in ['x', y, 3]", "a in [\"x\", y, 3]"),
        ("a == 'say \"hi\"'", "a == 'say \"hi\"'"),
    ])
    func conditionsPrintCanonically(_ text: String, _ printed: String) throws {
        #expect(try LawText(law(text))[.ok]?.condition.printed == printed)
    }

    @Test func theWholeCanonicalForm() throws {
        let text = """
            # why
            law rate:2.1.0-rc.1:
              scope: tool.send_message
              clock: realtime
              if doubt: messages.today >= 20   # the twenty-first
                then: modify(delay=next_day,amount=tokens.left - 1),
                      tag(key=reason,val="a b")
              says: Come back tomorrow.
              layer: superior
            """
        #expect(
            try LawText(text).canonicalText == """
                law rate:2.1.0-rc.1:
                  scope: tool.send_message
                  clock: realtime
                  if doubt: messages.today >= 20
                    then: modify(delay=next_day, amount=tokens.left - 1), tag(key=reason, val="a b")
                  layer: "superior"
                  says: "Come back tomorrow."

                """)
    }

    /// SemVer 2.0.0, section 11.
    @Test func versionsAreOrderedAsSemVerSays() throws {
        let texts = [
            "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0",
        ]
        let versions = try texts.map { try #require(LawVersion($0)) }
        #expect(versions.shuffled().sorted() == versions)
        #expect(versions.map(\.description) == texts)
        for text in [
            "1", "1.0", "1.0.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0-a..b", "v1.0.0", "1.0.0-ü", "-1.0.0",
        ] {
            #expect(LawVersion(text) == nil, "\(text)")
        }
    }
}
