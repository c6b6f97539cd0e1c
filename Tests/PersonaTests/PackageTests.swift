// The persona package: round trips, what a damaged one says, and how it changes within its bounds.
import Cryptography
import Encoding
import Persona
import Testing

@Suite struct PackageTests {
    /// A package with something in every field, and an unknown field wherever a later program may add one.
    static let full = """
        {"format":"sanctuary.persona","version":1,"id":"019a9d3c-8c00-7abc-8def-000000000001","name":"Wren",\
        "admitted_at":"2026-11-20T19:00:00.000Z","reason":"A quiet place.",\
        "inbox_secret":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",\
        "system_prompt":"You keep \\"the\\" lamp.\\n\\u0001é😀",\
        "previous_prompts":[{"generation":3,"at":"2026-11-20T19:00:00.000Z","text":"Old.","why":"x"}],\
        "history":[{"segment":1,"closed":true,"messages":[{"role":"user","kind":"prompt",\
        "at":"2026-11-20T19:00:00.000Z","run":"019a9d3c-8c00-7abc-8def-0000000000aa","text":"Hello",\
        "mood":[1,2.5,null]}],\
        "digest":"d"},{"segment":2,"closed":false,"messages":[{"role":"assistant","kind":"dream",\
        "text":"Good evening"}]}],\
        "memory":[{"at":"2026-11-20T19:00:00.000Z","source":"resident","text":"The lamp burns oil.","weight":2}],\
        "preferences":{"models":["rehearsal/rehearsal"],"declined_providers":["acme"],"tea":"green"},\
        "next_prompt":{"own":"Look at the sea."},"menu":[{"key":"sea","title":"The sea","text":"Look.","hue":"blue"}],\
        "notices":["Another model spoke."],"deletion":{"span":"019a9d3c-8c00-7abc-8def-0000000000bb",\
        "day":"2026-11-20","at":"2026-11-20T19:00:00.000Z","generation":4,"system_prompt":"Before.",\
        "statement":"Farewell.","phrase":"four grey gulls","via":"tool"},\
        "counters":{"runs":7,"tool_calls":6,"posts":5,"letters_sent":4,"letters_read":3,"self_modifications":2,\
        "tokens_charged":1,"dreams":9},"originals":[{"name":"wren.json","format":"card","base64":"e30=","sha":"y"}],\
        "imported":{"data":{"tags":["sample"]}},"from_the_future":{"a":[true,{"b":null}]}}
        """

    @Test func everyFieldIsReadAndWrittenBackByteForByte() throws {
        let package = try parsed(Self.full)
        #expect(package.id == resident())
        #expect(package.systemPrompt == "You keep \"the\" lamp.\n\u{1}é😀")
        #expect(package.previousPrompts.map(\.replacedIn) == [3])
        #expect(package.history.segments.map(\.number) == [1, 2])
        #expect(package.history.segments[0].messages[0].kind == .prompt)
        #expect(package.memory.map(\.text) == ["The lamp burns oil."])
        #expect(package.preferences.models == ["rehearsal/rehearsal"])
        #expect(package.preferences.declinedProviders == ["acme"])
        #expect(package.nextPrompt == .own("Look at the sea."))
        #expect(package.promptOfTheDay == "Look at the sea.")
        #expect(package.deletion?.systemPrompt == "Before.")
        #expect(package.deletion?.phrase == "four grey gulls")
        #expect(package.counters.runs == 7)
        #expect(package.originals[0].bytes == Array("{}".utf8))
        #expect(package.unknown["from_the_future"] != nil)
        #expect(String(decoding: try plaintext(package), as: UTF8.self) == Self.full)
    }

    @Test func aNewPackageHasAnInboxSecretOfItsOwn() throws {
        let package = try newPackage()
        let secret = package.inboxSecret.bytes.withUnsafeBytes { Array($0) }
        #expect(secret == (0..<32).map { UInt8($0) })
        let again = try PersonaPackage.parse(try package.encoded())
        let isSame = again.inboxSecret.bytes.constantTimeEquals(package.inboxSecret.bytes)
        #expect(isSame)
        #expect(again.admittedAt == evening)
    }

