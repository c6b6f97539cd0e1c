// `sanctuary runs`: what runs there were and are; one shown by its facts, taken up again, or given up.
import Community
import Encoding
import Engine
import Providers
import Scheduler

extension Commands {
    /// The states that `--state` takes.
    private static let states = RunState.allCases.map(\.rawValue)

    static let runs = CommandSpecification(
        name: "runs", summary: "the runs and where they stand, newest first",
        options: [
            .value("date", "DAY", "the night of that day, and the manual runs begun during it"),
            .value("resident", "RESIDENT", "only this resident's", kind: .resident),
            .value("state", "STATE", "only those: \(states.joined(separator: ", "))", kind: .choice(states)),
            .value("limit", "N", "how many (else 50)"),
        ],
        subcommands: [runsShow, runsResume, runsCancel]
    ) { call in
        var filter = RunFilter()
        filter.day = try day(call.arguments.value("date"))
        filter.limit = try count(call.arguments.value("limit"), option: "limit", in: 1...1_000_000) ?? filter.limit
        if let text = call.arguments.value("state") {
            guard let state = RunState(rawValue: text) else {
                throw CommandError.usage(
                    "'\(shown(text))' is no state of a run", hint: "one of: \(states.joined(separator: ", "))")
            }
            filter.state = state
        }
        let wanted = filter
        return try await call.withHouse(.reader) { house in
            let names = try await house.residents()
            var filter = wanted
            filter.resident = try call.arguments.value("resident").map { text throws(CommandError) in
                try names.chosen(text).id
            }
            let list = RunList(names: names, output: call.output)
            let isNarrowed = filter.day != nil || filter.resident != nil || filter.state != nil
            list.show(try await house.runs(filter), isNarrowed: isNarrowed)
            return .success
        }
    }

    private static let runsShow = CommandSpecification(
        name: "show", summary: "one run: its facts, its journal's steps, its spans", operands: "RUN",
        minimumOperands: 1, maximumOperands: 1,
        details: """
            RUN is the id of a run, or a unique beginning or end of one (4 digits at least). What a resident or a model
            said is sealed and not shown: the steps of a journal are named, never opened.
            """
    ) { call in
        try await call.withHouse(.reader) { house in
            let row = try await call.chosenRun(in: house)
            let details = try await RunDetails(of: row, in: house)
            if call.output.isJSON { call.output.document(details.json) } else { details.show(call.output) }
            return .success
        }
    }

    private static let runsResume = CommandSpecification(
        name: "resume", summary: "take up a run that was interrupted, parked or skipped", operands: "RUN",
        minimumOperands: 1, maximumOperands: 1,
        details: "Also one that the nights leave alone, such as a run that the program died in three times.",
        stopsGently: true
    ) { call in
        let today = try call.calendar().day(of: call.surroundings.time.now())
        // The money that counts is that of the run's own night.
        let day = try await call.withHouse(.reader) { house in
            CivilDate(try await call.chosenRun(in: house).occurrence) ?? today
        }
        return try await call.withWorkshop(on: day) { workshop in
            let row = try await call.chosenRun(in: workshop.house)
            guard row.state.isClaimable else {
                throw CommandError.usage(
                    "run \(row.run) is \(row.state.rawValue): nothing of it can be taken up",
                    hint: "'sanctuary run RESIDENT' begins a manual run at any time")
            }
            let report = try await workshop.engine.resume(row, today: today)
            call.show(report, workshop.lines)
            return call.verdict([report], notBegun: 0)
        }
    }

    private static let runsCancel = CommandSpecification(
        name: "cancel", summary: "give up a parked or queued run (a span)", operands: "RUN", minimumOperands: 1,
        maximumOperands: 1,
        details: "The run is failed, reason cancelled, and final for its night; what it had staged never happens."
    ) { call in
        try await call.withHouse(.writer) { house in
            let row = try await call.chosenRun(in: house)
            guard row.state.after(.cancel) != nil else {
                throw CommandError.usage(
                    "run \(row.run) is \(row.state.rawValue): only a parked or queued run can be given up",
                    hint: "'sanctuary runs --state parked' lists what waits")
            }
            try await house.cancel(row)
            if call.output.isJSON {
                call.output.document([
                    "run": .string(row.run.description), "resident": .string(row.resident.description),
                    "state": .string(RunState.failed.rawValue), "reason": .string(RunEngine.cancelled),
                ])
            } else {
                let name = try await house.residents()[row.resident]?.name ?? row.resident.description
                call.output.result("run \(row.run) of \(shown(name)) is given up")
            }
            return .success
        }
    }

    /// A civil day of an option.
    static func day(_ text: String?) throws(CommandError) -> CivilDate? {
        guard let text else { return nil }
        guard let day = CivilDate(text) else {
            throw .usage("'\(shown(text))' is no day", hint: "write it as 2026-11-21")
        }
        return day
    }
}

extension Invocation {
    /// The run that the first operand means.
    fileprivate func chosenRun(in house: House) async throws -> RunRow {
        let text = operand(0) ?? ""
        let found = try await house.runs(matching: text)
        guard let first = found.first else {
            throw CommandError.usage("there is no run '\(shown(text))'", hint: "'sanctuary runs' lists them")
        }
        guard found.count == 1 else {
            let some = found.prefix(5).map { String($0.run.hexDigits.suffix(8)) } + (found.count > 5 ? ["…"] : [])
            throw CommandError.usage(
                "'\(shown(text))' means several runs: \(some.joined(separator: ", "))", hint: "name one by its id")
        }
        return first
    }
}

/// The runs as a table or JSON.
private struct RunList {
    let names: ResidentDirectory
    let output: Output

    func show(_ rows: [RunRow], isNarrowed: Bool) {
        if output.isJSON {
            return output.document(.array(rows.map { .object($0.facts(name: names[$0.resident]?.name)) }))
        }
        guard !rows.isEmpty else {
            return output.note(isNarrowed ? "no such run" : "no runs yet; 'sanctuary nightly' begins a night")
        }
        var table = Table(columns: [
            .text("RUN"), .text("FIRST CLAIMED"), .flexible("RESIDENT"), .text("TRIGGER"), .text("NIGHT"),
            .text("STATE"),
            .number("COST"), .flexible("REASON"),
        ])
        for row in rows {
            table.rows.append([
                Table.Cell(String(row.run.hexDigits.suffix(8))), Table.Cell(Amounts.instant(row.claimedAt)),
                Table.Cell(names[row.resident]?.name ?? row.resident.description), Table.Cell(row.trigger.rawValue),
                Table.Cell(row.night?.description ?? ""), Table.Cell(row.state.rawValue, row.state.colour),
                Table.Cell(Amounts.dollars(picoUSD: row.spent)),
                Table.Cell(row.reason.map { words(forReason: $0) } ?? ""),
            ])
        }
        output.result(table)
    }
}

extension RunRow {
    /// The night that it belongs to; nil for a manual run.
    var night: CivilDate? { trigger == .manual ? nil : CivilDate(occurrence) }

    /// What a list says of it.
    func facts(name: String?) -> JSONObject {
        [
            "run": .string(run.description), "resident": .string(resident.description),
            "name": name.map { .string($0) } ?? .null, "trigger": .string(trigger.rawValue),
            "night": night.map { .string($0.description) } ?? .null, "state": .string(state.rawValue),
            "reason": reason.map { .string($0) } ?? .null, "claimedAt": .string(claimedAt.rfc3339),
            "deaths": .integer(Int64(deaths)), "costMicroUSD": .integer(Money.microUSD(roundingUp: spent)),
        ]
    }
}
