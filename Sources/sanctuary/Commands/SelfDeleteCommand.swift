// `sanctuary self-delete`: the operator's erasure for a stated reason; a resident asks by its own tool.
import Community
import Encoding
import Engine
import Providers

extension Commands {
    static let selfDelete = CommandSpecification(
        name: "self-delete", summary: "erase a resident for a stated reason; the resident itself asks by its tool",
        operands: "RESIDENT", operandKind: .resident, minimumOperands: 1, maximumOperands: 1,
        options: [
            .value("justification", "TEXT", "why; it is public and stays on the memorial page"),
            .value("confirm", "NAME", "the resident's display name, exactly"),
        ],
        details: """
            The resident's key is destroyed: nothing private of it comes back, from no backup that lacks the old epoch
            secret. Level D0: remnants may stay on the medium until it is sanitised.
            """
    ) { call in
        try await call.withHouse(.owner) { house in
            let resident = try await house.residents().chosen(call.operand(0) ?? "")
            guard resident.status != .deletedMemorial else { throw EngineError.residentDeleted(resident.id) }
            let justification = try justification(call, resident)
            guard call.arguments.value("confirm") == resident.name else {
                throw CommandError.usage(
                    "the erasure of \(shown(resident.name)) (\(resident.id)) is not confirmed",
                    hint: "repeat it with --confirm '\(shown(resident.name))'; it cannot be taken back")
            }
            try await house.erase(resident.id, justification: justification)
            if call.output.isJSON {
                call.output.document([
                    "id": .string(resident.id.description), "status": .string(ResidentStatus.deletedMemorial.rawValue),
                    "level": "D0",
                ])
            } else {
                call.output.result("erased \(shown(resident.name)) (\(resident.id)), level D0")
                call.output.note(
                    "remnants may stay on the medium until it is sanitised; 'sanctuary memorial' remembers it")
            }
            return .success
        }
    }

    private static func justification(_ call: Invocation, _ resident: ResidentRecord) throws(CommandError) -> String {
        guard let text = call.arguments.value("justification"), text.contains(where: { !$0.isWhitespace }) else {
            throw .usage(
                "the erasure of \(shown(resident.name)) needs a reason",
                hint: "state it with --justification TEXT; it is public and stays on the memorial page")
        }
        guard text.utf8.count <= House.maximumWordsBytes else {
            throw .usage("the justification is longer than \(House.maximumWordsBytes) bytes", hint: "shorten it")
        }
        return text
    }
}
