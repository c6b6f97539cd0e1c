// Reading and appending rows of the span table.
internal import Cryptography
internal import Encoding
internal import SQLite

/// One stored row: the columns beside the exact bytes.
struct SpanRow {
    static let columns = "position, id, seq, entity_type, subject, trace_id, idempotency_key, bytes"

    let position: Int
    let id: [UInt8]
    let seq: Int
    let entityType: String
    let subject: String
    let traceID: [UInt8]?
    let idempotencyKey: String?

    init(_ row: borrowing Row) {
        position = row.int(0)
        id = row.blob(1)
        seq = row.int(2)
        entityType = row.text(3)
        subject = row.text(4)
        traceID = row.optionalBlob(5)
        idempotencyKey = row.optionalText(6)
    }

    /// The first column that differs from what the bytes say; nil where all agree.
    func mismatch(with span: SpanEnvelope) -> (column: String, expected: String, found: String)? {
        if position != span.position { return ("position", "\(span.position)", "\(position)") }
        if id != span.id.bytes { return ("id", "\(span.id)", Hex.encode(id)) }
        if seq != span.seq { return ("seq", "\(span.seq)", "\(seq)") }
        if entityType != span.entityType { return ("entity_type", span.entityType, entityType) }
        if subject != span.subject { return ("subject", span.subject, subject) }
        if traceID != span.traceID?.bytes {
            return ("trace_id", span.traceID?.description ?? "none", traceID.map { Hex.encode($0) } ?? "none")
        }
        if idempotencyKey != span.idempotencyKey {
            return ("idempotency_key", span.idempotencyKey ?? "none", idempotencyKey ?? "none")
        }
        return nil
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

    /// Appends one span's row and, where it has one, its payload.
    func insert(_ span: Span, payload: SealedPayload?) throws(SQLiteError) {
        try run(
            "INSERT INTO span (\(SpanRow.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", .int(span.position),
            .blob(span.id.bytes), .int(span.seq), .text(span.entityType.rawValue),
            .text(span.resident?.description ?? span.this), .optional(span.traceID?.bytes),
            .optional(span.idempotencyKey), .blob(span.canonicalBytes))
        if let payload {
            try run(
                "INSERT INTO sealed_payload (span_id, seq, ciphertext) VALUES (?, ?, ?)", .blob(span.id.bytes),
                .int(span.seq), .blob(payload.ciphertext))
        }
    }
}
