// `sanctuary law explain SPAN`: which law, which branch, which facts, in plain words.
import Encoding
import Engine
import Law
import Ledger

extension Commands {
    static let lawExplain = CommandSpecification(
        name: "explain", summary: "why a decision fell as it did", operands: "SPAN", minimumOperands: 1,
        maximumOperands: 1,
        details: "SPAN is an id or a position of a tool call or a decision; 'sanctuary ledger tail' lists spans."
    ) { call in
        let text = call.operand(0) ?? ""
        return try await call.withHouse(.reader) { house in
            let span: Span?
            if let position = Int(text), position >= 0 {
                span = try await house.ledger.span(at: position)
            } else if let id = Identifier(text) {
                span = try await house.ledger.span(id)
            } else {
                throw CommandError.usage(
                    "'\(shown(text))' is neither an id nor a position", hint: "'sanctuary ledger tail' lists spans")
            }
            guard let span, let decision = ExplainedDecision(span, laws: try await house.lawRegister()) else {
                throw CommandError.usage(
                    "span '\(shown(text))' is no decision of a law",
                    hint: "tool.called, tool.refused, call.held and law.decided are")
            }
            if call.output.isJSON {
                call.output.document(decision.json)
            } else {
                call.output.result(decision.lines.map { TextSafety.forTerminal($0) }.joined(separator: "\n"))
            }
            return .success
        }
    }
}

/// A decision on the record beside the law that made it.
struct ExplainedDecision {
    let span: Span
    let id: String
    let law: LawText?
    let triage: Triage?

    /// Reads what a span says of a decision; nil for any other span.
    init?(_ span: Span, laws: LawRegister) {
        guard [.toolCalled, .toolRefused, .callHeld, .lawDecided].contains(span.entityType),
            let id = span.metadata["law"]?.string
        else { return nil }
        self.span = span
        self.id = id
        let known = laws.proposals.map(\.law.text).reversed() + laws.founding.map(\.text)
        law = LawID(id).flatMap { wanted in known.first { $0.id == wanted } }
        triage = span.metadata["triage"]?.string.flatMap { Triage(rawValue: $0) }
    }

    private var outcome: String {
        switch span.entityType {
        case .toolCalled: "the call of \(span.this) was let pass"
        case .toolRefused: "the call of \(span.this) was refused"
        case .callHeld: "the call of \(span.metadata["tool"]?.string ?? "a tool") waits for an operator"
        default: "the thing \(span.this) was decided on for \(span.metadata["day"]?.string ?? "a day")"
        }
    }

    private var branch: LawBranch? { triage.flatMap { triage in law?[triage] } }
    private var reason: String? { span.metadata["reason"]?.string }

    /// What of the law speaks: text of its own, or code of the program.
    private var source: String {
        if let law { return "\(law.layer.word) layer, in text" }
        if id.hasPrefix("\(Constitution.law):") { return "constitution layer, a hard constraint in code" }
        return id.hasPrefix("\(RateLayer.law):") ? "superior layer, in code" : "a law that this home does not have"
    }

    var lines: [String] {
        var lines = ["\(Amounts.instant(span.at)): \(outcome)", "law:    \(id) (\(source))"]
        if let summary = law?.settings[.summary] { lines.append("        \(summary)") }
        if let triage {
            let why =
                branch.map { "because \($0.condition.inWords)" }
                ?? (law == nil ? "" : "because a fact that the law asks for was not known")
            lines.append("branch: \(triage.rawValue)\(why.isEmpty ? "" : ", \(why)")")
        }
        if let reason { lines.append("reason: \(reason)") }
        if let facts = span.metadata["facts"]?.string { lines.append("facts:  \(facts)") }
        if span.sealed != nil { lines.append("        what else it looked at is sealed with the resident") }
        if let branch { lines.append("then:   \(branch.actions.map(\.inWords).joined(separator: ", "))") }
        return lines
    }

    var json: JSON {
        var members: JSONObject = [
            "span": .string(span.id.description), "position": .integer(Int64(span.position)),
            "type": .string(span.entityType.rawValue), "this": .string(span.this), "law": .string(id),
            "source": .string(source),
        ]
        if let triage { members["triage"] = .string(triage.rawValue) }
        if let reason { members["reason"] = .string(reason) }
        if let facts = span.metadata["facts"]?.string { members["facts"] = .string(facts) }
        if let branch {
            members["condition"] = .string(branch.condition.printed)
            members["words"] = .string(branch.condition.inWords)
            members["actions"] = .array(branch.actions.map { .string($0.printed) })
        }
        return .object(members)
    }
}
