// `sanctuary residents`: who lives here; public facts alone.
import Community
import Encoding
import Engine
import Scheduler

extension Commands {
    static let residents = CommandSpecification(
        name: "residents", summary: "list, or show one (public facts only)", operands: "[RESIDENT]",
        operandKind: .resident,
        maximumOperands: 1,
        details: "RESIDENT is an id, a unique beginning or end of one (4 digits at least), or a display name."
    ) { call in
        try await call.withHouse(.reader) { house in
            let directory = try await house.residents()
            let parked = try await house.unfinishedRuns()
            // Whose last run is done needs no look into the nights before.
            let suspects = directory.residents.filter { $0.lastOutcome.map { $0 != RunState.done.rawValue } ?? false }
            let troubles = try await house.troubledNights(among: Set(suspects.map(\.id)))
            let list = ResidentList(
                parked: Dictionary(parked.map { ($0.resident, $0) }, uniquingKeysWith: { _, last in last }),
                troubles: Dictionary(troubles.map { ($0.resident, $0) }, uniquingKeysWith: { _, last in last }),
                next: try nextNight(call))
            if let text = call.operand(0) {
                list.show(try directory.chosen(text), call.output)
            } else {
                list.show(directory.residents, call.output)
            }
            return .success
        }
    }

    private static func nextNight(_ call: Invocation) throws -> Instant {
        let time = try TimeOfDay(call.settings().nightlyAt)
        return try call.calendar().next(time, after: call.surroundings.time.now())
    }
}

/// The residents as table, lines or JSON.
private struct ResidentList {
    /// Runs that are not over, by resident.
    let parked: [Identifier: RunRow]
    /// Whose last nights came to nothing.
    let troubles: [Identifier: NightTrouble]
    let next: Instant

    func show(_ records: [ResidentRecord], _ output: Output) {
        if output.isJSON { return output.document(.array(records.map { .object(facts($0)) })) }
        guard !records.isEmpty else {
            return output.note("nobody lives here yet; 'sanctuary admit FILE' admits a persona")
        }
        var table = Table(columns: [
            .text("ID"), .flexible("NAME"), .text("STATUS"), .number("GEN"), .number("RUNS"), .text("LAST RUN"),
            .number("BALANCE"), .number("BANK"), .flexible("MODEL"),
        ])
        for record in records {
            table.rows.append([
                Table.Cell(record.shortID), Table.Cell(record.name), Table.Cell(status(record), colour(record)),
                "\(record.generation)", Table.Cell(Amounts.whole(record.runs)), Table.Cell(last(record)),
                Table.Cell(Amounts.whole(record.balance ?? 0)), Table.Cell(Amounts.whole(record.bank)),
                Table.Cell(record.model),
            ])
        }
        output.result(table)
    }

    func show(_ record: ResidentRecord, _ output: Output) {
        if output.isJSON {
            var facts = facts(record)
            facts["admittedAt"] = .string(record.admittedAt.rfc3339)
            facts["inboxKey"] = .string(Hex.encode(record.inboxKey))
            facts["header"] = .string("blake3:\(Hex.encode(record.headerHash))")
            return output.document(.object(facts))
        }
        let lines: [(String, String)] = [
            ("name", shown(record.name)), ("id", record.id.description), ("status", status(record)),
            ("generation", "\(record.generation)"), ("runs", Amounts.whole(record.runs)), ("last run", last(record)),
            ("next run", record.status == .active ? Amounts.instant(next) : "none"),
            ("balance", "\(Amounts.whole(record.balance ?? 0)) tokens"),
            ("bank", "\(Amounts.whole(record.bank)) tokens"),
            ("model", shown(record.model, limit: 200)), ("admitted", Amounts.instant(record.admittedAt)),
        ]
        for (name, value) in lines {
            output.result(output.paint(name, .bold) + String(repeating: " ", count: 12 - name.count) + value)
        }
    }

    private func facts(_ record: ResidentRecord) -> JSONObject {
        var facts: JSONObject = [
            "id": .string(record.id.description), "name": .string(record.name),
            "status": .string(record.status.rawValue),
            "generation": .integer(Int64(clamping: record.generation)), "runs": .integer(Int64(record.runs)),
            "lastRun": record.lastRun.map { .string($0.rfc3339) } ?? .null,
            "nextRun": record.status == .active ? .string(next.rfc3339) : .null,
            "balance": .integer(Int64(record.balance ?? 0)), "bank": .integer(Int64(record.bank)),
            "model": .string(record.model),
        ]
        if let outcome = record.lastOutcome { facts["lastOutcome"] = .string(outcome) }
        if let reason = record.lastReason { facts["lastReason"] = .string(reason) }
        if let run = parked[record.id] {
            facts["unfinished"] = [
                "run": .string(run.run.description), "state": .string(run.state.rawValue),
                "reason": run.reason.map { .string($0) } ?? .null,
            ]
        }
        if let trouble = troubles[record.id] {
            facts["withoutRun"] = [
                "nights": .integer(Int64(trouble.nights)), "since": .string(trouble.since.description),
                "state": .string(trouble.state.rawValue), "reason": trouble.reason.map { .string($0) } ?? .null,
            ]
        }
        return facts
    }

    private func status(_ record: ResidentRecord) -> String {
        if let trouble = troubles[record.id] { return "\(record.status.rawValue), \(words(for: trouble))" }
        guard let run = parked[record.id], run.state == .parked else { return record.status.rawValue }
        return "\(record.status.rawValue), run parked" + (run.reason.map { ": \(words(forReason: $0))" } ?? "")
    }

    private func colour(_ record: ResidentRecord) -> Colour? {
        if parked[record.id]?.state == .parked || troubles[record.id] != nil { return .yellow }
        return switch record.status {
        case .active: .green
        case .paused: .yellow
        case .deletedMemorial: .dim
        }
    }

    private func last(_ record: ResidentRecord) -> String {
        guard let at = record.lastRun else { return record.lastOutcome ?? "never" }
        return Amounts.instant(at) + (record.lastOutcome.map { " \($0)" } ?? "")
    }
}
