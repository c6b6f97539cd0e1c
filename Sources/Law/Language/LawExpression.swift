// What a branch of a law asks: comparisons joined by NOT, AND and OR.

/// How two values are compared.
public enum LawComparison: String, Sendable, Hashable, CaseIterable {
    /// The same.
    case equal = "=="
    /// Not the same.
    case unequal = "!="
    /// At least.
    case atLeast = ">="
    /// At most.
    case atMost = "<="
    /// More.
    case more = ">"
    /// Less.
    case less = "<"
    /// One of a list.
    case among = "in"
}

/// A value as a law writes it.
public indirect enum LawValue: Sendable, Hashable {
    /// A name, such as `approvals.count`; to the right of an operator a single word without a value is text.
    case name([String])
    /// A number, in millionths.
    case number(Int64)
    /// A span of time, in milliseconds.
    case duration(Int64)
    /// A quoted text.
    case text(String)
    /// `true` or `false`.
    case truth(Bool)
    /// Values in brackets.
    case list([LawValue])
    /// A value and another added to it, or taken from it.
    case sum(LawValue, isNegative: Bool, LawValue)
}

/// A condition.
public indirect enum LawExpression: Sendable, Hashable {
    /// One of them holds; at least two.
    case or([LawExpression])
    /// All of them hold; at least two.
    case and([LawExpression])
    /// It does not hold.
    case not(LawExpression)
    /// Two values compare so.
    case compare(LawValue, LawComparison, LawValue)
    /// A value that is true or false by itself.
    case value(LawValue)
}

extension LawExpression {
    /// Every name that it mentions, in order, each once.
    public var names: [[String]] {
        var found: [[String]] = []
        visit { if !found.contains($0) { found.append($0) } }
        return found
    }

    private func visit(_ take: ([String]) -> Void) {
        switch self {
        case .or(let parts), .and(let parts): for part in parts { part.visit(take) }
        case .not(let inner): inner.visit(take)
        case .compare(let left, _, let right):
            left.visit(take)
            right.visit(take)
        case .value(let value): value.visit(take)
        }
    }
}

extension LawValue {
    fileprivate func visit(_ take: ([String]) -> Void) {
        switch self {
        case .name(let words): take(words)
        case .sum(let left, _, let right):
            left.visit(take)
            right.visit(take)
        case .number, .duration, .text, .truth, .list: break
        }
    }
}
