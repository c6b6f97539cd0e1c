// Conditions as flat code over small numbers, for laws that are asked a hundred thousand times a second.

/// A value as a few bits: texts are numbers of literals, what fits into no such number is left to the slower way.
struct QuickValue: Sendable, Equatable {
    enum Kind: UInt8, Sendable { case unread, unknown, truth, number, instant, duration, text, other }

    var kind: Kind
    var bits: Int64

    static let unread = QuickValue(kind: .unread, bits: 0)
    static let unknown = QuickValue(kind: .unknown, bits: 0)

    /// Two values compared; nil where only the slower way can tell.
    @inline(__always)
    static func compare(_ left: QuickValue, _ sign: LawComparison, _ right: QuickValue) -> Truth? {
        if left.kind == .other || right.kind == .other { return nil }
        guard left.kind == right.kind, left.kind != .unknown else { return .unknown }
        switch left.kind {
        case .number, .instant, .duration:
            switch sign {
            case .equal: return Truth(left.bits == right.bits)
            case .unequal: return Truth(left.bits != right.bits)
            case .atLeast: return Truth(left.bits >= right.bits)
            case .atMost: return Truth(left.bits <= right.bits)
            case .more: return Truth(left.bits > right.bits)
            case .less: return Truth(left.bits < right.bits)
            case .among: return .unknown
            }
        case .truth, .text:
            // A text of no number is the same as no literal; two such must be looked at.
            if left.bits < 0, right.bits < 0 { return nil }
            switch sign {
            case .equal: return Truth(left.bits == right.bits)
            case .unequal: return Truth(left.bits != right.bits)
            default: return .unknown
            }
        case .unread, .unknown, .other: return nil
        }
    }
}

/// A text by its bytes: two spellings of one letter are two keys.
struct TextKey: Sendable, Hashable {
    let text: String

    static func == (left: TextKey, right: TextKey) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

/// One step of the code.
struct CodeNode: Sendable {
    enum Operation: UInt8, Sendable { case or, and, not, compare, among, value, slow }

    var operation: Operation
    var sign = LawComparison.equal
    /// The first part, the left operand, or the condition of the slower way.
    var first: Int32 = 0
    /// The parts' count, or the right operand; operands from 0 are slots, below 0 literals (-1 is the first).
    var second: Int32 = 0
    /// What a single word to the right of an operator stands for without a value: a literal; 0 for none.
    var word: Int32 = 0
    /// The condition of the slower way that says the same.
    var slow: Int32 = -1
}

/// The code of all laws of a set.
struct LawCode: Sendable {
    private(set) var nodes: [CodeNode] = []
    private(set) var links: [Int32] = []
    private(set) var literals: [QuickValue] = []
    private(set) var slow: [ProgramCondition] = []
    private var texts: [TextKey: Int64] = [:]

    /// Adds a condition; the number of its node.
    mutating func add(_ condition: ProgramCondition) -> Int32 {
        var node: CodeNode
        switch condition {
        case .or(let parts), .and(let parts):
            let numbers = parts.map { add($0) }
            var operation = CodeNode.Operation.and
            if case .or = condition { operation = .or }
            node = CodeNode(operation: operation, first: Int32(links.count), second: Int32(numbers.count))
            links += numbers
        case .not(let inner): node = CodeNode(operation: .not, first: add(inner))
        case .value(let value):
            node = CodeNode(operation: .slow)
            if let operand = operand(value) { node = CodeNode(operation: .value, first: operand) }
            node.slow = keep(condition)
        case .compare(let left, let sign, let right):
            node = CodeNode(operation: .slow)
            if let made = comparison(left, sign, right) { node = made }
            node.slow = keep(condition)
        }
        nodes.append(node)
        return Int32(nodes.count - 1)
    }

    private mutating func keep(_ condition: ProgramCondition) -> Int32 {
        slow.append(condition)
        return Int32(slow.count - 1)
    }

    private mutating func comparison(
        _ left: ProgramValue, _ sign: LawComparison, _ right: ProgramValue
    ) -> CodeNode? {
        guard let first = operand(left) else { return nil }
        if sign == .among {
            guard case .literal(.list(let values)) = right else { return nil }
            let quick = values.compactMap { self.quick($0) }
            guard quick.count == values.count else { return nil }
            let start = literals.count
            literals += quick
            return CodeNode(operation: .among, sign: sign, first: first, second: Int32(start), word: Int32(quick.count))
        }
        if case .bareword(let slot, let word) = right, let literal = literal(word) {
            return CodeNode(operation: .compare, sign: sign, first: first, second: Int32(slot), word: literal)
        }
        guard let second = operand(right) else { return nil }
        return CodeNode(operation: .compare, sign: sign, first: first, second: second)
    }

