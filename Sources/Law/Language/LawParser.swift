// Reads the text of one law; every mistake names line, column and what was expected.
import Encoding

extension LawText {
    /// Reads one law.
    ///
    /// - Parameter isStrict: accepts the grammar as the source document prints it, and nothing of what was added.
    public init(_ text: String, isStrict: Bool = false) throws(LawError) {
        guard text.utf8.count <= LawBounds.textBytes else {
            throw .syntax(
                LawFault(
                    line: 1, column: 1, expected: "at most \(LawBounds.textBytes) bytes", found: "\(text.utf8.count)"))
        }
        var parser = LawParser(text, isStrict: isStrict)
        self = try parser.law()
    }
}

/// The parser, by recursive descent with one piece of look-ahead.
struct LawParser {
    var scanner: LawScanner
    let isStrict: Bool
    var depth = 0
    var parts = 0

    init(_ text: String, isStrict: Bool) {
        scanner = LawScanner(text, isStrict: isStrict)
        self.isStrict = isStrict
    }

    func peek() throws(LawError) -> LawToken {
        var ahead = scanner
        return try ahead.next()
    }

    mutating func take() throws(LawError) -> LawToken { try scanner.next() }

    func fault(_ expected: String, at token: LawToken) -> LawError {
        .syntax(LawFault(line: token.line, column: token.column, expected: expected, found: token.shown))
    }

    func refuse(_ expected: String, found: String, at token: LawToken) -> LawError {
        .syntax(LawFault(line: token.line, column: token.column, expected: expected, found: found))
    }

    mutating func expect(word: String) throws(LawError) {
        let token = try take()
        guard token.kind == .word(word) else { throw fault("'\(word)'", at: token) }
    }

    mutating func expect(sign: String, as what: String? = nil) throws(LawError) {
        let token = try take()
        guard token.kind == .sign(sign) else { throw fault(what ?? "'\(sign)'", at: token) }
    }

    mutating func accept(sign: String) throws(LawError) -> Bool {
        guard try peek().kind == .sign(sign) else { return false }
        _ = try take()
        return true
    }

    private func needLineStart(_ token: LawToken, _ what: String) throws(LawError) {
        guard token.beginsLine else { throw fault("\(what) on a line of its own", at: token) }
    }

    mutating func law() throws(LawError) -> LawText {
        try expect(word: "law")
        let id = try lawID()
        var law = LawText(id: id, branches: [])
        try header(of: &law)
        for triage in Triage.allCases {
            guard let branch = try branch(triage) else { continue }
            law.branches.append(branch)
        }
        let after = try peek()
        if law.branches.isEmpty {
            throw fault(
                isStrict ? "'if ok:'" : "'scope:', 'clock:' or a branch ('if ok:', 'if doubt:', 'if not:')", at: after)
        }
        if after.kind == .word("if") {
            throw refuse("the branches once each, in the order ok, doubt, not", found: "another 'if'", at: after)
        }
        try settings(of: &law)
        return law
    }

    private mutating func lawID() throws(LawError) -> LawID {
        let token = try take()
        guard case .word(let name) = token.kind else { throw fault("the law's name", at: token) }
        try expect(sign: ":", as: "':' and the law's version")
        let place = try peek()
        let rest = try scanner.restOfLine()
        guard rest.hasSuffix(":"), let version = LawVersion(String(rest.dropLast())),
            let id = LawID(name: name, version: version)
        else {
            throw refuse(
                "a version such as 1.0.0 and ':'", found: rest.isEmpty ? "nothing" : "'\(rest.prefix(40))'", at: place)
        }
        return id
    }

    private mutating func header(of law: inout LawText) throws(LawError) {
        if try peek().kind == .word("scope") {
            try needLineStart(try take(), "'scope:'")
            try expect(sign: ":")
            let first = try take()
            guard case .word(let word) = first.kind else { throw fault("what the law speaks about", at: first) }
            law.scope = try dotted(from: word, at: first)
        } else if isStrict {
            throw fault("'scope:' (--strict)", at: try peek())
        }
        if try peek().kind == .word("clock") {
            try needLineStart(try take(), "'clock:'")
            try expect(sign: ":")
            law.clock = try clock()
        } else if isStrict {
            throw fault("'clock:' (--strict)", at: try peek())
        }
    }

