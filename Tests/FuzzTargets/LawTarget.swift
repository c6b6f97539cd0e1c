// Properties of the law's reader, printer and evaluator.
import Encoding
import Law

/// Facts of every kind, made of the name alone: the same law always meets the same facts.
private struct FactsOfNames: FactSource {
    func value(of name: FactName) -> FactValue? {
        let hash = name.description.utf8.reduce(UInt64(14_695_981_039_346_656_037)) {
            ($0 ^ UInt64($1)) &* 1_099_511_628_211
        }
        return switch hash % 7 {
        case 0: nil
        case 1: .number(Int64(truncatingIfNeeded: hash))
        case 2: .instant(Int64(truncatingIfNeeded: hash))
        case 3: .duration(Int64(truncatingIfNeeded: hash >> 8))
        case 4: .list([.text(name.description), .number(1_000_000)])
        case 5: .truth(hash & 64 == 0)
        default: .text(String(name.description.prefix(3)))
        }
    }
}

func takeLaw(_ bytes: [UInt8]) throws(PropertyBroken) -> Bool {
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    let strict = try? LawText(text, isStrict: true)
    guard let law = try? LawText(text) else {
        try need(strict == nil, "what --strict accepts is a law")
        _ = try? LawFixtures(bytes)
        return false
    }
    if let strict { try need(strict == law, "a strict law means the same") }
    let printed = law.canonicalText
    if let again = try? LawText(printed) {
        try need(again == law, "a printed law is read as it was")
        try need(again.canonicalText == printed, "the canonical form is one")
    } else {
        // Printing spells out what may be written shorter, so it alone may pass the bound on size.
        try need(printed.utf8.count > LawBounds.textBytes, "a printed law is read")
    }
    guard let set = try? LawSet([(text: law, hash: "")]),
        let decision = set.decision(of: law.id.name, FactsOfNames()),
        let blind = set.decision(of: law.id.name, FactTable())
    else { throw PropertyBroken(description: "a law decides") }
    for made in [decision, blind] {
        try need(!made.isUndetermined || made.triage == .doubt, "what cannot be told is doubt")
        try need(made.triage != nil || made.actions.isEmpty, "nothing is done while pending")
        let steps = ActionComposition(made.actions).steps
        let position = steps.firstIndex(of: .appendLedger)
        try need(position == nil || position == steps.count - 1, "the ledger comes last, once")
    }
    return true
}
