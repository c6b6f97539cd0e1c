// `sanctuary ledger`: the record; each of its words has a file of its own below.
import Encoding
import Engine
import Ledger

extension Commands {
    static let ledger = CommandSpecification(
        name: "ledger", summary: "the record: signed spans in one hash-linked chain",
        subcommands: [ledgerTail, ledgerShow, ledgerVerify, ledgerExport, ledgerRebuild, ledgerAcceptLoss])

    private static let ledgerVerify = CommandSpecification(
        name: "verify", summary: "every span, link, hash and signature, the payloads and the head",
        operands: "[EXPORT]", operandKind: .directory, maximumOperands: 1,
        details: "With a directory that 'ledger export' wrote, that one is verified against this ledger's key and head."
    ) { call in
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

    private static let ledgerExport = CommandSpecification(
        name: "export", summary: "write the record as files that anyone can verify", operands: "DIR",
        operandKind: .directory, minimumOperands: 1, maximumOperands: 1,
        options: [.flag("without-payloads", "leave the sealed payloads out")],
        details: "Writes spans.ndjson, ledger.json and sealed/; scripts/verify-ledger checks them without this program."
    ) { call in
        let directory = call.operand(0) ?? ""
        return try await call.withLedger { ledger in
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
        details: "Altered spans are refused all the same. The loss becomes a span that says how much is missing."
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
        } else {
            call.output.result("nothing is lost: the ledger reaches its head")
        }
        return .success
    }
}