    private mutating func clock() throws(LawError) -> LawClock {
        let token = try take()
        switch token.kind {
        case .word("realtime"): return .realtime
        case .word("midnight"):
            let place = scanner
            let zone = try scanner.restOfLine()
            guard Self.isZone(zone) else {
                throw place.fault(
                    expected: "a time zone such as Europe/Paris",
                    found: zone.isEmpty ? "nothing" : "'\(zone.prefix(40))'")
            }
            return .midnight(zone: zone)
        default: throw fault("'realtime' or 'midnight' and a time zone", at: token)
        }
    }

    /// The form of a name in tzdata, which can be no path out of its folder.
    static func isZone(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 64 else { return false }
        return text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.unicodeScalars.first, LawScanner.isWordStart(first) else { return false }
            return part.unicodeScalars.allSatisfy {
                LawScanner.isWordStart($0) || LawScanner.isDigit($0) || $0 == "+" || $0 == "-"
            }
        }
    }

    private mutating func branch(_ triage: Triage) throws(LawError) -> LawBranch? {
        var ahead = scanner
        let opening = try ahead.next()
        guard opening.kind == .word("if") else {
            if isStrict { throw fault("'if \(triage.rawValue):' (--strict)", at: opening) }
            return nil
        }
        let word = try ahead.next()
        guard case .word(let text) = word.kind, let named = Triage(rawValue: text) else {
            throw fault("'ok', 'doubt' or 'not'", at: word)
        }
        guard named == triage else {
            if isStrict { throw fault("'\(triage.rawValue)' (--strict)", at: word) }
            return nil
        }
        try needLineStart(opening, "'if'")
        scanner = ahead
        try expect(sign: ":")
        parts = 0
        let condition = try expression()
        let then = try take()
        guard then.kind == .word("then") else { throw fault("AND, OR, an operator or 'then:'", at: then) }
        if isStrict { try needLineStart(then, "'then:'") }
        try expect(sign: ":")
        return LawBranch(triage, condition, try actions())
    }

    private mutating func settings(of law: inout LawText) throws(LawError) {
        while true {
            let token = try take()
            if token.kind == .end { return }
            guard case .word(let word) = token.kind, token.beginsLine else {
                throw fault("',' and another action, 'if', a setting, or the end of the law", at: token)
            }
            guard !isStrict else { throw fault("the end of the law (--strict)", at: token) }
            guard let setting = LawSetting(rawValue: word) else {
                let known = LawSetting.allCases.map(\.rawValue).joined(separator: ", ")
                throw fault("a setting (\(known)) or the end of the law", at: token)
            }
            guard law.settings[setting] == nil else {
                throw refuse("each setting once", found: "another \(word)", at: token)
            }
            try expect(sign: ":")
            law.settings[setting] = try settingText(setting, token)
        }
    }

    private mutating func settingText(_ setting: LawSetting, _ token: LawToken) throws(LawError) -> String {
        let text: String
        if case .quoted(let quoted) = try peek().kind {
            _ = try take()
            text = quoted
        } else {
            text = try scanner.restOfLine()
        }
        guard !text.isEmpty, text.utf8.count <= LawBounds.quotedBytes, !(text.contains("\"") && text.contains("'"))
        else {
            throw refuse(
                "a text of 1 to \(LawBounds.quotedBytes) bytes with one kind of quotes", found: "another", at: token)
        }
        switch setting {
        case .layer where LawLayer(word: text) == nil:
            let words = LawLayer.allCases.map(\.word).joined(separator: ", ")
            throw refuse("one of \(words)", found: "'\(text.prefix(40))'", at: token)
        case .endOfLife where CivilDate(text) == nil:
            throw refuse("a day such as 2027-01-31", found: "'\(text.prefix(40))'", at: token)
        default: break
        }
        return text
    }
}
