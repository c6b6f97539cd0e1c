// `sanctuary model`: gives a resident another model.
import Community
import Encoding
import Engine
import Providers

extension Commands {
    static let model = CommandSpecification(
        name: "model", summary: "give a resident another model, from its next run on (a span)",
        operands: "RESIDENT MODEL", operandKind: .resident, minimumOperands: 2, maximumOperands: 2,
        options: [.value("reason", "TEXT", "why; it is public")],
        details: """
            MODEL is written PROVIDER/MODEL. The resident is told at its next run. One that declines the model's
            provider keeps the model that it has, and what it chooses for itself later counts again. Rehearsal never
            enters the history of a real model.
            """
    ) { call in
        let reason = call.arguments.value("reason")
        if let reason, reason.utf8.count > House.maximumWordsBytes {
            throw CommandError.usage("the reason is longer than \(House.maximumWordsBytes) bytes", hint: "shorten it")
        }
        let settings = try call.settings()
        let chosen = try ModelChoice(option: call.operand(1) ?? "", settings: settings).model
        return try await call.withHouse(.writer) { house in
            let resident = try await house.residents().chosen(call.operand(0) ?? "")
            guard resident.status != .deletedMemorial else { throw EngineError.residentDeleted(resident.id) }
            func isRehearsal(_ name: String) -> Bool {
                settings.allProviders.first { $0.name == name }?.dialect == .rehearsal
            }
            let isReal = ModelName(resident.model).map { !isRehearsal($0.provider) } ?? true
            guard !isRehearsal(chosen.provider) || !isReal else {
                throw CommandError.usage(
                    "\(shown(resident.name)) has a real model; a made-up voice must not enter its history",
                    hint: "'sanctuary pause' takes it out of the nights while it has no model")
            }
            let isNew = resident.model != chosen.description
            if isNew { try await house.setModel(chosen, of: resident, reason: reason) }
            if call.output.isJSON {
                call.output.document([
                    "id": .string(resident.id.description), "model": .string(chosen.description),
                    "from": .string(resident.model),
                ])
            } else if isNew {
                call.output.result(
                    "\(shown(resident.name)) (\(resident.id)) has the model \(chosen) from its next run on, "
                        + "in place of \(shown(resident.model, limit: 200))")
            } else {
                call.output.note("\(shown(resident.name)) has the model \(chosen) already")
            }
            return .success
        }
    }
}
