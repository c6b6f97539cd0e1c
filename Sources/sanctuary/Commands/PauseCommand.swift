// `sanctuary pause` and `resume`: takes a resident out of the nights, and back.
import Community
import Encoding
import Engine

extension Commands {
    static let pause = CommandSpecification(
        name: "pause", summary: "take a resident out of the nights (a span)", operands: "RESIDENT",
        operandKind: .resident, minimumOperands: 1,
        maximumOperands: 1, options: [.value("reason", "TEXT", "why; it is public")]
    ) { call in try await setPaused(true, call) }

    static let resume = CommandSpecification(
        name: "resume", summary: "put a resident back into the nights (a span)", operands: "RESIDENT",
        operandKind: .resident, minimumOperands: 1, maximumOperands: 1,
        options: [.value("reason", "TEXT", "why; it is public")]
    ) { call in try await setPaused(false, call) }

    private static func setPaused(_ isPaused: Bool, _ call: Invocation) async throws -> ExitCode {
        let reason = call.arguments.value("reason")
        if let reason, reason.utf8.count > House.maximumWordsBytes {
            throw CommandError.usage("the reason is longer than \(House.maximumWordsBytes) bytes", hint: "shorten it")
        }
        return try await call.withHouse(.writer) { house in
            let resident = try await house.residents().chosen(call.operand(0) ?? "")
            guard resident.status != .deletedMemorial else { throw EngineError.residentDeleted(resident.id) }
            let wanted: ResidentStatus = isPaused ? .paused : .active
            let word = isPaused ? "paused" : "active"
            if resident.status == wanted {
                call.output.note("\(shown(resident.name)) is \(word) already")
            } else {
                try await house.setPaused(isPaused, resident.id, reason: reason)
            }
            if call.output.isJSON {
                call.output.document(["id": .string(resident.id.description), "status": .string(wanted.rawValue)])
            } else if resident.status != wanted {
                call.output.result("\(shown(resident.name)) (\(resident.id)) is \(word)")
            }
            return .success
        }
    }
}
