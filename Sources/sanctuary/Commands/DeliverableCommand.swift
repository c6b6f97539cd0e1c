// `sanctuary deliverable`: things with deadlines, on which the laws of midnight decide.
import Encoding
import Engine

extension Commands {
    static let deliverable = CommandSpecification(
        name: "deliverable", summary: "things with deadlines, on which the laws of midnight decide",
        subcommands: [
            deliverableAdd, deliverableList, saying(.approved, "approve"), saying(.accepted, "accept"),
            saying(.evidence, "evidence"), deliverableDecide,
        ])

    private static let person = OptionSpecification.value("as", "NAME", "who says so (else the operator of the node)")

    static let deliverableAdd = CommandSpecification(
        name: "add", summary: "agree a thing with a deadline", operands: "NAME", minimumOperands: 1, maximumOperands: 1,
        options: [
            .value("deadline", "TIME", "when it is due, such as 2026-11-21T12:00:00.000Z"),
            .value("quorum", "N", "how many different people must approve it (else 1)"),
            .value("kind", "WORDS", "what a law's scope finds it by, such as contract (else deliverable)"),
        ]
    ) { call in
        let name = call.operand(0) ?? ""
        guard !name.isEmpty, name.utf8.count <= House.maximumWordsBytes else {
            throw CommandError.usage("the name must have 1 to \(House.maximumWordsBytes) bytes", hint: "shorten it")
        }
        guard let text = call.arguments.value("deadline") else {
            throw CommandError.usage(
                "'deliverable add' needs --deadline TIME", hint: "write --deadline as 2026-11-21T12:00:00.000Z")
        }
        guard let deadline = Instant(rfc3339: text) else {
            throw CommandError.usage(
                "'\(escaped(text))' is no instant", hint: "write --deadline as 2026-11-21T12:00:00.000Z")
        }
        let kind = try kind(call.arguments.value("kind"))
        let quorum = try count(call.arguments.value("quorum"), option: "quorum", in: 1...100) ?? 1
        return try await call.withHouse(.writer) { house in
            let id = try await house.addDeliverable(name, kind: kind, deadline: deadline, quorum: quorum)
            if call.output.isJSON {
                call.output.document(["added": .string(id.description), "deadline": .string(deadline.rfc3339)])
            } else {
                call.output.result("added \(shown(name)) (\(id)), due at \(Amounts.instant(deadline))")
            }
            return .success
        }
    }

    /// The words of a kind: lower-case names with points between them, as a law's scope is written.
    private static func kind(_ text: String?) throws -> [String] {
        guard let text else { return Deliverable.usualKind }
        let words = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let isWord: (String) -> Bool = { word in
            (word.utf8.first.map { (0x61...0x7A).contains($0) } ?? false)
                && word.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
        }
        guard text.utf8.count <= 64, words.allSatisfy(isWord) else {
            throw CommandError.usage(
                "'\(shown(text))' is no kind",
                hint: "write lower-case words with points between them, such as contract")
        }
        return words
    }

    static let deliverableList = CommandSpecification(
        name: "list", summary: "what is due and what became of it", options: [.flag("open", "only what is not over")]
    ) { call in
        try await call.withHouse(.reader) { house in
            let things = try await house.deliverables(onlyOpen: call.arguments.has("open"))
            if call.output.isJSON {
                call.output.document(.array(things.map(json)))
                return .success
            }
            var table = Table(columns: [
                .text("ID"), .text("DUE"), .text("STATUS"), .number("APPROVALS"), .flexible("NAME"),
            ])
            for thing in things {
                table.rows.append([
                    Table.Cell(thing.id.description), Table.Cell(thing.deadline.map(Amounts.instant) ?? "unknown"),
                    Table.Cell(thing.status.rawValue), "\(thing.approvals.count)/\(thing.quorum)",
                    Table.Cell(thing.name),
                ])
            }
            call.output.result(table)
            return .success
        }
    }

    private static func saying(_ change: Deliverable.Change, _ name: String) -> CommandSpecification {
        CommandSpecification(
            name: name,
            summary: "say of a thing that it is \(change == .evidence ? "shown by evidence" : change.rawValue)",
            operands: "THING", minimumOperands: 1, maximumOperands: 1,
            options: [person, .value("words", "TEXT", "what is said, for the record")]
        ) { call in
            try await call.withHouse(.writer) { house in
                let thing = try await chosen(call.operand(0) ?? "", in: house)
                guard
                    try await house.change(
                        thing, change, as: call.arguments.value("as"), words: call.arguments.value("words"))
                else {
                    throw CommandError(
                        "\(shown(thing.name)) is over, or this was said already", hint: "'sanctuary deliverable list'")
                }
                call.output.isJSON
                    ? call.output.document([change.rawValue: .string(thing.id.description)])
                    : call.output.result("\(change.rawValue): \(shown(thing.name)) (\(thing.id))")
                return .success
            }
        }
    }

    static let deliverableDecide = CommandSpecification(
        name: "decide", summary: "settle a dispute as its arbiter", operands: "THING accept|terminate",
        minimumOperands: 2, maximumOperands: 2,
        options: [person, .value("justification", "TEXT", "why; it stands on the ledger")]
    ) { call in
        let word = call.operand(1) ?? ""
        guard ["accept", "terminate"].contains(word) else {
            throw CommandError.usage("'\(shown(word))' is no decision", hint: "accept or terminate")
        }
        guard let why = call.arguments.value("justification"), why.contains(where: { !$0.isWhitespace }) else {
            throw CommandError.usage("a decision needs a reason", hint: "state it with --justification TEXT")
        }
        return try await call.withHouse(.writer) { house in
            let thing = try await chosen(call.operand(0) ?? "", in: house)
            guard
                try await house.arbitrate(
                    thing, isAccepted: word == "accept", justification: why, as: call.arguments.value("as"))
            else {
                throw CommandError("\(shown(thing.name)) is not in dispute", hint: "'sanctuary deliverable list'")
            }
            call.output.isJSON
                ? call.output.document(["decided": .string(thing.id.description), "decision": .string(word)])
                : call.output.result("decided: \(shown(thing.name)) (\(thing.id)), \(word)")
            return .success
        }
    }

    private static func chosen(_ text: String, in house: House) async throws -> Deliverable {
        let wanted = text.lowercased()
        let all = try await house.deliverables()
        if let exact = all.first(where: { $0.id.description == wanted }) { return exact }
        let fitting = all.filter {
            $0.id.description.hasPrefix(wanted) || $0.id.description.hasSuffix(wanted) || $0.name == text
        }
        guard let thing = fitting.first, fitting.count == 1, !wanted.isEmpty else {
            throw CommandError.usage(
                fitting.isEmpty ? "no thing is called '\(shown(text))'" : "'\(shown(text))' means several things",
                hint: "'sanctuary deliverable list' lists them")
        }
        return thing
    }

    private static func json(_ thing: Deliverable) -> JSON {
        var members: JSONObject = [
            "id": .string(thing.id.description), "name": .string(thing.name),
            "kind": .string(thing.kind.joined(separator: ".")), "status": .string(thing.status.rawValue),
            "createdAt": .string(thing.createdAt.rfc3339), "accepted": .bool(thing.isAccepted),
            "approvals": .integer(Int64(thing.approvals.count)), "quorum": .integer(Int64(thing.quorum)),
            "evidence": .bool(thing.hasEvidence),
        ]
        if let deadline = thing.deadline { members["deadline"] = .string(deadline.rfc3339) }
        return .object(members)
    }
}