    private mutating func operand(_ value: ProgramValue) -> Int32? {
        switch value {
        case .slot(let slot): Int32(slot)
        case .literal(let value): literal(value)
        case .bareword, .sum: nil
        }
    }

    private mutating func literal(_ value: FactValue) -> Int32? {
        guard let quick = quick(value) else { return nil }
        literals.append(quick)
        return -Int32(literals.count)
    }

    private mutating func quick(_ value: FactValue) -> QuickValue? {
        if case .text(let text) = value {
            let number = texts[TextKey(text: text)] ?? Int64(texts.count)
            texts[TextKey(text: text)] = number
            return QuickValue(kind: .text, bits: number)
        }
        let quick = read(value)
        return quick.kind == .other ? nil : quick
    }

    /// A fact as a few bits.
    func read(_ value: FactValue?) -> QuickValue {
        switch value {
        case nil: .unknown
        case .truth(let truth): QuickValue(kind: .truth, bits: truth ? 1 : 0)
        case .number(let number): QuickValue(kind: .number, bits: number)
        case .instant(let instant): QuickValue(kind: .instant, bits: instant)
        case .duration(let duration): QuickValue(kind: .duration, bits: duration)
        case .text(let text): QuickValue(kind: .text, bits: texts[TextKey(text: text)] ?? -1)
        case .list: QuickValue(kind: .other, bits: 0)
        }
    }
}

/// Runs code on the facts of one decision.
struct CodeRun<Source: FactSource> {
    private let code: LawCode
    private let names: [FactName]
    private let source: Source
    private var quick: [QuickValue]
    /// The slower way, made when it is first needed.
    private var slots: Slots<Source>?

    init(_ code: LawCode, _ names: [FactName], _ source: Source) {
        self.code = code
        self.names = names
        self.source = source
        quick = Array(repeating: .unread, count: names.count)
    }

    private mutating func slowTruth(of condition: Int32) -> Truth {
        var slots = slots ?? Slots(names, from: source)
        let truth = slots.truth(of: code.slow[Int(condition)])
        self.slots = slots
        return truth
    }

    @inline(__always)
    private mutating func operand(_ number: Int32) -> QuickValue {
        if number < 0 { return code.literals[Int(-number) - 1] }
        let read = quick[Int(number)]
        if read.kind != .unread { return read }
        let value = code.read(source.value(of: names[Int(number)]))
        quick[Int(number)] = value
        return value
    }

    mutating func truth(of number: Int32) -> Truth {
        let node = code.nodes[Int(number)]
        switch node.operation {
        case .or:
            var result = Truth.no
            for link in Int(node.first)..<Int(node.first + node.second) {
                switch truth(of: code.links[link]) {
                case .yes: return .yes
                case .unknown: result = .unknown
                case .no: break
                }
            }
            return result
        case .and:
            var result = Truth.yes
            for link in Int(node.first)..<Int(node.first + node.second) {
                switch truth(of: code.links[link]) {
                case .no: return .no
                case .unknown: result = .unknown
                case .yes: break
                }
            }
            return result
        case .not: return truth(of: node.first).negated
        case .value:
            let value = operand(node.first)
            return value.kind == .truth ? Truth(value.bits != 0) : .unknown
        case .compare:
            let left = operand(node.first)
            var right = operand(node.second)
            if node.word != 0, right.kind == .unknown { right = operand(node.word) }
            return QuickValue.compare(left, node.sign, right) ?? slowTruth(of: node.slow)
        case .among: return among(node)
        case .slow: return slowTruth(of: node.slow)
        }
    }

    private mutating func among(_ node: CodeNode) -> Truth {
        let left = operand(node.first)
        var result = left.kind == .unknown ? Truth.unknown : .no
        for index in Int(node.second)..<Int(node.second + node.word) {
            switch QuickValue.compare(left, .equal, code.literals[index]) {
            case .yes?: return .yes
            case .unknown?: result = .unknown
            case .no?: break
            case nil: return slowTruth(of: node.slow)
            }
        }
        return result
    }
}
