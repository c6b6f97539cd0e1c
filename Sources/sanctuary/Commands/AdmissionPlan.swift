// `sanctuary admit --dry-run`: what maps where and what has no effect, without a home.
import Encoding
import Persona
import Providers

extension AdmissionOrder {
    /// Prints what an admission would do with each file.
    func showPlan(_ candidates: [AdmissionCandidate], _ choice: ModelChoice) -> ExitCode {
        var failures: [CommandError] = []
        var documents: [JSON] = []
        for candidate in candidates {
            switch candidate.result {
            case .success(let persona):
                if call.output.isJSON {
                    documents.append(json(candidate.file, persona, choice))
                } else {
                    show(candidate.file, persona, choice)
                }
            case .failure(let error): failures.append(error)
            }
        }
        if call.output.isJSON { call.output.document(.array(documents)) }
        for error in failures { call.output.error(error) }
        if failures.isEmpty { return .success }
        return failures.count == candidates.count ? .failure : .partial
    }

    private func show(_ file: String, _ persona: ImportedPersona, _ choice: ModelChoice) {
        let output = call.output
        let report = persona.report
        output.result("\(output.paint(shown(file, limit: 300), .bold)): \(report.description)")
        output.result("  would be \(shown(persona.name)), model \(choice.model) (\(choice.reason))")
        if let suggested = persona.suggestedModel, suggested != choice.model.description {
            output.result("  the file asks for the model \(shown(suggested)); --model decides")
        }
        for mapping in report.mappings {
            let count = mapping.count.map { " (\($0))" } ?? ""
            output.result("  \(shown(mapping.from))\(count) -> \(shown(mapping.to))")
        }
        if report.losses.isEmpty { output.result("  nothing is lost") }
        for loss in report.losses {
            let count = loss.count > 1 ? " (\(loss.count))" : ""
            output.result(
                "  \(output.paint("without effect:", .yellow)) \(shown(loss.field))\(count): \(loss.reason.rawValue)")
        }
    }

    private func json(_ file: String, _ persona: ImportedPersona, _ choice: ModelChoice) -> JSON {
        let report = persona.report
        return [
            "file": .string(file), "format": .string(report.format.rawValue),
            "description": .string(report.description),
            "name": .string(persona.name), "model": .string(choice.model.description),
            "suggestedModel": persona.suggestedModel.map { .string($0) } ?? .null,
            "maps": .array(
                report.mappings.map {
                    [
                        "from": .string($0.from), "to": .string($0.to),
                        "count": $0.count.map { .integer(Int64($0)) } ?? .null,
                    ]
                }),
            "losses": .array(
                report.losses.map {
                    [
                        "field": .string($0.field), "reason": .string($0.reason.rawValue),
                        "count": .integer(Int64($0.count)),
                    ]
                }),
        ]
    }
}