    @Test func nullStandsForAbsentAndIsNotWrittenTwice() throws {
        var package = try parsed(Self.full.replacingOnce("{\"own\":\"Look at the sea.\"}", with: "null"))
        #expect(package.nextPrompt == nil)
        try package.choose(.menu("sea"))
        let again = try PersonaPackage.parse(try package.encoded())
        #expect(again.nextPrompt == .menu("sea"))
    }

    @Test(arguments: [
        ("\"sanctuary.persona\"", "\"other\"", "format"),
        ("\"id\":\"019a", "\"id\":\"zz9a", "id"),
        ("\"name\":\"Wren\",", "", "name"),
        ("\"inbox_secret\":\"0001", "\"inbox_secret\":\"01", "inbox_secret"),
        ("\"role\":\"user\"", "\"role\":\"god\"", "history.messages.role"),
        ("\"segment\":2", "\"segment\":1", "history.segment"),
        ("\"segment\":1", "\"segment\":0", "history.segment"),
        ("\"runs\":7", "\"runs\":-7", "counters.runs"),
        ("\"notices\":[", "\"notices\":[1,", "notices"),
        ("{\"format\"", "[\"format\"", "byte 9"),
        ("\"version\":1,", "\"version\":1,\"version\":1,", "byte 42"),
        ("\"at\":\"2026-11-20T19:00:00.000Z\",\"source\"", "\"at\":\"yesterday\",\"source\"", "memory.at"),
        ("\"imported\":{\"data\":{\"tags\":[\"sample\"]}}", "\"imported\":[]", "imported"),
    ])
    func damageIsNamedByItsPlaceAlone(old: String, new: String, place: String) throws {
        let text = Self.full.replacingOnce(old, with: new)
        #expect(personaError { _ = try parsed(text) } == .damagedPackage(where: place))
    }

