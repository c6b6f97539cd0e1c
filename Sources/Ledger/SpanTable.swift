// Reading and appending rows of the span table.
internal import Cryptography
internal import Encoding
internal import SQLite

/// The columns of a stored row beside its exact bytes, compared with what the bytes say.
enum SpanRow {
    static let columns = "position, id, seq, entity_type, subject, trace_id, idempotency_key, bytes"
    /// Where the bytes stand among the columns.
    static let bytes = 7

    /// The fault of the first column that says something else than the bytes; nil where all agree.
    static func mismatch(_ row: borrowing Row, _ span: SpanEnvelope) -> Fault? {
        let position = row.int(0)
        func fault(_ column: String, _ expected: String, _ found: String) -> Fault {
            Fault(.columnMismatch, at: position, expected: "\(column) \(expected)", found: "\(column) \(found)")
        }
        if position != span.position { return fault("position", "\(span.position)", "\(position)") }
        if row.withBlob(1, identifier) != span.id { return fault("id", "\(span.id)", Hex.encode(row.blob(1))) }
        if row.int(2) != span.seq { return fault("seq", "\(span.seq)", "\(row.int(2))") }
        if !row.isText(3, span.entityType) { return fault("entity_type", span.entityType, row.text(3)) }
        if !row.isText(4, span.subject) { return fault("subject", span.subject, row.text(4)) }
        if row.isNull(5) != (span.traceID == nil) || row.withBlob(5, identifier) != span.traceID {
            return fault("trace_id", span.traceID?.description ?? "none", Hex.encode(row.blob(5)))
        }
        if row.isNull(6) != (span.idempotencyKey == nil) || !row.isText(6, span.idempotencyKey ?? "") {
            return fault("idempotency_key", span.idempotencyKey ?? "none", row.optionalText(6) ?? "none")
        }
        return nil
    }

    private static func identifier(_ bytes: UnsafeRawBufferPointer) -> Identifier? {
        guard bytes.count == 16 else { return nil }
        return Identifier(
            high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
}

extension Row {
    /// Whether a column's text is exactly this.
    fileprivate func isText(_ column: Int, _ text: String) -> Bool {
        var text = text
        return withBlob(column) { stored in
            stored.withMemoryRebound(to: UInt8.self) { stored in text.withUTF8 { $0.isSame(as: stored) } }
        }
    }
}

extension Connection {
    /// Where the stored chain ends; the last span's bytes are read strictly.
    func chainTip() throws -> ChainTip {
        guard let last = try spans("ORDER BY position DESC LIMIT 1").first else { return .empty }
        return ChainTip(size: last.position + 1, hash: last.hash)
    }

    /// The number of spans, by the last position.
    func spanCount() throws -> Int { Int(try integer("SELECT max(position) + 1 FROM span") ?? 0) }

    /// The spans that the rest of a query selects, each read strictly from its exact bytes.
    func spans(_ selection: String, _ values: [SQLiteValue] = []) throws -> [Span] {
        try rows("SELECT position, bytes FROM span \(selection)", values) { row in
            let span = try Span(canonicalBytes: row.blob(1))
            guard span.position == row.int(0) else {
                throw Fault(
                    .columnMismatch, at: row.int(0), expected: "position \(span.position)",
                    found: "position \(row.int(0))")
            }
            return span
        }
    }

    /// The sealed payload of the span at a position; nil where it has none, or none any more.
    func payload(of id: Identifier, _ seq: Int, at position: Int) throws -> [UInt8]? {
        try firstRow(
            "SELECT ciphertext FROM sealed_payload WHERE position = ? AND span_id = ? AND seq = ?",
            [.int(position), .blob(id.bytes), .int(seq)]
        ) { $0.blob(0) }
    }

    /// Appends one span's row and, where it has one, its payload.
    ///
    /// `OR FAIL`, since a single row is refused whole or not at all: SQLite need not prepare to undo half of it.
    func insert(_ span: Span, payload: SealedPayload?) throws(SQLiteError) {
        try run(
            "INSERT OR FAIL INTO span (\(SpanRow.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", .int(span.position),
            .blob(span.id.bytes), .int(span.seq), .text(span.entityType.rawValue),
            .text(span.subject), .optional(span.traceID?.bytes),
            .optional(span.idempotencyKey), .blob(span.canonicalBytes))
        if let payload {
            try run(
                "INSERT OR FAIL INTO sealed_payload (span_id, seq, ciphertext, position) VALUES (?, ?, ?, ?)",
                .blob(span.id.bytes), .int(span.seq), .blob(payload.ciphertext), .int(span.position))
        }
    }
}
