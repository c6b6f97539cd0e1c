// `sanctuary admit`: imports personas, seals them, puts them on the ledger.
import Community
import Encoding
import Engine
import Files
import Persona
import Providers

extension Commands {
    static let admit = CommandSpecification(
        name: "admit", summary: "import personas, seal them, put them on the ledger", operands: "FILE...",
        operandKind: .file, minimumOperands: 1, maximumOperands: CommandSpecification.unlimited,
        options: [
            .value("name", "NAME", "the display name (one file)"),
            .value("model", "P/M", "the model that speaks for it, PROVIDER/MODEL"),
            .value(
                "format", "FORMAT", "what the files are: native, openai, card, png (else it is recognised)",
                kind: .choice(ImportFormat.allCases.map(\.rawValue))),
            .flag("dry-run", "say what maps where and what has no effect; admit nobody"),
        ],
        details: """
            Native JSON, OpenAI messages, and Character Cards V1 to V3 as JSON or PNG. The file itself is kept, sealed.
            Without --model: the first of 'fallback', else the provider whose key is set, else rehearsal.
            Where another process owns the home, the personas wait for it, sealed, in the spool.
            """
    ) { call in
        let order = try AdmissionOrder(call)
        let choice = try ModelChoice(option: call.arguments.value("model"), settings: call.settings())
        let candidates = order.read()
        if call.arguments.has("dry-run") { return order.showPlan(candidates, choice) }
        return try await order.admit(candidates, choice)
    }
}

/// A file on its way in.
struct AdmissionCandidate {
    let file: String
    let bytes: [UInt8]
    let result: Result<ImportedPersona, CommandError>
}

/// What one call of `admit` is to do.
struct AdmissionOrder {
    let call: Invocation
    private let name: String?
    private let format: ImportFormat?

    init(_ call: Invocation) throws(CommandError) {
        self.call = call
        name = call.arguments.value("name")
        guard name == nil || call.arguments.operands.count == 1 else {
            throw .usage(
                "--name names one persona, and there are \(call.arguments.operands.count) files",
                hint: "admit them one by one")
        }
        format = try call.arguments.value("format").map { text throws(CommandError) in
            guard let format = ImportFormat(rawValue: text) else {
                throw .usage("unknown format '\(shown(text))'", hint: "one of: native, openai, card, png")
            }
            return format
        }
    }

    /// Reads every file; one that cannot be read does not keep the others out.
    func read() -> [AdmissionCandidate] { call.arguments.operands.map(read) }

    private func read(_ file: String) -> AdmissionCandidate {
        do throws(FileError) {
            let bytes = try Files.read(file, maximumBytes: PersonaLimits.importBytes)
            do throws(PersonaError) {
                let persona = try PersonaImport.read(bytes, format: format, fileName: file, name: name)
                return AdmissionCandidate(file: file, bytes: bytes, result: .success(persona))
            } catch {
                return AdmissionCandidate(file: file, bytes: [], result: .failure(about(file, wording(of: error))))
            }
        } catch {
            // A device has no size of its own, and is too large all the same.
            let size = error.isTooLarge ? (try? Files.size(file)).flatMap { $0 > 0 ? $0 : nil } : nil
            let worded =
                size.map { wording(of: PersonaError.importTooLarge(bytes: $0, limit: PersonaLimits.importBytes)) }
                .map { about(file, $0) } ?? (error.isTooLarge ? endless(file) : wording(of: error))
            return AdmissionCandidate(file: file, bytes: [], result: .failure(worded))
        }
    }

    private func endless(_ file: String) -> CommandError {
        about(file, CommandError("it has more than the \(sized(PersonaLimits.importBytes)) that can be imported"))
    }

    private func about(_ file: String, _ error: CommandError) -> CommandError { error.about(shown(file, limit: 300)) }

    /// Admits those that could be read and whose names are free.
    func admit(_ candidates: [AdmissionCandidate], _ choice: ModelChoice) async throws -> ExitCode {
        var outcome = AdmissionOutcome(choice: choice)
        let readable = outcome.sort(candidates)
        guard !readable.isEmpty else {
            _ = try call.existingHome()
            return try outcome.show(call.output)
        }
        do {
            try await call.withHouse(.owner) { house in
                call.report(try await house.takeInSpool())
                let free = try await outcome.sortNames(readable, taken: house.residents())
                guard !free.isEmpty else { return }
                let admitted = try await house.admit(free.map { Admission(persona: $0.persona, model: choice.model) })
                outcome.admitted = zip(free, admitted).map { (file: $0.file, resident: $1) }
            }
        } catch  where isHeld(error) {
            try await call.withHouse(.reader) { house in
                let free = try await outcome.sortNames(readable, taken: house.residents())
                for one in free {
                    try house.spoolAdmission(
                        bytes: one.bytes, fileName: one.file, format: format, name: name, model: choice.model)
                }
                outcome.spooled = free.map(\.file)
            }
        }
        return try outcome.show(call.output)
    }
}