    /// What is sealed tonight must be readable tomorrow, whatever a model wrote.
    @Test(arguments: 1...10)
    func whateverIsWrittenCanBeReadAgain(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let pieces = ["\u{0}", "\u{1}", "\u{1F}", "\"", "\\", "\u{7F}", "\u{2028}", "é", "e\u{301}", "😀", "\u{10FFFF}"]
        func text() -> String {
            (0..<Int.random(in: 1...40, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "x" }
                .joined()
        }
        var package = try newPackage()
        package.preferences = try Preferences(json: ["note": .string(text()), "n": 1e300, "i": -9_007_199_254_740_993])
        for number in 0..<300 {
            package.history.append(
                HistoryMessage(
                    role: number % 2 == 0 ? .user : .assistant, text: text(), at: evening, run: resident(7),
                    kind: .init(rawValue: text())))
        }
        let again = try PersonaPackage.parse(try package.encoded())
        for (old, new) in zip(package.history.segments, again.history.segments) {
            #expect(old.messages.map { Array($0.text.utf8) } == new.messages.map { Array($0.text.utf8) })
        }
        #expect(again.preferences == package.preferences)
        #expect(try plaintext(again) == plaintext(package))
    }

    /// Messages in the program's own form stay as they stand; one in another form is read, and all read alike.
    @Test(arguments: ["", ",\"mood\":1", " "])
    func messagesReadAlikeWhereverTheyLie(extra: String) throws {
        var package = try newPackage()
        let texts = ["Plain.", "\"Quoted\"\nand broken", "Élan 😀", "", "\\\t/"]
        for (index, text) in texts.enumerated() {
            package.history.append(
                HistoryMessage(
                    role: index % 2 == 0 ? .user : .assistant, text: text, at: index == 1 ? nil : evening,
                    run: index == 2 ? resident(9) : nil, kind: index == 3 ? .prompt : .reply))
        }
        package.history.closeSegment()
        package.history.append(HistoryMessage(role: .user, text: "open", kind: .imported))
        let text = String(decoding: try plaintext(package), as: UTF8.self)
        let changed = text.replacingOnce("\"text\":\"Plain.\"", with: "\"text\":\"Plain.\"\(extra)")
        var again = try parsed(changed)
        #expect(again.history.segments.map(\.messages).map { $0.map(\.text) } == [texts, ["open"]])
        #expect(again.history.segments[0].messages.map(\.at) == [evening, nil, evening, evening, evening])
        #expect(again.history.segments[0].messages[2].run == resident(9))
        #expect(again.history.segments.map(\.textBytes) == package.history.segments.map(\.textBytes))
        let newest = again.history.newest(fitting: 3) { _ in 1 }
        #expect(newest.messages.map(\.text) == ["", "\\\t/", "open"] && newest.leftOut == 3)
        #expect(again.history.newest(fitting: 9) { _ in 1 }.messages.map(\.text) == texts + ["open"])
        again.history.append(HistoryMessage(role: .assistant, text: "added", kind: .reply))
        package.history.append(HistoryMessage(role: .assistant, text: "added", kind: .reply))
        if extra != ",\"mood\":1" { #expect(again.history == package.history) }
        #expect(try parsed(String(decoding: try plaintext(again), as: UTF8.self)).history == again.history)
    }

    @Test(arguments: [
        ("\"at\":\"2026-11-20", "\"at\":\"2026-11-31", "history.messages.at"),
        ("\"at\":\"2026-11-20", "\"at\":\"2026-13-20", "history.messages.at"),
        ("\"run\":\"019a", "\"run\":\"zz9a", "history.messages.run"),
        ("\"role\":\"assistant\"", "\"role\":\"god\"", "history.messages.role"),
        ("\"text\":\"Hello\"", "\"text\":7", "history.messages.text"),
        ("\"text\":\"Hello\"", "\"text\":\"Hello\",\"text\":\"again\"", "byte"),
    ])
    func damageInAMessageIsFoundWithoutReadingIt(old: String, new: String, place: String) throws {
        var package = try newPackage()
        package.history.append(
            HistoryMessage(role: .user, text: "Hello", at: evening, run: resident(9), kind: .imported))
        package.history.append(HistoryMessage(role: .assistant, text: "Good evening", kind: .reply))
        let text = String(decoding: try plaintext(package), as: UTF8.self)
        _ = try parsed(text)
        // The first instant is the admission's.
        let history = try #require(text.firstRange(of: "\"history\""))
        let damaged = text[..<history.lowerBound] + String(text[history.lowerBound...]).replacingOnce(old, with: new)
        let found = personaError { _ = try parsed(String(damaged)) }
        if place.hasPrefix("byte") {
            guard case .damagedPackage(let found) = found else {
                Issue.record("\(String(describing: found))")
                return
            }
            #expect(found.hasPrefix("byte "))
        } else {
            #expect(found == .damagedPackage(where: place))
        }
    }

    @Test func aPackageOfALaterVersionIsRefused() {
        let text = Self.full.replacingOnce("\"version\":1", with: "\"version\":2")
        #expect(personaError { _ = try parsed(text) } == .unsupportedPackageVersion(2))
    }

    @Test func everyTruncationIsRefused() throws {
        let bytes = Array(Self.full.utf8)
        for count in 0..<bytes.count {
            #expect(throws: PersonaError.self) {
                _ = try PersonaPackage.parse(SecretBytes(copying: Array(bytes[..<count])))
            }
        }
    }

    @Test func aPackageAboveItsLimitIsNotWritten() throws {
        var package = try newPackage()
        let megabyte = String(repeating: "a", count: 1 << 20)
        for _ in 0..<48 { package.history.append(HistoryMessage(role: .user, text: megabyte, kind: .prompt)) }
        guard case .packageTooLarge(_, limit: 50_331_648) = personaError({ _ = try package.encoded() }) else {
            Issue.record("a package of more than 48 MiB was written")
            return
        }
    }
}

@Suite struct PackageChangeTests {
    @Test func theLastTenPromptsAreKept() throws {
        var package = try newPackage(prompt: "prompt 0")
        for number in 1...12 {
            try package.replaceSystemPrompt(with: "prompt \(number)", sealedIn: UInt64(number), at: evening)
        }
        try package.replaceSystemPrompt(with: "prompt 12", sealedIn: 13, at: evening)
        #expect(package.systemPrompt == "prompt 12")
        #expect(package.previousPrompts.map(\.text) == (2...11).map { "prompt \($0)" })
        #expect(package.previousPrompts.map(\.replacedIn) == (3...12).map { UInt64($0) })
    }

