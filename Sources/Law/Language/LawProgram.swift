// A law made ready for deciding: its names are numbers of slots, its literals are values.

/// A value of a program.
indirect enum ProgramValue: Sendable {
    case slot(Int)
    /// A single word to the right of an operator: the value of its name, else the word itself beside a text.
    case bareword(Int, FactValue)
    case literal(FactValue)
    case sum(ProgramValue, isNegative: Bool, ProgramValue)
}

/// A condition of a program.
indirect enum ProgramCondition: Sendable {
    case or([ProgramCondition])
    case and([ProgramCondition])
    case not(ProgramCondition)
    case compare(ProgramValue, LawComparison, ProgramValue)
    case value(ProgramValue)
}

/// Names of facts that never stand for themselves as a text, even where they have no value.
private let reservedNames: Set<String> = [
    "now", "deadline_at", "created_at", "accepted", "quorum", "ttl", "deadline_passed", "no_response",
]

/// The names that laws mention, each with the number of its slot.
struct SlotTable: Sendable {
    private(set) var names: [FactName] = []
    private var numbers: [[String]: Int] = [:]

    mutating func slot(_ words: [String]) -> Int {
        if let number = numbers[words] { return number }
        numbers[words] = names.count
        names.append(FactName(words))
        return names.count - 1
    }

    mutating func condition(_ expression: LawExpression) -> ProgramCondition {
        switch expression {
        case .or(let parts): .or(parts.map { condition($0) })
        case .and(let parts): .and(parts.map { condition($0) })
        case .not(let inner): .not(condition(inner))
        case .value(let value): .value(self.value(value))
        case .compare(let left, let sign, let right):
            .compare(value(left), sign, rightValue(right, beside: left))
        }
    }

    private mutating func rightValue(_ right: LawValue, beside left: LawValue) -> ProgramValue {
        guard case .name(let words) = right, words.count == 1, case .name = left, !reservedNames.contains(words[0])
        else { return value(right) }
        return .bareword(slot(words), .text(words[0]))
    }

    mutating func value(_ value: LawValue) -> ProgramValue {
        switch value {
        case .name(let words): .slot(slot(words))
        case .sum(let left, let isNegative, let right):
            .sum(self.value(left), isNegative: isNegative, self.value(right))
        default: Self.literal(value).map { .literal($0) } ?? .literal(.list([]))
        }
    }

    /// A value that needs no fact; words in a list are texts.
    private static func literal(_ value: LawValue) -> FactValue? {
        switch value {
        case .number(let millionths): .number(millionths)
        case .duration(let milliseconds): .duration(milliseconds)
        case .text(let text): .text(text)
        case .truth(let truth): .truth(truth)
        case .name(let words): .text(words.joined(separator: "."))
        case .list(let values): .list(values.compactMap { literal($0) })
        case .sum: nil
        }
    }
}

/// The facts of one decision by slot, looked up as they are needed.
struct Slots<Source: FactSource> {
    let names: [FactName]
    let source: Source
    private var values: [FactValue?]
    private var isKnown: [Bool]

    init(_ names: [FactName], from source: Source) {
        self.names = names
        self.source = source
        values = Array(repeating: nil, count: names.count)
        isKnown = Array(repeating: false, count: names.count)
    }

    subscript(slot: Int) -> FactValue? {
        mutating get {
            if isKnown[slot] { return values[slot] }
            let value = source.value(of: names[slot])
            values[slot] = value
            isKnown[slot] = true
            return value
        }
    }

    mutating func truth(of condition: ProgramCondition) -> Truth {
        switch condition {
        case .or(let parts):
            var result = Truth.no
            for part in parts {
                switch truth(of: part) {
                case .yes: return .yes
                case .unknown: result = .unknown
                case .no: break
                }
            }
            return result
        case .and(let parts):
            var result = Truth.yes
            for part in parts {
                switch truth(of: part) {
                case .no: return .no
                case .unknown: result = .unknown
                case .yes: break
                }
            }
            return result
        case .not(let inner): return truth(of: inner).negated
        case .value(let value):
            guard case .truth(let truth)? = self.value(value) else { return .unknown }
            return Truth(truth)
        case .compare(let left, let sign, let right):
            guard let left = value(left) else { return .unknown }
            if case .bareword(let slot, let word) = right {
                if let right = self[slot] { return FactValue.compare(left, sign, right) }
                return FactValue.compare(left, sign, word)
            }
            guard let right = value(right) else { return .unknown }
            return FactValue.compare(left, sign, right)
        }
    }

    mutating func value(_ value: ProgramValue) -> FactValue? {
        switch value {
        case .slot(let slot), .bareword(let slot, _): return self[slot]
        case .literal(let literal): return literal
        case .sum(let left, let isNegative, let right):
            guard let left = self.value(left), let right = self.value(right) else { return nil }
            return FactValue.sum(left, isNegative: isNegative, right)
        }
    }
}
