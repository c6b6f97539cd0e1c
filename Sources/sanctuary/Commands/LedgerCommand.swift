// `sanctuary ledger`: the record; each of its words has a file of its own below.
import Cryptography
import Encoding
import Engine
import Files
import Ledger

extension Commands {
    static let ledger = CommandSpecification(
        name: "ledger", summary: "the record: signed spans in one hash-linked chain",
        subcommands: [ledgerTail, ledgerShow, ledgerVerify, ledgerExport, ledgerRebuild, ledgerPin, ledgerAcceptLoss])

    private static let ledgerVerify = CommandSpecification(
        name: "verify", summary: "every span, link, hash and signature, the payloads and the head",
        operands: "[EXPORT]", operandKind: .directory, maximumOperands: 1,
        options: [
            .value("key", "HEX", "the node's public key as you know it from elsewhere (with EXPORT)"),
            .value("head", "HASH", "the hash of the last span as you know it from elsewhere (with EXPORT)"),
        ],
        details: """
            With a directory that 'ledger export' wrote, that one is verified: against --key and --head where they are
            given, else against this home's ledger where there is one, else against nothing from outside, which is said.
            """
    ) { call in
        let (key, head) = try anchors(call)
        if let directory = call.operand(0) {
            guard Files.isDirectory(directory) else {
                throw CommandError("there is no directory '\(shown(directory, limit: 300))'")
            }
            if try key != nil || head != nil || !Files.exists(call.home().ledger) {
                return try await verifyAlone(directory, key: key, head: head, call.output)
            }
        } else if key != nil || head != nil {
            throw CommandError.usage("--key and --head belong to an export", hint: "name its directory too")
        }
        do {
            return try await call.withLedger { ledger in
                let report: VerificationReport
                if let directory = call.operand(0) {
                    report = try await ledger.verifyExport(directory: directory)
                } else {
                    report = try await ledger.verify()
                }
                return Findings(report).show("span", of: shown(ledger.origin, limit: 200), call.output)
            }
        } catch {
            guard let findings = Findings(error) else { throw error }
            return findings.show("span", call.output)
        }
    }

    /// The key and the head that were given.
    private static func anchors(_ call: Invocation) throws(CommandError) -> (key: VerifyingKey?, head: [UInt8]?) {
        let key = try call.arguments.value("key").map { text throws(CommandError) in
            guard let bytes = Hex.decode(text), let key = try? VerifyingKey(bytes) else {
                throw .usage("'--key \(shown(text))' is no public key", hint: "write its 64 hex digits")
            }
            return key
        }
        let head = try call.arguments.value("head").map { text throws(CommandError) in
            guard let hash = HashText.blake3Bytes(text.hasPrefix("blake3:") ? text : "blake3:" + text) else {
                throw .usage("'--head \(shown(text))' is no hash", hint: "write it as blake3: and 64 hex digits")
            }
            return hash
        }
        return (key, head)
    }

    /// Verifies an export by what is known from outside, without any home.
    private static func verifyAlone(
        _ directory: String, key: VerifyingKey?, head: [UInt8]?, _ output: Output
    ) async throws -> ExitCode {
        do {
            let report = try await Ledger.verifyExport(directory: directory, key: key, head: head)
            let open = [
                report.unanchored.contains(.key) ? "key" : nil, report.unanchored.contains(.head) ? "head" : nil,
            ]
            let unanchored = open.compactMap(\.self)
            if !unanchored.isEmpty {
                output.warning(
                    "unanchored: \(listed(unanchored)) \(unanchored.count == 1 ? "is" : "are") the export's own",
                    hint: "name what you know from elsewhere with --key HEX and --head HASH")
            }
            if !report.includesPayloads { output.note("the export was written without its sealed payloads") }
            return Findings(report).show("span", of: "the export", output)
        } catch {
            guard let findings = Findings(error) else { throw error }
            return findings.show("span", output)
        }
    }

    private static let ledgerExport = CommandSpecification(
        name: "export", summary: "write the record as files that anyone can verify", operands: "DIR",
        operandKind: .directory, minimumOperands: 1, maximumOperands: 1,
        options: [.flag("without-payloads", "leave the sealed payloads out")],
        details: "Writes spans.ndjson, ledger.json and sealed/; scripts/verify-ledger checks them without this program."
    ) { call in
        let directory = call.operand(0) ?? ""
        try call.checkDirectoryToWrite(directory)
        return try await call.withLedger { ledger in
            if Files.isDirectory(directory), try !Files.list(directory).isEmpty {
                throw CommandError(
                    "the directory '\(shown(directory, limit: 300))' is not empty",
                    hint: "name a new or empty directory")
            }
            let exported = try await ledger.export(
                to: directory, withPayloads: !call.arguments.has("without-payloads"))
            if call.output.isJSON {
                call.output.document([
                    "directory": .string(directory), "spans": .integer(Int64(exported.size)),
                    "payloads": .integer(Int64(exported.payloads)),
                    "head": .string(HashText.blake3(exported.head)),
                ])
            } else {
                call.output.result(
                    "wrote \(counted(exported.size, "span")) and \(counted(exported.payloads, "sealed payload")) to "
                        + shown(directory, limit: 300))
                call.output.result("head \(HashText.blake3(exported.head))")
            }
            return .success
        }
    }

    private static let ledgerRebuild = CommandSpecification(
        name: "rebuild", summary: "make the tables of the community again from the record"
    ) { call in
        try await call.withHouse(.writer) { house in
            try await house.ledger.rebuild()
            let spans = try await house.ledger.size()
            if call.output.isJSON {
                call.output.document(["spans": .integer(Int64(spans))])
            } else {
                call.output.result("made the tables again from \(counted(spans, "span"))")
            }
            return .success
        }
    }

    private static let ledgerAcceptLoss = CommandSpecification(
        name: "accept-loss", summary: "after a lost disk: go on from a ledger that ends before its head; recorded",
        options: [.flag("confirm", "yes, what is missing is given up")],
        details: """
            Altered spans are refused all the same. The loss becomes a span that says how much is missing. Sealed files
            that are newer than the ledger afterwards are named by 'vault verify'; 'vault adopt' takes one as true.
            """
    ) { call in
        guard call.arguments.has("confirm") else {
            throw CommandError.usage(
                "accepting a loss is not confirmed",
                hint: "restore a backup if there is one; else repeat it with --confirm")
        }
        let lost = try await House.acceptLoss(at: try call.existingHome(), surroundings: call.surroundings)
        if call.output.isJSON {
            call.output.document([
                "lost": .integer(Int64(lost.map { max(0, $0.named - $0.found) } ?? 0)),
                "spans": lost.map { .integer(Int64($0.found)) } ?? .null,
            ])
        } else if let lost {
            call.output.result(
                "the head named \(counted(lost.named, "span")), \(lost.found) are there; the loss is on the record")
            call.output.note("next: 'sanctuary vault verify' names sealed files that are newer than the ledger")
        } else {
            call.output.result("nothing is lost: the ledger reaches its head")
        }
        return .success
    }
}