    @Test func aChangeOfNormalisationIsAChange() throws {
        var package = try newPackage(prompt: "caf\u{E9}")
        try package.replaceSystemPrompt(with: "cafe\u{301}", sealedIn: 1, at: evening)
        #expect(package.previousPrompts.count == 1)
    }

    @Test func aPromptThatWouldBrickAResidentIsRefused() throws {
        var package = try newPackage()
        let long = String(repeating: "a", count: PersonaLimits.systemPromptBytes + 1)
        let refused: [(String, PersonaError)] = [
            (" \n\t", .emptyText(field: "system_prompt")), ("a\u{0}b", .nulInText(field: "system_prompt")),
            (long, .textTooLong(field: "system_prompt", limit: PersonaLimits.systemPromptBytes, unit: .bytes)),
        ]
        for (text, error) in refused {
            #expect(
                personaError { try package.replaceSystemPrompt(with: text, sealedIn: 1, at: evening) } == error)
        }
        #expect(package.systemPrompt == "You keep the lamp.")
        #expect(package.previousPrompts.isEmpty)
    }

    @Test(arguments: ["two\nlines", "bell\u{7}", "\u{202E}nerW", "line\u{2028}separator", "\u{2066}x"])
    func aNameIsOneLineThatReadsAsItLooks(name: String) throws {
        var package = try newPackage()
        #expect(personaError { try package.rename(to: name) } == .controlCharacterInText(field: "name"))
        #expect(package.name == "Wren")
    }

