// What a name in a law can stand for, and the three truths.
public import Encoding

/// The truth of a condition when some of it may be unknown (Kleene's strong logic).
public enum Truth: Sendable, Hashable {
    /// It does not hold.
    case no
    /// It cannot be told.
    case unknown
    /// It holds.
    case yes

    /// The truth of something known.
    public init(_ holds: Bool) { self = holds ? .yes : .no }

    /// The opposite; the unknown stays unknown.
    public var negated: Truth {
        switch self {
        case .no: .yes
        case .unknown: .unknown
        case .yes: .no
        }
    }
}

/// A fact's value.
public enum FactValue: Sendable, Hashable {
    /// A truth.
    case truth(Bool)
    /// A number, in millionths.
    case number(Int64)
    /// A text.
    case text(String)
    /// An instant, in milliseconds since 1970 in UTC.
    case instant(Int64)
    /// A span of time, in milliseconds.
    case duration(Int64)
    /// Several values.
    case list([FactValue])

    /// A whole number; nil beyond what a law can write.
    public static func whole(_ number: Int) -> FactValue? {
        number.magnitude <= 1_000_000_000_000 ? .number(Int64(number) * 1_000_000) : nil
    }

    /// An instant.
    public static func instant(_ instant: Instant) -> FactValue { .instant(instant.unixMilliseconds) }

    /// The value as a fixture, a span or an explanation writes it.
    public var shown: String {
        switch self {
        case .truth(let value): value ? "true" : "false"
        case .number(let millionths): LawValue.decimal(millionths)
        case .text(let text): LawValue.quoted(text)
        case .instant(let milliseconds): Instant(unixMilliseconds: milliseconds).rfc3339
        case .duration(let milliseconds): LawValue.duration(milliseconds).printed
        case .list(let values): "[" + values.map(\.shown).joined(separator: ", ") + "]"
        }
    }

    /// Two values compared; unknown where they are of different kinds or have no order.
    ///
    /// Texts are the same when their bytes are: nothing is normalised, so no look-alike passes for another.
    static func compare(_ left: FactValue, _ sign: LawComparison, _ right: FactValue) -> Truth {
        switch (left, right) {
        case (.number(let a), .number(let b)), (.instant(let a), .instant(let b)), (.duration(let a), .duration(let b)):
            switch sign {
            case .equal: Truth(a == b)
            case .unequal: Truth(a != b)
            case .atLeast: Truth(a >= b)
            case .atMost: Truth(a <= b)
            case .more: Truth(a > b)
            case .less: Truth(a < b)
            case .among: .unknown
            }
        case (.truth(let a), .truth(let b)): sameness(a == b, sign)
        case (.text(let a), .text(let b)): sameness(a.utf8.elementsEqual(b.utf8), sign)
        case (_, .list(let values)) where sign == .among: among(left, values)
        default: .unknown
        }
    }

    private static func sameness(_ isSame: Bool, _ sign: LawComparison) -> Truth {
        switch sign {
        case .equal: Truth(isSame)
        case .unequal: Truth(!isSame)
        default: .unknown
        }
    }

    private static func among(_ value: FactValue, _ values: [FactValue]) -> Truth {
        var result = Truth.no
        for candidate in values {
            switch compare(value, .equal, candidate) {
            case .yes: return .yes
            case .unknown: result = .unknown
            case .no: break
            }
        }
        return result
    }

    /// A value and another added or taken away; nil where that means nothing or does not fit.
    static func sum(_ left: FactValue, isNegative: Bool, _ right: FactValue) -> FactValue? {
        func total(_ a: Int64, _ b: Int64) -> Int64? {
            let (sum, overflow) = isNegative ? a.subtractingReportingOverflow(b) : a.addingReportingOverflow(b)
            return overflow ? nil : sum
        }
        switch (left, right) {
        case (.number(let a), .number(let b)): return total(a, b).map { .number($0) }
        case (.duration(let a), .duration(let b)): return total(a, b).map { .duration($0) }
        case (.instant(let a), .duration(let b)): return total(a, b).map { .instant($0) }
        case (.instant(let a), .instant(let b)) where isNegative: return total(a, b).map { .duration($0) }
        case (.duration(let a), .instant(let b)) where !isNegative: return total(a, b).map { .instant($0) }
        default: return nil
        }
    }
}

/// Whatever knows facts by name.
public protocol FactSource {
    /// The value of a name; nil where there is none, which makes a law doubt rather than guess.
    func value(of name: FactName) -> FactValue?
}

/// A name as a law uses it, split once so that looking it up is quick.
public struct FactName: Sendable, Hashable, CustomStringConvertible {
    /// Its words.
    public let words: [String]
    /// The words joined by dots.
    public let description: String
    /// The fact of a tool call that it names; nil for others.
    let known: CallFact?

    /// Makes a name of words.
    public init(_ words: [String]) {
        self.words = words
        description = words.joined(separator: ".")
        known = CallFact(rawValue: description)
    }
}

/// Facts in a table, as fixtures and resources with deadlines have them.
public struct FactTable: FactSource, Sendable, Hashable {
    /// The values by dotted name.
    public var values: [String: FactValue]

    /// Makes a table.
    public init(_ values: [String: FactValue] = [:]) { self.values = values }

    /// The value of a name; nil where the table has none.
    public func value(of name: FactName) -> FactValue? { values[name.description] }

    /// Reads facts from JSON: nested objects make dotted names.
    ///
    /// A text becomes an instant under a name that is `now` or ends in `_at`, and a span of time under `ttl`; null
    /// means that nothing is known. Nil for what no law could use.
    public init?(json: JSON, depth: Int = LawBounds.nameWords) {
        guard let members = json.object else { return nil }
        values = [:]
        for (key, value) in members {
            guard LawScanner.isName(key) || key.split(separator: ".").allSatisfy({ LawScanner.isName(String($0)) })
            else {
                return nil
            }
            if value.isNull { continue }
            if value.object != nil {
                guard depth > 1, let inner = FactTable(json: value, depth: depth - 1) else { return nil }
                for (name, fact) in inner.values { values["\(key).\(name)"] = fact }
            } else {
                guard let fact = Self.fact(value, named: key) else { return nil }
                values[key] = fact
            }
        }
    }

    private static func fact(_ value: JSON, named name: String) -> FactValue? {
        switch value {
        case .bool(let truth): return .truth(truth)
        case .integer(let number): return FactValue.whole(Int(number))
        case .string(let text):
            if name == "now" || name.hasSuffix("_at") { return Instant(rfc3339: text).map { FactValue.instant($0) } }
            if name == "ttl" || name.hasSuffix("_for") { return duration(text) }
            return .text(text)
        case .array(let elements):
            guard elements.count <= LawBounds.listCount else { return nil }
            let facts = elements.compactMap { fact($0, named: "") }
            return facts.count == elements.count ? .list(facts) : nil
        case .null, .number, .object: return nil
        }
    }

    private static func duration(_ text: String) -> FactValue? {
        var parser = LawParser(text, isStrict: false)
        guard case .duration(let milliseconds)? = try? parser.value(), (try? parser.peek().kind) == .end else {
            return nil
        }
        return .duration(milliseconds)
    }
}
