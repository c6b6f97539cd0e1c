// The ledger alone, for commands about the record: it can be read whatever else is wrong with the home.
import Cryptography
import Encoding
import Engine
import Files
import Ledger
import Vault

extension Invocation {
    /// Runs a body with the ledger opened for reading.
    func withLedger<R>(_ body: (Ledger) async throws -> R) async throws -> R {
        let paths = try existingHome()
        let key = try HomeKeys.nodeKey(paths: VaultPaths(home: paths.root)).verifyingKey
        let ledger = try await Ledger.openForReading(at: LedgerPaths(home: paths.root), key: key)
        do {
            let result = try await body(ledger)
            await ledger.close()
            return result
        } catch {
            await ledger.close()
            throw error
        }
    }
}

/// What verifications print: the JSON shape of interface.md, or a line a fault.
struct Findings: Sendable {
    struct Finding: Sendable {
        let kind: String
        let place: String
        let expected: String
        let found: String
        let words: String
    }

    var checked: Int
    var findings: [Finding]
    /// How many there are, should not all be listed.
    var count: Int

    init(_ report: VerificationReport) {
        checked = report.checked
        count = report.faultCount
        findings = report.faults.map(Self.finding)
    }

    init(_ verification: VaultVerification) {
        checked = verification.checked
        count = verification.faults.count
        findings = verification.faults.map(Self.finding)
    }

    /// What kept a verification from beginning; nil where that is no matter of integrity.
    init?(_ error: any Error) {
        switch error {
        case EngineError.ledger(let inner): self.init(inner)
        case EngineError.vault(let inner): self.init(inner)
        case VaultError.fault(let fault): self.init([Self.finding(fault)])
        case let fault as Fault: self.init([Self.finding(fault)])
        case LedgerError.altered(let faults): self.init(faults.map(Self.finding))
        default:
            let worded = worded(error)
            guard worded.code == .integrity else { return nil }
            let kind = if case EngineError.preambleAltered = error { "preamble" } else { "refused" }
            let (expected, found) = Self.values(error)
            self.init([Finding(kind: kind, place: "home", expected: expected, found: found, words: worded.message)])
        }
    }

    private init(_ findings: [Finding]) {
        checked = 0
        self.findings = findings
        count = findings.count
    }

    private static func values(_ error: any Error) -> (String, String) {
        switch error {
        case EngineError.preambleAltered(let expected, let found), EngineError.toolsAltered(let expected, let found),
            EngineError.lawsAltered(let expected, let found):
            (expected, found)
        default: ("", worded(error).message)
        }
    }

    private static func finding(_ fault: Fault) -> Finding {
        Finding(
            kind: fault.kind.rawValue, place: fault.place, expected: fault.expected, found: fault.found,
            words: words(for: fault))
    }

    private static func finding(_ fault: VaultFault) -> Finding {
        Finding(
            kind: fault.kind.rawValue, place: fault.place, expected: fault.expected, found: fault.found,
            words: words(for: fault))
    }

    /// Prints all, and gives the exit code.
    func show(_ what: String, of whose: String? = nil, _ output: Output) -> ExitCode {
        if output.isJSON {
            output.document(json)
        } else {
            for finding in findings { output.result("\(output.paint("fault:", .red)) \(finding.words)") }
            if count > findings.count { output.result("and \(count - findings.count) more") }
            let verdict = count == 0 ? output.paint("ok", .green) : output.paint(counted(count, "fault"), .red)
            output.result("\(verdict): \(counted(checked, what))\(whose.map { " of \($0)" } ?? "") checked")
        }
        return count == 0 ? .success : .integrity
    }

    private var json: JSON { ["ok": .bool(count == 0), "checked": .integer(Int64(checked)), "faults": faults] }

    /// The faults as scripts read them.
    var faults: JSON {
        .array(
            findings.map {
                [
                    "kind": .string($0.kind), "where": .string($0.place), "expected": .string($0.expected),
                    "found": .string($0.found),
                ]
            })
    }
}