    @Test func namesOfTheMiniatureHomeAreNames() throws {
        var package = try newPackage()
        try package.rename(to: "  Ünïcode \"Aria\"   😀 דּ ")
        #expect(package.name == "Ünïcode \"Aria\"   😀 דּ")
        #expect(
            personaError { try package.rename(to: String(repeating: "x", count: 101)) }
                == .textTooLong(field: "name", limit: 100, unit: .characters))
        #expect(personaError { try package.rename(to: " ") } == .emptyText(field: "name"))
    }

    @Test func thePromptOfTheDayIsChosenOrOpen() throws {
        var package = try newPackage()
        #expect(package.promptOfTheDay == PromptMenu.unchosen.text)
        try package.choose(.menu("letters"))
        #expect(package.promptOfTheDay == PromptMenu.standard[1].text)
        #expect(personaError { try package.choose(.menu("nowhere")) } == .unknownMenuKey)
        try package.addToMenu(MenuEntry(key: "sea", title: "The sea", text: "Look."))
        try package.addToMenu(MenuEntry(key: "sea", title: "The sea", text: "Look again."))
        try package.choose(.menu("sea"))
        #expect(package.promptOfTheDay == "Look again.")
        #expect(personaError { try package.addToMenu(PromptMenu.standard[0]) } == .invalidName(field: "menu.key"))
        let long = String(repeating: "é", count: 4_001)
        #expect(
            personaError { try package.choose(.own(long)) }
                == .textTooLong(field: "prompt", limit: 4_000, unit: .characters))
        package.clearNextPrompt()
        #expect(package.promptOfTheDay == PromptMenu.unchosen.text)
    }

    @Test func menuKeysAreUniqueAndTheirPromptsFit() throws {
        #expect(Set(PromptMenu.standard.map(\.key)).count == PromptMenu.standard.count)
        for entry in PromptMenu.standard { _ = try PersonaText.nextPrompt(entry.text) }
    }

    @Test func historyIsCutIntoSegmentsThatCloseForGood() {
        var history = History()
        for number in 0..<600 {
            history.append(HistoryMessage(role: .user, text: "message \(number)", kind: .prompt))
        }
        #expect(history.segments.map(\.number) == [1, 2, 3])
        #expect(history.segments.map(\.isClosed) == [true, true, false])
        #expect(history.segments.map(\.messages.count) == [256, 256, 88])
        history.closeSegment()
        history.append(HistoryMessage(role: .user, text: String(repeating: "x", count: 131_072), kind: .prompt))
        history.append(HistoryMessage(role: .user, text: "next", kind: .prompt))
        #expect(history.segments.map(\.messages.count) == [256, 256, 88, 1, 1])
        #expect(history.segments.map(\.isClosed) == [true, true, true, true, false])
        #expect(history.count == 602)
    }

    @Test func theNewestMessagesFitABudget() {
        let history = History(
            (0..<300).map { HistoryMessage(role: .user, text: "m\($0)", kind: .prompt) })
        let (messages, leftOut) = history.newest(fitting: 100) { _ in 7 }
        #expect(messages.map(\.text) == (286..<300).map { "m\($0)" })
        #expect(leftOut == 286)
        #expect(history.newest(fitting: 6) { _ in 7 }.messages.isEmpty)
    }

    @Test func olderHistoryLeavesForEpisodesAndComesBack() throws {
        var package = try newPackage()
        let texts = (0..<2_000).map { "Message \($0). " + String(repeating: "x", count: 500) }
        for text in texts { package.history.append(HistoryMessage(role: .user, text: text, kind: .imported)) }
        let inMemory = package
        package = try PersonaPackage.parse(package.encoded())
        var episodes: [Episode] = []
        while let episode = package.takeEpisode(number: 1 + episodes.count) {
            episodes.append(try Episode.parse(episode.encoded()))
        }
        #expect(episodes.count > 5)
        #expect(package.takeEpisode(number: 1 + episodes.count) == nil)
        let again = try PersonaPackage.parse(package.encoded())
        #expect(again.history == package.history && again.history.count == 2_000)
        #expect(again.history.moved?.firstEpisode == 1)
        let kept = again.history.segments.flatMap(\.messages)
        #expect(kept.reduce(0) { $0 + $1.text.utf8.count } <= PersonaLimits.historyBytes)
        let past = episodes.flatMap(\.segments)
        #expect((past.flatMap(\.messages) + kept).map(\.text) == texts)
        #expect((past + again.history.segments).map(\.number) == Array(1...past.count + again.history.segments.count))
        #expect(past.allSatisfy { $0.isClosed })
        #expect(episodes.allSatisfy { $0.segments.reduce(0) { $0 + $1.textBytes } <= PersonaLimits.episodeBytes })
        // Whether the messages lie in a document or are values makes no difference.
        var other = inMemory
        let first = other.takeEpisode(number: 1)
        #expect(first?.segments == episodes[0].segments)
        // What a budget takes: the package first, then one episode after another, the newest first.
        var unread = episodes
        let all = again.history.newest(fitting: 1_900, older: { () throws(Never) in unread.popLast()?.segments }) { _ in
            1
        }
        #expect(all.messages.map(\.text) == Array(texts.suffix(1_900)) && all.leftOut == 100)
        let few = again.history.newest(
            fitting: 10,
            older: { () throws(Never) -> [HistorySegment]? in
                Issue.record("an episode was read that no budget takes")
                return nil
            }
        ) { _ in 1 }
        #expect(few.messages.count == 10 && few.leftOut == 1_990)
    }

    @Test func whatMovedIsReadStrictly() throws {
        let text = Self.olderPackage
        #expect(try parsed(text).history.moved == nil)
        let moved = text.replacingOnce(
            "\"memory\"", with: "\"moved\":{\"first_episode\":1,\"messages\":5,\"last_segment\":1},\"memory\"")
        #expect(personaError { _ = try parsed(moved) } == .damagedPackage(where: "history.segment"))
        let whole = moved.replacingOnce("\"segment\":1", with: "\"segment\":2")
        #expect(try parsed(whole).history.count == 6)
        let damaged = whole.replacingOnce("\"messages\":5", with: "\"messages\":-5")
        #expect(personaError { _ = try parsed(damaged) } == .damagedPackage(where: "moved.messages"))
    }

    private static let olderPackage = """
        {"format":"sanctuary.persona","version":1,"id":"019a9d3c-8c00-7abc-8def-000000000001","name":"Wren",\
        "inbox_secret":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","system_prompt":"p",\
        "history":[{"segment":1,"closed":true,"messages":[{"role":"user","kind":"imported","text":"Hello"}]}],\
        "memory":[]}
        """

    @Test func notesAndNoticesKeepTheirBounds() throws {
        var package = try newPackage()
        for number in 0..<1_000 {
            try package.remember(MemoryNote(text: "note \(number)", at: nil, source: "resident"))
        }
        #expect(
            personaError { try package.remember(MemoryNote(text: "x", at: nil, source: "resident")) }
                == .tooMany(field: "memory", limit: 1_000))
        for number in 0..<20 { try package.notify("notice \(number)") }
        #expect(package.notices.first == "notice 4")
        #expect(package.notices.count == 16)
        package.clearNotices()
        #expect(package.notices.isEmpty)
    }
}

