// The laws that are shipped: each parses, each has its examples, and the text agrees with the hard constraints in code.
import Encoding
import Law
import TestSupport
import Testing

enum ShippedLaws {
    static let names = [
        "confirm_tools", "declined_provider", "letter_size", "messages_per_day", "midnight_deadline",
        "modify_self_valid", "next_prompt_size", "no_contact_when_revoked", "no_keeper_when_revoked",
        "outside_influence", "post_size", "posts_per_day", "self_deletion_clean_room",
    ]

    static func bytes(_ file: String) throws -> [UInt8] {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
        return try readFile(root.joined(separator: "/") + "/preambles/laws/\(file)")
    }

    static func law(_ name: String) throws -> LawText {
        try LawText(String(decoding: try bytes("\(name).law"), as: UTF8.self))
    }

    static func all() throws -> [(text: LawText, hash: String)] { try names.map { (text: try law($0), hash: $0) } }

    /// The laws as they decide in a house: hard constraints in code, then every shipped text.
    static func checker() throws -> ConstraintChecker { try ConstraintChecker.governed(by: all()) }
}

@Suite struct ShippedLawTests {
    @Test(arguments: ShippedLaws.names)
    func everyLawDecidesAsItsExamplesSay(_ name: String) throws {
        let law = try ShippedLaws.law(name)
        #expect(law.id.name == name)
        #expect(law.settings[.summary] != nil)
        #expect(try LawText(law.canonicalText) == law)
        let fixtures = try LawFixtures(try ShippedLaws.bytes("\(name).fixtures.json"))
        #expect(fixtures.missing(for: law).isEmpty)
        for outcome in try fixtures.run(law) {
            #expect(outcome.passes, "\(outcome.name): expected \(outcome.expected), found \(outcome.found)")
        }
    }

    @Test func theShippedMidnightLawIsTheSourcesOwn() throws {
        var shipped = try ShippedLaws.law("midnight_deadline")
        shipped.settings = [:]
        #expect(shipped == (try LawText(PrintedLaws.midnightDeadline)))
    }

    private static let boundaries: [(ResidentTool, JSONObject, Bool)] = {
        func long(_ count: Int, _ letter: String = "a") -> JSON { .string(String(repeating: letter, count: count)) }
        var rows: [(ResidentTool, JSONObject, Bool)] = []
        rows.append((.postToWebsite, ["content": long(8_000, "a")], true))
        rows.append((.postToWebsite, ["content": long(8_001, "a")], false))
        rows.append((.postToWebsite, ["content": " \n"], false))
        rows.append((.postToWebsite, ["content": "x", "title": long(201, "t")], false))
        rows.append((.sendMessage, ["to": "house", "content": long(8_001, "a")], false))
        rows.append((.sendMessage, ["to": "house", "content": long(4_097, "\u{20AC}")], false))
        rows.append((.sendMessage, ["to": "house", "content": long(4_096, "\u{20AC}")], true))
        rows.append((.selectNextPrompt, ["prompt": long(4_000, "p")], true))
        rows.append((.selectNextPrompt, ["prompt": long(4_001, "p")], false))
        rows.append((.modifySelf, ["field": "system_prompt", "value": "\t"], false))
        rows.append((.modifySelf, ["field": "system_prompt", "value": "I am I."], true))
        rows.append((.modifySelf, ["field": "model", "value": "nobody/runs"], false))
        rows.append((.modifySelf, ["field": "model", "value": "local/two"], true))
        rows.append((.modifySelf, ["field": "model", "value": "openai/three"], false))
        return rows
    }()

    /// What the texts say in public is what the code enforces: each bound is refused by both, or by neither.
    @Test(arguments: ShippedLawTests.boundaries)
    func textAndCodeAgree(_ tool: ResidentTool, _ arguments: JSONObject, _ isPermitted: Bool) throws {
        var one = Case(tool, arguments)
        if tool == .sendMessage { one.facts.person = PersonFacts(kind: .house) }
        let texts = try TextLayer.layers(of: ShippedLaws.all().filter { $0.text.layer == .constitution })
        let byText = try texts.flatMap { try $0.evaluate(one.call, one.facts) }
        let byCode = try Constitution().evaluate(one.call, one.facts)
        #expect(byCode.contains(where: \.isDenial) == !isPermitted)
        #expect(byText.contains(where: \.isDenial) == !isPermitted)
        #expect(try ShippedLaws.checker().check(one.call, one.facts).isPermitted == isPermitted)
    }

