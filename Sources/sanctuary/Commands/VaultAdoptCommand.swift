// `sanctuary vault adopt`: takes a sealed file as true that is one generation ahead of a ledger that lost its end.
import Community
import Encoding
import Engine
import Vault

extension Commands {
    static let vaultAdopt = CommandSpecification(
        name: "adopt", summary: "after accept-loss: take the generation that follows the ledger's as true; recorded",
        operands: "RESIDENT", operandKind: .resident, minimumOperands: 1, maximumOperands: 1,
        options: [.flag("confirm", "yes, it is the resident's")],
        details: """
            For a resident of which 'vault verify' says that its sealed file is newer than the ledger: the file must
            open under the resident's key and carry the hash of the generation that the ledger names. What the lost
            run did besides, its posts and letters, is not brought back. Without --confirm nothing is changed.
            """
    ) { call in
        try await call.withHouse(.owner) { house in
            let resident = try await house.residents().chosen(call.operand(0) ?? "")
            guard let found = try await house.adoptableGeneration(of: resident.id) else {
                throw EngineError.nothingToAdopt(resident.id)
            }
            guard call.arguments.has("confirm") else {
                throw CommandError.usage(
                    "generation \(found.number) of \(shown(resident.name)) follows the ledger's and opens; "
                        + "adopting it is not confirmed",
                    hint: "repeat it with --confirm, or bring back the ledger's own with 'sanctuary vault restore DIR'")
            }
            let adopted = try await house.adopt(resident.id)
            if call.output.isJSON {
                call.output.document([
                    "id": .string(resident.id.description), "generation": .integer(Int64(clamping: adopted.number)),
                    "header": .string("blake3:\(Hex.encode(adopted.headerHash))"),
                ])
            } else {
                call.output.result(
                    "generation \(adopted.number) of \(shown(resident.name)) counts from now on; it is on the record")
            }
            return .success
        }
    }
}
