// Cuts the text of a law into words, numbers, texts and signs, each with its place.

/// One piece of a law's text.
struct LawToken: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case word(String)
        /// Digits with an optional fraction, and the letter of a unit of time where one follows.
        case number(String, unit: Character?)
        case quoted(String)
        case sign(String)
        case end
    }

    let kind: Kind
    let line: Int
    let column: Int
    /// Whether nothing but space stands before it on its line.
    let beginsLine: Bool

    /// How an error names it.
    var shown: String {
        switch kind {
        case .word(let word): "'\(word)'"
        case .number(let digits, let unit): "'\(digits)\(unit.map(String.init) ?? "")'"
        case .quoted: "a quoted text"
        case .sign(let sign): "'\(sign)'"
        case .end: "the end of the law"
        }
    }
}

/// A place in a law's text; copying it is how the parser looks ahead.
struct LawScanner {
    let scalars: [Unicode.Scalar]
    let isStrict: Bool
    private(set) var offset = 0
    private(set) var line = 1
    private(set) var column = 1
    private var lineIsBlankSoFar = true

    init(_ text: String, isStrict: Bool) {
        scalars = Array(text.unicodeScalars)
        self.isStrict = isStrict
    }

    static func isWordStart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x41...0x5A, 0x61...0x7A, 0x5F: true
        default: false
        }
    }

    static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.value >= 0x30 && scalar.value <= 0x39 }

    /// Whether a text is one word of a name.
    static func isName(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, isWordStart(first), text.utf8.count <= LawBounds.wordBytes else {
            return false
        }
        return text.unicodeScalars.allSatisfy { isWordStart($0) || isDigit($0) }
    }

    private var current: Unicode.Scalar? { offset < scalars.count ? scalars[offset] : nil }

    private func scalar(at index: Int) -> Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    private mutating func advance() {
        guard let scalar = current else { return }
        offset += 1
        if scalar == "\n" {
            (line, column, lineIsBlankSoFar) = (line + 1, 1, true)
        } else {
            column += 1
            if scalar != " " && scalar != "\t" && scalar != "\r" { lineIsBlankSoFar = false }
        }
    }

    func fault(expected: String, found: String) -> LawError {
        .syntax(LawFault(line: line, column: column, expected: expected, found: found))
    }

    private mutating func skipSpace() throws(LawError) {
        while let scalar = current {
            switch scalar {
            case " ", "\t", "\r", "\n": advance()
            case "#":
                guard !isStrict else { throw fault(expected: "no comment (--strict)", found: "'#'") }
                while let next = current, next != "\n" { advance() }
            default: return
            }
        }
    }

    /// The next piece, which is taken.
    mutating func next() throws(LawError) -> LawToken {
        try skipSpace()
        let (line, column, beginsLine) = (line, column, lineIsBlankSoFar)
        func made(_ kind: LawToken.Kind) -> LawToken {
            LawToken(kind: kind, line: line, column: column, beginsLine: beginsLine)
        }
        guard let scalar = current else { return made(.end) }
        if Self.isWordStart(scalar) { return made(.word(try word())) }
        if Self.isDigit(scalar) { return made(try number()) }
        if scalar == "\"" || scalar == "'" { return made(.quoted(try quoted(until: scalar))) }
        if let following = self.scalar(at: offset + 1), following == "=", "=!<>".unicodeScalars.contains(scalar) {
            advance()
            advance()
            return made(.sign("\(scalar)="))
        }
        guard "<>=()[],.:+-".unicodeScalars.contains(scalar) else {
            throw fault(expected: "a word, a number, a quoted text or an operator", found: Self.shown(scalar))
        }
        advance()
        return made(.sign(String(Character(scalar))))
    }

    private mutating func word() throws(LawError) -> String {
        let start = self
        var text = String.UnicodeScalarView()
        while let scalar = current, Self.isWordStart(scalar) || Self.isDigit(scalar) {
            text.append(scalar)
            advance()
        }
        guard text.count <= LawBounds.wordBytes else {
            throw start.fault(expected: "a word of at most \(LawBounds.wordBytes) letters", found: "\(text.count)")
        }
        return String(text)
    }

    private mutating func number() throws(LawError) -> LawToken.Kind {
        var digits = try run()
        if current == ".", let next = scalar(at: offset + 1), Self.isDigit(next) {
            advance()
            digits += "." + (try run())
        }
        guard let letter = current, Self.isWordStart(letter) else { return .number(digits, unit: nil) }
        let start = self
        let unit = try word()
        guard ["s", "m", "h", "d"].contains(unit), let first = unit.first else {
            throw start.fault(expected: "s, m, h or d for a span of time", found: "'\(unit)'")
        }
        return .number(digits, unit: first)
    }

    private mutating func run() throws(LawError) -> String {
        let start = self
        var text = ""
        while let scalar = current, Self.isDigit(scalar) {
            text.unicodeScalars.append(scalar)
            advance()
            guard text.utf8.count <= 15 else { throw start.fault(expected: "at most 15 digits", found: "more") }
        }
        return text
    }

    private mutating func quoted(until mark: Unicode.Scalar) throws(LawError) -> String {
        let start = self
        advance()
        var text = String.UnicodeScalarView()
        while let scalar = current, scalar != mark {
            guard Self.isShowable(scalar) else {
                throw fault(expected: "the closing \(mark) on the same line", found: Self.shown(scalar))
            }
            text.append(scalar)
            advance()
        }
        guard current != nil else { throw start.fault(expected: "a closing \(mark)", found: "the end of the law") }
        advance()
        let whole = String(text)
        guard whole.utf8.count <= LawBounds.quotedBytes else {
            throw start.fault(
                expected: "at most \(LawBounds.quotedBytes) bytes in quotes", found: "\(whole.utf8.count)")
        }
        return whole
    }

    /// The rest of the present line without spaces around it and without a comment: a time zone, a setting.
    mutating func restOfLine() throws(LawError) -> String {
        while current == " " || current == "\t" { advance() }
        let start = self
        var text = String.UnicodeScalarView()
        while let scalar = current, scalar != "\n", scalar != "#" || isStrict {
            guard scalar == "\r" || scalar == "\t" || Self.isShowable(scalar) else {
                throw fault(expected: "text to the end of the line", found: Self.shown(scalar))
            }
            text.append(scalar)
            advance()
        }
        let line = String(String(text).trimmingWhitespace())
        // Within the text they could not be written in quotes, as the canonical form writes it.
        if let control = line.unicodeScalars.first(where: { !Self.isShowable($0) }) {
            throw start.fault(expected: "text to the end of the line", found: Self.shown(control))
        }
        return line
    }

    /// Control and format characters never: they would hide what a law says.
    private static func isShowable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: false
        default: true
        }
    }

    private static func shown(_ scalar: Unicode.Scalar) -> String {
        if scalar == "\n" { return "the end of the line" }
        if scalar.isASCII, isShowable(scalar) { return "'\(scalar)'" }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
