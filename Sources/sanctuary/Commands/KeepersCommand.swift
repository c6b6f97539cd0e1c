// `sanctuary keepers`: who may be chosen.
import Community
import Encoding
import Engine

extension Commands {
    static let keepers = CommandSpecification(
        name: "keepers", summary: "who may be chosen", operands: "[add NAME|remove NAME|accept NAME RESIDENT]",
        operandKind: .choice(["add", "remove", "accept"]), maximumOperands: 3,
        details: "A keeper is a human whom residents may choose. Names lie beside the ledger, which knows ids alone."
    ) { call in
        if let surplus = call.operand(2), let word = call.operand(0), word != "accept" {
            throw CommandError.usage("'keepers \(shown(word))' does not take '\(shown(surplus))'", hint: usage)
        }
        switch (call.operand(0), call.operand(1)) {
        case (nil, _):
            return try await call.withHouse(.reader) { house in
                try await list(house, call.output)
                return .success
            }
        case ("add", let name?):
            let name = try personName(name, as: escaped(name))
            return try await call.withHouse(.writer) { house in
                let id = try await house.addKeeper(name)
                changed("added", name, id, call.output)
                return .success
            }
        case ("remove", let name?):
            return try await call.withHouse(.writer) { house in
                let keeper = try chosen(name, among: try await house.community.keepers())
                try await house.removeKeeper(keeper.id)
                changed("removed", keeper.name ?? "", keeper.id, call.output)
                return .success
            }
        case ("accept", let name?):
            guard let asked = call.operand(2) else {
                throw CommandError.usage("'keepers accept' needs RESIDENT", hint: usage)
            }
            return try await call.withHouse(.writer) { house in
                let keeper = try chosen(name, among: try await house.community.keepers())
                let resident = try await house.residents().chosen(asked)
                let relations = try await house.community.keeperRelations(of: resident.id)
                guard relations.contains(where: { $0.keeper == keeper.id && $0.state == .requested }) else {
                    throw CommandError(
                        "\(shown(resident.name)) has not asked for \(shown(keeper.name ?? "this keeper"))",
                        hint: "'sanctuary keepers' shows who asked for whom")
                }
                try await house.acceptRequest(of: resident.id, by: keeper.id)
                changed("accepted", keeper.name ?? "", keeper.id, call.output)
                return .success
            }
        case ("add", nil), ("remove", nil), ("accept", nil):
            throw CommandError.usage("'keepers \(call.operand(0) ?? "")' needs NAME", hint: usage)
        case (let word?, _):
            let nearest = nearestName(to: word, among: ["add", "remove", "accept"])
            throw CommandError.usage(
                "unknown command 'keepers \(shown(word))'",
                hint: nearest.map { "did you mean 'keepers \($0)'?" }
                    ?? usage)
        }
    }

    private static let usage = "usage: sanctuary keepers [add NAME|remove NAME|accept NAME RESIDENT]"

    private static func chosen(_ text: String, among keepers: [Keeper]) throws(CommandError) -> Keeper {
        if let id = Identifier(text), let keeper = keepers.first(where: { $0.id == id }) { return keeper }
        let named = keepers.filter { $0.name == text }
        if let keeper = named.first, named.count == 1 { return keeper }
        guard named.isEmpty else {
            throw .usage(
                "'\(shown(text))' means several keepers: \(listed(named.prefix(5).map(\.id.description)))",
                hint: "write the whole id")
        }
        let nearest = nearestName(to: text, among: keepers.compactMap(\.name))
        throw .usage(
            "no keeper is called '\(shown(text))'",
            hint: nearest.map { "did you mean '\(shown($0))'?" } ?? "'sanctuary keepers' lists them")
    }

    private static func changed(_ what: String, _ name: String, _ id: Identifier, _ output: Output) {
        if output.isJSON {
            output.document([what: ["id": .string(id.description), "name": .string(name)]])
        } else {
            output.result("\(what) \(name.isEmpty ? "keeper" : shown(name)) (\(id))")
        }
    }

    private static func list(_ house: House, _ output: Output) async throws {
        let keepers = try await house.community.keepers()
        let relations = try await house.community.keeperRelations()
        let residents = try await house.residents()
        func names(_ keeper: Keeper, _ state: KeeperRelation.State) -> [String] {
            relations.filter { $0.keeper == keeper.id && $0.state == state }
                .map { residents[$0.resident]?.name ?? $0.resident.description }
        }
        if output.isJSON {
            return output.document(
                .array(
                    keepers.map { keeper in
                        [
                            "id": .string(keeper.id.description), "name": keeper.name.map { .string($0) } ?? .null,
                            "addedAt": .string(keeper.addedAt.rfc3339),
                            "requestedBy": .array(names(keeper, .requested).map { .string($0) }),
                            "acceptedBy": .array(names(keeper, .accepted).map { .string($0) }),
                        ]
                    }))
        }
        guard !keepers.isEmpty else { return output.note("no keepers yet; 'sanctuary keepers add NAME' adds one") }
        var table = Table(columns: [.text("ID"), .flexible("NAME"), .text("SINCE"), .flexible("CHOSEN BY")])
        for keeper in keepers {
            let by = names(keeper, .accepted) + names(keeper, .requested).map { "\($0) (asked)" }
            table.rows.append([
                Table.Cell(String(keeper.id.hexDigits.suffix(8))), Table.Cell(keeper.name ?? "forgotten"),
                Table.Cell(Amounts.instant(keeper.addedAt)), Table.Cell(by.joined(separator: ", ")),
            ])
        }
        output.result(table)
    }
}
