// Reads the conditions of a law: NOT binds tighter than AND, AND than OR.

extension LawParser {
    /// Counts one more part of a condition.
    private mutating func count(at token: LawToken) throws(LawError) {
        parts += 1
        guard parts <= LawBounds.parts else {
            throw refuse("at most \(LawBounds.parts) parts in a condition", found: "more", at: token)
        }
    }

    mutating func expression() throws(LawError) -> LawExpression {
        var terms = [try conjunction()]
        while try peek().kind == .word("OR") {
            _ = try take()
            terms.append(try conjunction())
        }
        return terms.count == 1 ? terms[0] : .or(terms)
    }

    private mutating func conjunction() throws(LawError) -> LawExpression {
        var terms = [try negation()]
        while try peek().kind == .word("AND") {
            _ = try take()
            terms.append(try negation())
        }
        return terms.count == 1 ? terms[0] : .and(terms)
    }

    private mutating func negation() throws(LawError) -> LawExpression {
        let token = try peek()
        guard token.kind == .word("NOT") else { return try primary() }
        _ = try take()
        try count(at: token)
        if try peek().kind == .word("NOT") { throw fault("a comparison or '(' after NOT", at: try peek()) }
        return .not(try primary())
    }

    private mutating func primary() throws(LawError) -> LawExpression {
        let token = try peek()
        try count(at: token)
        guard token.kind == .sign("(") else { return try comparison() }
        guard !isStrict else { throw fault("a comparison (--strict)", at: token) }
        guard depth < LawBounds.depth else {
            throw refuse("at most \(LawBounds.depth) parentheses deep", found: "one more", at: token)
        }
        _ = try take()
        depth += 1
        defer { depth -= 1 }
        let inner = try expression()
        try expect(sign: ")", as: "AND, OR, an operator or ')'")
        return inner
    }

    private mutating func comparison() throws(LawError) -> LawExpression {
        let left = try value()
        let token = try peek()
        var sign: LawComparison?
        switch token.kind {
        case .sign(let text): sign = LawComparison(rawValue: text)
        case .word("in"): sign = .among
        default: break
        }
        guard let sign else {
            guard !isStrict else { throw fault("one of == != >= <= > < (--strict)", at: token) }
            if token.kind == .sign("=") { throw fault("'=='", at: token) }
            return .value(left)
        }
        guard !isStrict || sign != .among else { throw fault("one of == != >= <= > < (--strict)", at: token) }
        _ = try take()
        return .compare(left, sign, try value())
    }

    /// A value with what is added to it or taken from it.
    mutating func value() throws(LawError) -> LawValue {
        var whole = try atom()
        while true {
            let token = try peek()
            guard token.kind == .sign("+") || token.kind == .sign("-") else { return whole }
            guard !isStrict else { throw fault("no '+' or '-' (--strict)", at: token) }
            _ = try take()
            try count(at: token)
            if case .list = whole { throw fault("no arithmetic with a list", at: token) }
            let right = try atom()
            if case .list = right { throw fault("no arithmetic with a list", at: token) }
            whole = .sum(whole, isNegative: token.kind == .sign("-"), right)
        }
    }

    private mutating func atom() throws(LawError) -> LawValue {
        let token = try take()
        try count(at: token)
        switch token.kind {
        case .sign("["):
            guard !isStrict else { throw fault("a value (--strict)", at: token) }
            return .list(try list())
        case .word: return try simple(token)
        default: return try simple(token)
        }
    }

    private mutating func list() throws(LawError) -> [LawValue] {
        var values: [LawValue] = []
        if try accept(sign: "]") { return values }
        while true {
            let token = try take()
            try count(at: token)
            guard values.count < LawBounds.listCount else {
                throw refuse("at most \(LawBounds.listCount) elements", found: "one more", at: token)
            }
            values.append(try simple(token))
            if try accept(sign: "]") { return values }
            try expect(sign: ",", as: "',' or ']'")
        }
    }

    /// A name, a number, a span of time, a text or a truth.
    private mutating func simple(_ token: LawToken) throws(LawError) -> LawValue {
        switch token.kind {
        case .word("true"): return .truth(true)
        case .word("false"): return .truth(false)
        case .word(let word):
            guard !["AND", "OR", "NOT", "in", "then", "if"].contains(word) else { throw fault("a value", at: token) }
            return .name(try dotted(from: word, at: token))
        case .quoted(let text): return .text(text)
        case .number(let digits, let unit): return try number(digits, unit, isNegative: false, at: token)
        case .sign("-"):
            let next = try take()
            guard case .number(let digits, nil) = next.kind else { throw fault("a number after '-'", at: next) }
            return try number(digits, nil, isNegative: true, at: next)
        default: throw fault("a value", at: token)
        }
    }

    /// The words of a name that go on behind a first.
    mutating func dotted(from first: String, at token: LawToken) throws(LawError) -> [String] {
        var words = [first]
        while try peek().kind == .sign(".") {
            _ = try take()
            let next = try take()
            guard case .word(let word) = next.kind else { throw fault("a word after '.'", at: next) }
            words.append(word)
            guard words.count <= LawBounds.nameWords else {
                throw refuse("a name of at most \(LawBounds.nameWords) words", found: "more", at: token)
            }
        }
        return words
    }

    private func number(
        _ digits: String, _ unit: Character?, isNegative: Bool, at token: LawToken
    ) throws(LawError) -> LawValue {
        let parts = digits.split(separator: ".")
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        guard let whole = Int64(parts[0]), whole <= 1_000_000_000_000, fraction.utf8.count <= 6,
            let rest = Int64(fraction + String(repeating: "0", count: 6 - fraction.utf8.count))
        else { throw refuse("a number up to 10^12 with at most six decimals", found: "'\(digits)'", at: token) }
        guard let unit else { return .number((whole * 1_000_000 + rest) * (isNegative ? -1 : 1)) }
        guard fraction.isEmpty, whole <= 1_000_000 else {
            throw refuse("a whole number up to a million before '\(unit)'", found: "'\(digits)'", at: token)
        }
        let milliseconds: Int64 =
            switch unit {
            case "s": 1_000
            case "m": 60_000
            case "h": 3_600_000
            default: 86_400_000
            }
        return .duration(whole * milliseconds)
    }
}
