// What came of an admission: who is in, who waits, who was refused and why.
import Community
import Encoding
import Engine
import Persona
import Providers

/// The result of one call of `admit`, file by file.
struct AdmissionOutcome {
    /// A file that was read.
    struct Readable {
        let file: String
        let bytes: [UInt8]
        let persona: ImportedPersona
    }

    let choice: ModelChoice
    var admitted: [(file: String, resident: AdmittedResident)] = []
    /// Files that wait for the owner of the home.
    var spooled: [String] = []
    private var refused: [(file: String, error: CommandError)] = []

    init(choice: ModelChoice) { self.choice = choice }

    /// Keeps what could be read, and the reasons of the rest.
    mutating func sort(_ candidates: [AdmissionCandidate]) -> [Readable] {
        var readable: [Readable] = []
        for candidate in candidates {
            switch candidate.result {
            case .success(let persona):
                readable.append(Readable(file: candidate.file, bytes: candidate.bytes, persona: persona))
            case .failure(let error): refused.append((candidate.file, error))
            }
        }
        return readable
    }

    /// Keeps those whose names nobody has, neither in the house nor earlier on the command line.
    mutating func sortNames(_ readable: [Readable], taken directory: ResidentDirectory) -> [Readable] {
        var taken = Set(
            directory.residents.filter { $0.status != .deletedMemorial }.map { DisplayName.folded($0.name) })
        var free: [Readable] = []
        for one in readable {
            if taken.insert(DisplayName.folded(one.persona.name)).inserted {
                free.append(one)
            } else {
                let error = wording(of: EngineError.nameTaken(one.persona.name))
                refused.append((one.file, error.about(shown(one.file, limit: 300))))
            }
        }
        return free
    }

    /// Prints all; where nothing at all went in, the first reason is the command's error.
    func show(_ output: Output) throws -> ExitCode {
        if admitted.isEmpty, spooled.isEmpty, let first = refused.first, refused.count == 1 { throw first.error }
        if output.isJSON { output.document(json) } else { showLines(output) }
        for (_, error) in refused { output.error(error) }
        if refused.isEmpty { return .success }
        return admitted.isEmpty && spooled.isEmpty ? .failure : .partial
    }

    private func showLines(_ output: Output) {
        for (_, resident) in admitted {
            output.result("admitted \(shown(resident.name)) (\(resident.id)), model \(resident.model)")
        }
        for file in spooled {
            output.result("\(shown(file, limit: 300)) queued, sealed, for the process that owns the home")
        }
        if !admitted.isEmpty, !choice.isAsked { output.note("model \(choice.model): \(choice.reason)") }
    }

    private var json: JSON {
        [
            "admitted": .array(
                admitted.map { file, resident in
                    [
                        "id": .string(resident.id.description), "name": .string(resident.name),
                        "model": .string(resident.model.description), "file": .string(file),
                    ]
                }),
            "spooled": .array(spooled.map { .string($0) }),
            "refused": .array(
                refused.map { file, error in
                    [
                        "file": .string(file), "error": .string(error.message),
                        "hint": error.hint.map { .string($0) } ?? .null,
                    ]
                }),
        ]
    }
}