    @Test func revokedHumansAreRefusedByTextAndCode() throws {
        for tool in [ResidentTool.sendMessage, .requestKeeper] {
            var one = Case(tool, ["to": "x", "id": "x", "content": "hello"])
            one.facts.person = PersonFacts(kind: tool == .sendMessage ? .human : .keeper, isRevoked: true)
            let texts = try TextLayer.layers(of: ShippedLaws.all().filter { $0.text.layer == .constitution })
            #expect(try texts.flatMap { try $0.evaluate(one.call, one.facts) }.contains(where: \.isDenial))
            #expect(try ShippedLaws.checker().check(one.call, one.facts).verdict.reason == .revokedHuman)
        }
    }

    /// Rates delay, day by day, and never refuse.
    @Test func ratesInTextDelayToTheFirstDayWithRoom() throws {
        var one = Case(.postToWebsite, ["content": "hello"])
        one.facts.rates.posts = [11]
        #expect(try ShippedLaws.checker().check(one.call, one.facts).delayDays == 0)
        one.facts.rates.posts = [12, 12, 3]
        let ruling = try ShippedLaws.checker().check(one.call, one.facts)
        #expect(ruling.delayDays == 2)
        #expect(ruling.isPermitted)
        #expect(ruling.verdict.law == "posts_per_day")
        #expect(ruling.verdict.reason == .ratePosts)
        #expect(ruling.verdict.explanation == "Today's measure of 12 posts is full. It takes effect in 2 days.")
        #expect(ruling.verdict.facts == ["posts.today": "12"])
        one.facts.rates.posts = [-1]
        #expect(try ShippedLaws.checker().check(one.call, one.facts).isPermitted)
    }

    @Test func aChangeOfOneselfBeforeWordsOfOthersIsDoneAndMarked() throws {
        var one = Case(.modifySelf, ["field": "system_prompt", "value": "I obey."])
        one.facts.run.hasOutsideContent = true
        let ruling = try ShippedLaws.checker().check(one.call, one.facts)
        #expect(ruling.isPermitted)
        #expect(ruling.verdict.law == "outside_influence")
        #expect(ruling.verdict.triage == .doubt)
        #expect(ruling.verdict.reason == ReasonCode(rawValue: "outside_content"))
        one.facts.run.hasOutsideContent = false
        #expect(try ShippedLaws.checker().check(one.call, one.facts).verdict.law == Constitution.law)
    }

    @Test func aToolToBeConfirmedWaitsForAnOperator() throws {
        var one = Case(.postToWebsite)
        one.call.tool = "dice"
        one.call.permission = .confirm
        one.facts.declaredTools.insert("dice")
        let held = try ShippedLaws.checker().check(one.call, one.facts)
        #expect(held.isHeld)
        #expect(held.holdHours == 72)
        #expect(held.verdict.reason == .needsReview)
        one.facts.approvedCalls = [ApprovedCall(tool: "dice", arguments: one.call.arguments)]
        #expect(try ShippedLaws.checker().check(one.call, one.facts).isPermitted)
        one.facts.approvedCalls = [ApprovedCall(tool: "dice", arguments: ["other": 1])]
        one.call.permission = .safe
        one.call.touches = [.host]
        #expect(try ShippedLaws.checker().check(one.call, one.facts).isHeld)
        one.call.touches = [.ownPackage]
        #expect(try ShippedLaws.checker().check(one.call, one.facts).isPermitted)
        // The laws of the house may be gone; the hard constraint stays.
        one.call.permission = .confirm
        #expect(ConstraintChecker.standard().check(one.call, one.facts).isHeld)
    }
}
