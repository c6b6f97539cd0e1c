// What `runs show` tells of one run: public facts alone, nothing of it opened.
import Community
import Encoding
import Engine
import Ledger
import Providers

/// One run with its journal's steps and its spans.
struct RunDetails: Sendable {
    /// At most so many spans of one run are read.
    private static let spanLimit = 10_000

    let row: RunRow
    let name: String?
    let steps: [JournalFact]
    let spans: [Span]

    init(of row: RunRow, in house: House) async throws {
        self.row = row
        name = try await house.residents()[row.resident]?.name
        steps = try await house.journalFacts(of: row.run)
        spans = try await house.ledger.spans(Ledger.Query(traceID: row.run, limit: Self.spanLimit))
    }

    /// What the provider reported in all, by the spans.
    var usage: TokenUsage {
        var usage = TokenUsage()
        for span in spans where span.entityType == .providerCalled {
            func count(_ field: String) -> Int { Int(clamping: span.metadata[field]?.integer ?? 0) }
            usage =
                usage
                + TokenUsage(
                    input: count("input"), cacheRead: count("cacheRead"), cacheWrite: count("cacheWrite"),
                    output: count("output"))
        }
        return usage
    }

    /// What was charged to the resident; 0 before it is settled.
    private var charged: Int {
        let settled = spans.last { $0.entityType == .personaSettled }
        return Int(clamping: settled?.metadata["charged"]?.integer ?? 0)
    }

    var json: JSON {
        var object = row.facts(name: name)
        object["tokens"] = usage.json(charged: charged)
        object["journal"] = .array(
            steps.map {
                ["step": .integer(Int64($0.index)), "name": .string($0.name), "bytes": .integer(Int64($0.bytes))]
            })
        object["spans"] = .array(
            spans.map {
                [
                    "position": .integer(Int64($0.position)), "at": .string($0.at.rfc3339),
                    "type": .string($0.entityType.rawValue), "this": .string($0.this),
                    "reason": $0.metadata["reason"]?.string.map { .string($0) } ?? .null,
                ]
            })
        return .object(object)
    }

    func show(_ output: Output) {
        let usage = usage
        let lines: [(String, String)] = [
            ("run", row.run.description), ("resident", shown(name ?? row.resident.description)),
            ("trigger", row.trigger.rawValue + (row.night.map { " of \($0)" } ?? "")),
            ("state", row.state.rawValue + (row.reason.map { ": \(words(forReason: $0))" } ?? "")),
            ("claimed", Amounts.instant(row.claimedAt)), ("deaths", "\(row.deaths)"),
            (
                "tokens",
                "\(Amounts.whole(usage.input)) in, \(Amounts.whole(usage.cacheRead)) from the cache, "
                    + "\(Amounts.whole(usage.cacheWrite)) into it, \(Amounts.whole(usage.output)) out, "
                    + "\(Amounts.whole(charged)) charged"
            ), ("cost", Amounts.dollars(picoUSD: row.spent)),
        ]
        for (name, value) in lines {
            output.result(output.paint(name, .bold) + String(repeating: " ", count: 10 - name.count) + value)
        }
        if !steps.isEmpty {
            output.result("\njournal, sealed:")
            var table = Table(columns: [.number("STEP"), .text("WHAT"), .number("BYTES")])
            for step in steps {
                table.rows.append(["\(step.index)", Table.Cell(step.name), Table.Cell(Amounts.whole(step.bytes))])
            }
            output.result(table)
        }
        output.result("\nspans:")
        var table = Table(columns: [
            .number("POSITION"), .text("AT"), .text("TYPE"), .flexible("THIS"), .text("REASON"),
        ])
        for span in spans {
            table.rows.append([
                "\(span.position)", Table.Cell(Amounts.instant(span.at)), Table.Cell(span.entityType.rawValue),
                Table.Cell(span.this), Table.Cell(span.metadata["reason"]?.string ?? ""),
            ])
        }
        output.result(table)
    }
}
