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
    /// Whether `this` is a resident.
    var isAboutResident = false
    var this = ""
    /// The first of `related_to`, as it is written.
    var related: String?
    /// The resident it concerns, if any.
    var resident: Identifier?
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
    /// What the rules look at in the metadata.
    var facts = SpanFacts()

    /// What stands in the store's subject column: the resident, else what `this` is.
    var subject: String { isAboutResident ? this : related ?? this }
}

/// The metadata that the state machine looks at, nil where the span has none of that name.
struct SpanFacts {
    var generation: Int?
    var epoch: Int?
    var round: Int?
    var rounds: Int?
    var calls: Int?
    var reason: String?
    var publicKey: String?

    /// Takes in one member, its key with quotes and its value as canonical bytes.
    mutating func note(_ key: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        switch key.count {
        case 7 where Self.isKey(key, "epoch"): epoch = Self.integer(value)
        case 7 where Self.isKey(key, "round"): round = Self.integer(value)
        case 7 where Self.isKey(key, "calls"): calls = Self.integer(value)
        case 8 where Self.isKey(key, "rounds"): rounds = Self.integer(value)
        case 8 where Self.isKey(key, "reason"): reason = Self.text(value)
        case 12 where Self.isKey(key, "generation"): generation = Self.integer(value)
        case 12 where Self.isKey(key, "public_key"): publicKey = Self.text(value)
        default: break
        }
    }

    private static func isKey(_ key: UnsafeBufferPointer<UInt8>, _ name: StaticString) -> Bool {
        for index in 0..<name.utf8CodeUnitCount where key[index + 1] != name.utf8Start[index] { return false }
        return true
    }

    private static func integer(_ value: UnsafeBufferPointer<UInt8>) -> Int? {
        var number = 0
        for byte in value {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        return number
    }

    /// The text between the quotes; the codes that the rules know have nothing to escape.
    private static func text(_ value: UnsafeBufferPointer<UInt8>) -> String? {
        guard value.first == UInt8(ascii: "\"") else { return nil }
        return String(decoding: value[1..<value.count - 1], as: UTF8.self)
    }
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
