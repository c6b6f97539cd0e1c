// Laws made by chance, from a seed, for properties that must hold of every law.
import Law

struct RandomLaw {
    var state: UInt64

    mutating func below(_ bound: UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return (mixed ^ (mixed >> 31)) % bound
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[Int(below(UInt64(elements.count)))] }

    mutating func word() -> String {
        pick(["a", "now", "accepted", "_x9", "Count", "quorum", "ok", "midnight", "h24"])
    }

    mutating func text() -> String { pick(["", "a", "it's", "say \"x\"", "два", "# no", "a:b, c", "  spaced "]) }

    mutating func name() -> [String] { (0...below(3)).map { _ in word() } }

    mutating func simple() -> LawValue {
        switch below(6) {
        case 0: .number(Int64(below(4_000_000_000)) - 2_000_000_000)
        case 1: .duration(Int64(below(100_000)) * 1_000)
        case 2: .text(text())
        case 3: .truth(below(2) == 0)
        default: .name(name())
        }
    }

    mutating func value() -> LawValue {
        switch below(8) {
        case 0: .list((0..<below(4)).map { _ in simple() })
        case 1: .sum(.sum(simple(), isNegative: below(2) == 0, simple()), isNegative: below(2) == 0, simple())
        case 2: .sum(simple(), isNegative: below(2) == 0, simple())
        default: simple()
        }
    }

    mutating func condition(_ depth: Int) -> LawExpression {
        switch depth > 0 ? below(6) : 5 {
        case 0: .or((0...below(2) + 1).map { _ in condition(depth - 1) })
        case 1: .and((0...below(2) + 1).map { _ in condition(depth - 1) })
        case 2: .not(condition(depth - 1))
        case 3: .value(value())
        default: .compare(value(), pick(LawComparison.allCases), value())
        }
    }

    mutating func action() -> LawAction {
        let text = pick(["ops", "a b", "24", "it's", "x.y", "true"])
        switch below(10) {
        case 0: return .accept
        case 1: return .hold(hours: Int(below(8_760)) + 1)
        case 2: return .terminate(reason: text)
        case 3: return .permit
        case 4: return .deny
        case 5: return .modify([LawArgument(key: "amount", value: value()), LawAction.nextDay])
        case 6: return .notify(role: text)
        case 7: return .tag(key: text, value: text)
        case 8: return .emit(entityType: text)
        default: return .appendLedger
        }
    }

    mutating func law() -> LawText? {
        guard let id = LawID("\(word()):1.\(below(20)).0") else { return nil }
        var law = LawText(id: id, branches: [])
        if below(2) == 0 { law.scope = name() }
        law.clock = pick([nil, .realtime, .midnight(zone: "America/Argentina/Buenos_Aires"), .midnight(zone: "UTC")])
        for triage in Triage.allCases where below(3) > 0 {
            law.branches.append(LawBranch(triage, condition(3), (0...below(3)).map { _ in action() }))
        }
        if law.branches.isEmpty { law.branches = [LawBranch(.not, condition(2), [.deny])] }
        if below(2) == 0 { law.settings[.layer] = pick(LawLayer.allCases).word }
        if below(2) == 0 { law.settings[.says] = pick(["a", "it's so", "say \"x\"", " # spaced"]) }
        if below(3) == 0 { law.settings[.endOfLife] = "2027-01-31" }
        return law
    }
}
