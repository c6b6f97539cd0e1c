// Verifying the store: the whole of it on demand, its end at every start.
internal import Cryptography
internal import Encoding
internal import SQLite

/// What the store is checked against.
struct StoreVerification {
    /// How much of the end is verified at every start.
    static let startSpans = 256

    let key: VerifyingKey
    let headFile: HeadFile

    /// Every span, every payload, the columns and the head, in one snapshot.
    func verify(_ connection: Connection) throws -> VerificationReport {
        // Read before the snapshot, so that a head written meanwhile by a live writer is never ahead of it.
        let head = Result { () throws(LedgerError) in try headFile.read() }
        return try connection.snapshot {
            var verifier = ChainVerifier(key: key, ledger: nil, expected: try connection.spanCount())
            var payloads = PayloadRule()
            var beside = FaultList()
            var headSpan: [UInt8]?
            let size = (try? head.get())?.size
            try connection.forEachRow("SELECT \(SpanRow.columns) FROM span ORDER BY position") { row in
                guard let span = check(row, with: &verifier, beside: &beside) else { return }
                if span.sealed != nil {
                    payloads.check(
                        span, payload: try connection.payload(of: span.id, span.seq, at: row.int(0)), faults: &beside)
                }
                if span.position + 1 == size { headSpan = span.statedHash }
            }
            verifier.finish()
            payloads.finish(deletions: verifier.lifecycle.deletions, faults: &beside)
            try checkUnnamedPayloads(payloads, connection, faults: &beside)
            checkHead(head, span: headSpan, size: verifier.size, verifier, faults: &beside)
            for fault in try StoreGuards(connection).faults { beside.add(fault) }
            for fault in beside.faults { verifier.add(fault) }
            return VerificationReport(verifier: verifier, includesPayloads: true)
        }
    }

    /// The last spans and their links; the faults found.
    func verifyEnd(_ connection: Connection, from start: Int) throws -> FaultList {
        let previous = try connection.firstRow("SELECT bytes FROM span WHERE position = ?", [.int(start - 1)]) {
            try? Span(canonicalBytes: $0.blob(0))
        }
        var verifier = ChainVerifier(key: key, ledger: nil, from: start, previous: previous??.hash)
        var beside = FaultList()
        if start > 0, previous ?? nil == nil {
            beside.add(Fault(.dropped, at: start - 1, expected: "a span", found: "none that can be read"))
        }
        try connection.forEachRow(
            "SELECT \(SpanRow.columns) FROM span WHERE position >= ? ORDER BY position", [.int(start)]
        ) { row in
            _ = check(row, with: &verifier, beside: &beside)
        }
        verifier.finish()
        for fault in beside.faults { verifier.add(fault) }
        return verifier.faults
    }

    /// One row: its span in the chain, and its columns beside.
    private func check(
        _ row: borrowing Row, with verifier: inout ChainVerifier, beside: inout FaultList
    ) -> SpanEnvelope? {
        let span = row.withBlob(SpanRow.bytes) { bytes in
            bytes.withMemoryRebound(to: UInt8.self) { verifier.check($0, at: row.int(0)) }
        }
        if let span, let mismatch = SpanRow.mismatch(row, span) { beside.add(mismatch) }
        return span
    }

    private func checkUnnamedPayloads(
        _ rule: PayloadRule, _ connection: Connection, faults: inout FaultList
    ) throws {
        var found = FaultList()
        try connection.forEachRow("SELECT span_id, seq FROM sealed_payload") { row in
            guard let id = Identifier(bytes: row.blob(0)), rule.named.contains(SpanKey(id: id, seq: row.int(1))) else {
                found.add(
                    Fault(
                        .payloadUnexpected, in: "sealed_payload \(Hex.encode(row.blob(0))).\(row.int(1))",
                        expected: "a span that names it", found: "none"))
                return
            }
        }
        for fault in found.faults { faults.add(fault) }
    }

    private func checkHead(
        _ read: Result<LedgerHead?, LedgerError>, span: [UInt8]?, size: Int, _ verifier: ChainVerifier,
        faults: inout FaultList
    ) {
        let head: LedgerHead
        switch read {
        case .failure:
            return faults.add(Fault(.headMissing, in: headFile.path, expected: "a signed head", found: "none"))
        case .success(nil):
            return faults.add(
                Fault(.headMalformed, in: headFile.path, expected: "size, hash and signature", found: "another form"))
        case .success(let found?): head = found
        }
        if !head.isSigned(by: key) {
            faults.add(
                Fault(
                    .headSignature, in: headFile.path, expected: "a signature of key \(keyName(of: key.bytes))",
                    found: "another"))
        } else if head.size > size {
            faults.add(
                Fault(
                    .truncated, at: head.size - 1,
                    expected: "\(head.size) spans ending in \(HashText.blake3(head.hash))",
                    found: "\(size) spans ending in \(verifier.last.map { HashText.blake3($0.hash) } ?? "none")"))
        } else if let span, span != head.hash {
            faults.add(
                Fault(
                    .headMismatch, at: head.size - 1, expected: HashText.blake3(head.hash), found: HashText.blake3(span)
                ))
        }
    }
}
