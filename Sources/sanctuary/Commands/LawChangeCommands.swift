// `sanctuary law list|propose|approve|deprecate`: the laws of this home through time.
import Encoding
import Engine
import Files
import Law
import Ledger
import Scheduler

extension Commands {
    static let lawList = CommandSpecification(
        name: "list", summary: "the laws in force, those that wait, and the files of the setting 'laws'"
    ) { call in
        let files = try call.lawFiles()
        return try await call.withHouse(.reader) { house in
            let register = try await house.lawRegister()
            let now = call.surroundings.time.now()
            let rows = LawRow.all(of: register, files: files, at: now)
            if call.output.isJSON {
                call.output.document(.array(rows.map(\.json)))
                return .success
            }
            var table = Table(columns: [.text("LAW"), .text("LAYER"), .text("STATE"), .flexible("SINCE OR FROM")])
            for row in rows {
                table.rows.append([
                    Table.Cell(row.law), Table.Cell(row.layer), Table.Cell(row.state), Table.Cell(row.when),
                ])
            }
            call.output.result(table)
            for ending in register.ends(at: now) {
                call.output.warning("\(ending.law.text.id) ends at \(Amounts.instant(ending.end))")
            }
            return .success
        }
    }

    static let lawPropose = CommandSpecification(
        name: "propose", summary: "propose laws; each waits for its time lock and its approvals", operands: "[FILE...]",
        operandKind: .file, maximumOperands: CommandSpecification.unlimited,
        details: "Without FILE: the files of the setting 'laws' that are not proposed yet. The examples beside a law"
            + " (NAME.fixtures.json) must pass, and show each of its outcomes."
    ) { call in
        var paths = call.arguments.operands
        let fromSettings = paths.isEmpty
        if fromSettings { paths = try call.lawFiles() }
        guard !paths.isEmpty else {
            throw CommandError.usage("no law is named", hint: "name a file, or list files in the setting 'laws'")
        }
        return try await call.withHouse(.writer) { house in
            for path in paths {
                let file = try LawFile(path: path)
                let register = try await house.lawRegister()
                let known = register.proposals.map(\.law.text.id) + register.founding.map(\.text.id)
                if fromSettings, known.contains(file.law.id) { continue }
                let beside = LawFile.fixturesPath(of: path)
                let proposal = try await house.proposeLaw(
                    file.bytes, fixtures: Files.read(beside, maximumBytes: 65_536))
                show(proposal, "proposed", call.output)
            }
            return .success
        }
    }

    static let lawApprove = CommandSpecification(
        name: "approve", summary: "approve a proposed law", operands: "LAW", minimumOperands: 1, maximumOperands: 1,
        options: [.value("as", "NAME", "who approves (else the operator of the node)")],
        details: "LAW is a name with its version, such as rates:1.1.0."
    ) { call in
        let id = try lawID(call.operand(0) ?? "")
        return try await call.withHouse(.writer) { house in
            show(try await house.approveLaw(id, as: call.arguments.value("as")), "approved", call.output)
            return .success
        }
    }

    static let lawDeprecate = CommandSpecification(
        name: "deprecate", summary: "end a law, with notice; take back one that is not in force yet", operands: "LAW",
        minimumOperands: 1, maximumOperands: 1,
        options: [
            .value("from", "DAY", "the civil day from which it no longer holds (else the first that notice allows)"),
            .value("reason", "TEXT", "why, for the record"),
        ]
    ) { call in
        let id = try lawID(call.operand(0) ?? "")
        let now = call.surroundings.time.now()
        var from = now.adding(milliseconds: Int64(LawRegister.noticeDays) * 86_400_000 + 60_000)
        if let text = call.arguments.value("from") {
            guard let day = CivilDate(text) else {
                throw CommandError.usage("'\(shown(text))' is no day", hint: "write it as 2027-01-31")
            }
            from = try call.calendar().start(of: day, daysLater: 0)
        }
        return try await call.withHouse(.writer) { house in
            try await house.deprecateLaw(id, from: from, reason: call.arguments.value("reason"))
            if call.output.isJSON {
                call.output.document(["deprecated": .string(id.description), "from": .string(from.rfc3339)])
            } else {
                call.output.result("\(id) ends at \(Amounts.instant(from))")
            }
            return .success
        }
    }

    private static func lawID(_ text: String) throws(CommandError) -> LawID {
        guard let id = LawID(text) else {
            throw .usage("'\(shown(text))' is no law", hint: "write its name and version, such as rates:1.1.0")
        }
        return id
    }

    private static func show(_ proposal: ProposedLaw, _ what: String, _ output: Output) {
        let id = proposal.law.text.id.description
        if output.isJSON {
            output.event([
                what: .string(id), "hash": .string(proposal.law.hash),
                "approvals": .integer(Int64(proposal.approvals.count)), "quorum": .integer(Int64(proposal.quorum)),
                "effective": .string(proposal.effective.rfc3339),
            ])
            return
        }
        let missing = proposal.quorum - proposal.approvals.count
        let wait = missing > 0 ? ", once \(counted(missing, "more person", "more people")) approved it" : ""
        output.result("\(what) \(id): in force not before \(Amounts.instant(proposal.effective))\(wait)")
    }
}

extension Invocation {
    /// The files of the setting `laws`; a relative path begins at the home.
    fileprivate func lawFiles() throws -> [String] {
        let root = try home().root
        return try settings().laws.map { $0.hasPrefix("/") ? $0 : "\(root)/\($0)" }
    }
}

/// One line of `law list`.
struct LawRow {
    let law: String
    let layer: String
    let state: String
    let when: String
    /// When a law in force ends, where that is said.
    var ends: Instant?

    static func all(of register: LawRegister, files: [String], at now: Instant) -> [LawRow] {
        let inForce = register.inForce(at: now)
        let ends = register.ends(at: now)
        var rows: [LawRow] = inForce.map { law in
            let from = register.proposals.first { $0.law == law }?.inForceFrom
            return LawRow(
                law: law.text.id.description, layer: law.text.layer.word, state: "in force",
                when: from.map { Amounts.instant($0) } ?? "the beginning",
                ends: ends.first { $0.law == law }?.end)
        }
        for proposal in register.proposals where !inForce.contains(proposal.law) {
            let missing = proposal.quorum - proposal.approvals.count
            let state =
                proposal.deprecation != nil
                ? "ended" : missing > 0 ? "needs approval" : (proposal.inForceFrom ?? now) > now ? "waits" : "replaced"
            let when = proposal.deprecation?.from ?? proposal.inForceFrom ?? proposal.effective
            rows.append(
                LawRow(
                    law: proposal.law.text.id.description, layer: proposal.law.text.layer.word, state: state,
                    when: Amounts.instant(when)))
        }
        for path in files {
            guard let file = try? LawFile(path: path) else {
                rows.append(LawRow(law: shown(path), layer: "", state: "unreadable", when: ""))
                continue
            }
            let id = file.law.id.description
            guard !rows.contains(where: { $0.law == id }) else { continue }
            rows.append(LawRow(law: id, layer: file.law.layer.word, state: "not proposed", when: shown(path)))
        }
        return rows
    }

    var json: JSON {
        var members: JSONObject = [
            "law": .string(law), "layer": .string(layer), "state": .string(state), "when": .string(when),
        ]
        if let ends { members["ends"] = .string(ends.rfc3339) }
        return .object(members)
    }
}
