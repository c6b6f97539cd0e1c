// `sanctuary ledger tail` and `show`: looking spans up.
import Encoding
import Ledger

extension Commands {
    static let ledgerTail = CommandSpecification(
        name: "tail", summary: "the last spans",
        options: [.value("count", "N", "how many (else 20)")]
    ) { call in
        let count = try count(call.arguments.value("count"), option: "count", in: 1...100_000) ?? 20
        return try await call.withLedger { ledger in
            let spans = try await ledger.tail(count)
            if call.output.isJSON {
                for span in spans { call.output.event(try json(span)) }
                return .success
            }
            var table = Table(columns: [
                .number("POSITION"), .text("AT"), .text("TYPE"), .flexible("WHO"), .flexible("THIS"),
            ])
            for span in spans {
                table.rows.append([
                    "\(span.position)", Table.Cell(Amounts.instant(span.at)), Table.Cell(span.entityType.rawValue),
                    Table.Cell(span.who.text), Table.Cell(span.this),
                ])
            }
            call.output.result(table)
            return .success
        }
    }

    static let ledgerShow = CommandSpecification(
        name: "show", summary: "one span as it was signed", operands: "SPAN", minimumOperands: 1, maximumOperands: 1,
        details: "SPAN is an id or a position."
    ) { call in
        let text = call.operand(0) ?? ""
        return try await call.withLedger { ledger in
            let span: Span?
            if let position = Int(text), position >= 0 {
                span = try await ledger.span(at: position)
            } else if let id = Identifier(text) {
                span = try await ledger.span(id)
            } else {
                throw CommandError.usage(
                    "'\(shown(text))' is neither an id nor a position", hint: "'sanctuary ledger tail' lists spans")
            }
            guard let span else {
                throw CommandError.usage(
                    "there is no span '\(shown(text))'", hint: "'sanctuary ledger tail' lists spans")
            }
            if call.output.isJSON {
                call.output.document(try json(span))
            } else {
                call.output.result(
                    TextSafety.forTerminal(String(decoding: try json(span).prettyPrinted(), as: UTF8.self)))
            }
            return .success
        }
    }

    /// A span with what stands beside the signed bytes.
    private static func json(_ span: Span) throws -> JSON {
        [
            "position": .integer(Int64(span.position)), "hash": .string(HashText.blake3(span.hash)),
            "signature": .string("ed25519:\(Hex.encode(span.signature))"),
            "span": try JSON.parse(span.canonicalBytes, limits: .ledger),
        ]
    }
}