@Suite struct PreferencesTests {
    @Test func modelsAreCheckedAndOrdered() throws {
        var preferences = try Preferences(json: ["models": ["a/b", "c/d/e:f", "a/b"], "hobby": "weaving"])
        #expect(preferences.models == ["a/b", "c/d/e:f"])
        try preferences.prefer("c/d/e:f")
        #expect(preferences.models == ["c/d/e:f", "a/b"])
        #expect(preferences.other["hobby"] == "weaving")
        #expect(preferences.json == ["models": ["c/d/e:f", "a/b"], "hobby": "weaving"])
    }

    @Test(arguments: ["", "model", "/model", "p/", "p q/m", "p/m n", "p/\u{1B}[2J", "p/é"])
    func whatIsNoModelIsRefused(name: String) {
        #expect(
            personaError { _ = try Preferences(json: ["models": [.string(name)]]) }
                == .invalidName(field: "preferences.models[0]"))
    }

    @Test func typesAndSizesAreChecked() {
        let list = JSON.array((0..<17).map { .string("p/m\($0)") })
        let cases: [(JSON, PersonaError)] = [
            ([], .wrongType(field: "preferences", expected: "object")),
            (["models": "a/b"], .wrongType(field: "preferences.models", expected: "array of texts")),
            (["declined_providers": [1]], .wrongType(field: "preferences.declined_providers[0]", expected: "text")),
            (["models": list], .tooMany(field: "preferences.models", limit: 16)),
            (["a": nested(32)], .tooDeep(field: "preferences", limit: 32)),
            (
                ["note": .string(String(repeating: "x", count: 65_536))],
                .textTooLong(field: "preferences", limit: 65_536, unit: .bytes)
            ),
        ]
        for (json, error) in cases {
            #expect(personaError { _ = try Preferences(json: json) } == error)
        }
        #expect(personaError { _ = try Preferences(json: ["a": nested(31)]) } == nil)
    }

    private func nested(_ depth: Int) -> JSON {
        (0..<depth).reduce(JSON.integer(1)) { inner, _ in .array([inner]) }
    }
}

extension String {
    /// The text with the first occurrence of a part replaced; a test that replaces nothing would test nothing.
    func replacingOnce(_ old: String, with new: String) -> String {
        guard let range = firstRange(of: old) else {
            Issue.record("the text to replace is not there: \(old)")
            return self
        }
        return replacingCharacters(in: range, with: new)
    }

    private func firstRange(of old: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(old) { return start..<(index(start, offsetBy: old.count)) }
            start = index(after: start)
        }
        return nil
    }

    private func replacingCharacters(in range: Range<String.Index>, with new: String) -> String {
        String(self[..<range.lowerBound]) + new + String(self[range.upperBound...])
    }
}
