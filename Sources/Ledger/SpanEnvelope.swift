// What a verifier needs of a span, read straight from its canonical bytes.
internal import Cryptography
internal import Encoding

/// The fields of a span that its verification looks at; the bytes were found canonical.
struct SpanEnvelope {
    var position = 0
    var id = Identifier(high: 0, low: 0)
    var seq = 0
    var entityType = ""
    /// The kind, where this program knows it.
    var kind: EntityType?
    var this = ""
    var related: Identifier?
    var traceID: Identifier?
    var idempotencyKey: String?
    var ledger = ""
    var key = ""
    var previousHash: [UInt8] = []
    /// What the span says its hash is.
    var statedHash: [UInt8] = []
    /// What the hash of the bytes is.
    var hash: [UInt8] = []
    var signature: [UInt8] = []
    var sealed: SealedReference?
    /// The metadata's bytes, for the few kinds whose metadata the rules look at.
    var metadata: [UInt8] = []

    /// The resident it concerns, if any.
    var resident: Identifier? {
        kind?.concernsResident ?? false ? Identifier(this) : related
    }

    /// What stands in the store's subject column.
    var subject: String { resident?.description ?? this }

    /// One field of the metadata.
    func metadata(_ name: String) -> JSON? { (try? JSON.parse(metadata, limits: .ledger))?[name] }
}

/// The field names of a span, in canonical order, with what the format asks of each.
enum SpanField: Int, CaseIterable {
    case at, content, currentHash, description, did, duration, entityType, error, id, idempotencyKey, input, key, ledger
    case metadata, name, output, owner, parent, position, previousHash, relatedTo, sealed, seq, signature, status
    case tenant, this, trace, version, visibility, who

    static let names: [StaticString] = [
        "at", "content", "curr_hash", "description", "did", "duration_ms", "entity_type", "error", "id",
        "idempotency_key", "input", "key", "ledger", "metadata", "name", "output", "owner_id", "parent_id", "position",
        "prev_hash", "related_to", "sealed", "seq", "signature", "status", "tenant_id", "this", "trace_id", "v",
        "visibility", "who",
    ]

    /// Those that every span has.
    static let required: [SpanField] = [
        .at, .currentHash, .did, .entityType, .id, .key, .ledger, .position, .previousHash, .seq, .signature, .this,
        .version, .visibility, .who,
    ]

    var name: String { String(describing: Self.names[rawValue]) }
}
