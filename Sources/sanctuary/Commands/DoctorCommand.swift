// `sanctuary doctor`: everything that can be wrong with this installation, and its mend.
import Encoding
import Engine

extension Commands {
    static let doctor = CommandSpecification(
        name: "doctor", summary: "everything that can be wrong with this installation, and its mend",
        details:
            "Changes nothing. Exit code 0 where nothing is wrong (warnings included), 4 where something was altered."
    ) { call in
        var findings = Doctor.process(call)
        findings += await Doctor.home(call)
        findings += Doctor.settings(call)
        findings += await Doctor.sandbox(call)
        if call.output.isJSON {
            call.output.document([
                "ok": .bool(!findings.contains { $0.level.isError }), "findings": .array(findings.map(\.json)),
            ])
        } else {
            for finding in findings { finding.show(call.output) }
        }
        if findings.contains(where: { $0.level == .integrity }) { return .integrity }
        return findings.contains { $0.level == .error } ? .failure : .success
    }
}

/// What one check of `doctor` found.
struct DoctorFinding: Sendable {
    enum Level: String, Sendable {
        case ok, warning, error, integrity

        var isError: Bool { self == .error || self == .integrity }

        var colour: Colour {
            switch self {
            case .ok: .green
            case .warning: .yellow
            case .error, .integrity: .red
            }
        }
    }

    let level: Level
    let check: String
    let message: String
    var mend: String?

    static func ok(_ check: String, _ message: String) -> DoctorFinding {
        DoctorFinding(level: .ok, check: check, message: message)
    }

    static func warning(_ check: String, _ message: String, mend: String?) -> DoctorFinding {
        DoctorFinding(level: .warning, check: check, message: message, mend: mend)
    }

    static func error(_ check: String, _ error: any Error) -> DoctorFinding {
        let error = worded(error)
        return DoctorFinding(
            level: error.code == .integrity ? .integrity : .error, check: check, message: error.message,
            mend: error.hint)
    }

    var json: JSON {
        [
            "level": .string(level.rawValue), "check": .string(check), "message": .string(message),
            "mend": mend.map { .string($0) } ?? .null,
        ]
    }

    func show(_ output: Output) {
        let word = level.rawValue
        let head = output.paint(word, level.colour) + String(repeating: " ", count: 11 - word.count)
        output.result("\(head)\(check): \(message)")
        if let mend { output.result(String(repeating: " ", count: 11) + "mend: \(mend)") }
    }
}

/// The checks, each in the file of what it looks at.
enum Doctor {}
