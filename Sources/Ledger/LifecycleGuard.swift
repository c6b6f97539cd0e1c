// What the writer asks the ledger itself before a span goes on it: versions, keys, generations, deletions.
internal import Encoding
internal import SQLite

/// Looks up, in the writer's transaction, whether a draft may follow what is there.
struct LifecycleGuard {
    let connection: Connection

    /// Throws where the draft may not follow, but for a used identifier or key, which the table itself refuses.
    func check(_ draft: SpanDraft) throws {
        if draft.seq > 0 { try checkVersion(draft) }
        switch draft.entityType {
        case .residentAdmitted: if let resident = Identifier(draft.this) { try checkAdmission(draft, of: resident) }
        case .vaultSealed: if let resident = Identifier(draft.this) { try checkSeal(draft, of: resident) }
        case .residentDeleted: if let resident = Identifier(draft.this) { try checkAlive(resident) }
        default: break
        }
    }

    /// Names the identifier or the key that is used already.
    func checkUnused(_ draft: SpanDraft) throws {
        try checkVersion(draft)
        try checkKey(draft)
    }

    /// A first version is of an unused identifier, a later one follows the last of the same kind (B-01, B-09).
    private func checkVersion(_ draft: SpanDraft) throws {
        let last = try connection.firstRow(
            "SELECT seq, entity_type FROM span WHERE id = ? ORDER BY seq DESC LIMIT 1", [.blob(draft.id.bytes)]
        ) { (seq: $0.int(0), kind: $0.text(1)) }
        guard let last else {
            guard draft.seq == 0 else { throw LedgerError.wrongVersion(draft.id, expected: 0, found: draft.seq) }
            return
        }
        guard draft.seq > last.seq else { throw LedgerError.identifierUsed(draft.id, seq: draft.seq) }
        guard draft.seq == last.seq + 1, last.kind == draft.entityType.rawValue else {
            throw LedgerError.wrongVersion(draft.id, expected: last.seq + 1, found: draft.seq)
        }
    }

    /// A key is used once; the refusal names the span that used it, so that a repeat finds the first result (B-13).
    private func checkKey(_ draft: SpanDraft) throws {
        guard let key = draft.idempotencyKey else { return }
        let used = try connection.firstRow(
            "SELECT id, position FROM span WHERE idempotency_key = ?", [.text(key)]
        ) { (id: Identifier(bytes: $0.blob(0)), position: $0.int(1)) }
        if let used, let id = used.id { throw LedgerError.idempotencyKeyUsed(key, by: id, position: used.position) }
    }

    private func checkAdmission(_ draft: SpanDraft, of resident: Identifier) throws {
        if let position = try last(of: resident, [.residentAdmitted, .residentDeleted]) {
            throw LedgerError.residentExists(resident, position: position)
        }
        let generation = Int(draft.metadata["generation"]?.integer ?? -1)
        guard generation == 0 else {
            throw LedgerError.wrongGeneration(resident: resident, expected: 0, found: generation)
        }
    }

    private func checkSeal(_ draft: SpanDraft, of resident: Identifier) throws {
        try checkAlive(resident)
        // What is sealed was admitted before.
        guard let position = try last(of: resident, [.vaultSealed]) ?? last(of: resident, [.residentAdmitted]) else {
            throw LedgerError.residentUnknown(resident)
        }
        let expected = (try connection.generation(at: position) ?? -1) + 1
        let found = Int(draft.metadata["generation"]?.integer ?? -1)
        guard expected == found else {
            throw LedgerError.wrongGeneration(resident: resident, expected: expected, found: found)
        }
    }

    private func checkAlive(_ resident: Identifier) throws {
        if let position = try last(of: resident, [.residentDeleted]) {
            throw LedgerError.residentDeleted(resident, position: position)
        }
    }

    private func last(of resident: Identifier, _ kinds: [EntityType]) throws -> Int? {
        try kinds.compactMap { try connection.lastPosition(subject: resident.description, kind: $0) }.max()
    }
}

extension Connection {
    /// The position of the last span of a kind about a subject, by the index where the kind is in it.
    func lastPosition(subject: String, kind: EntityType) throws -> Int? {
        try integer("SELECT position FROM span \(Self.last(kind))", .text(subject), .text(kind.rawValue))
            .map { Int($0) }
    }

    /// The last span of a kind about a subject, found alike; its form and its hash are checked.
    func lastSpan(subject: String, kind: EntityType) throws -> Span? {
        try spans(Self.last(kind), [.text(subject), .text(kind.rawValue)]).first
    }

    private static func last(_ kind: EntityType) -> String { Schema.runSteps.contains(kind) ? lastStep : lastBySubject }
    private static let lastStep = "WHERE subject = ? AND entity_type = ? ORDER BY position DESC LIMIT 1"
    private static let lastBySubject = """
        WHERE subject = ? AND entity_type = ? AND \(Schema.isBySubject) ORDER BY position DESC LIMIT 1
        """

    /// The generation that the span at a position states; the form and the hash of its bytes are checked.
    fileprivate func generation(at position: Int) throws -> Int? {
        try firstRow("SELECT bytes FROM span WHERE position = ?", [.int(position)]) { row in
            try row.withBlob(0) { bytes in
                try bytes.withMemoryRebound(to: UInt8.self) { try SpanEnvelope(canonicalBytes: $0).facts.generation }
            }
        } ?? nil
    }
}
