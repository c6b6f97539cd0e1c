// One record of the ledger, as it was signed.
public import Encoding

/// A span that is on the ledger; immutable, with the exact bytes that were hashed and signed.
public struct Span: Sendable {
    /// Where it stands, from 0.
    public let position: Int
    /// Its own identifier.
    public let id: Identifier
    /// The version of the identifier.
    public let seq: Int
    /// What kind it is.
    public let entityType: EntityType
    /// Who did it.
    public let who: Actor
    /// The past form of the act.
    public let did: String
    /// What it was done to.
    public let this: String
    /// When, by the clock of the node at that time; the order of spans is their position.
    public let at: Instant
    /// Who may see it.
    public let visibility: Visibility
    /// The public facts.
    public let metadata: JSONObject
    /// The public words.
    public let content: JSON?
    /// The public handle.
    public let name: String?
    /// The resident first, where `this` is not the resident.
    public let relatedTo: [Identifier]
    /// The run.
    public let traceID: Identifier?
    /// What may happen only once.
    public let idempotencyKey: String?
    /// How a run ended.
    public let status: String?
    /// How long it took.
    public let durationMilliseconds: Int?
    /// The span this one follows from.
    public let parentID: Identifier?
    /// What the span says of its sealed fields.
    public let sealed: SealedReference?
    /// The name of the ledger.
    public let ledger: String
    /// The hash of the span before, 32 bytes; zeros at position 0.
    public let previousHash: [UInt8]
    /// Its own hash, 32 bytes.
    public let hash: [UInt8]
    /// The node's signature over the hash, 64 bytes.
    public let signature: [UInt8]
    /// The exact canonical bytes.
    public let canonicalBytes: [UInt8]

    /// The resident it concerns: `this`, or the first of `relatedTo`; nil where it concerns none.
    public var resident: Identifier? {
        entityType.concernsResident ? Identifier(this) : relatedTo.first
    }

    /// What stands in the store's subject column: the resident, else what `this` is.
    var subject: String { entityType.concernsResident ? this : relatedTo.first?.description ?? this }
}

/// What a span says of its sealed fields.
public struct SealedReference: Sendable, Hashable {
    /// The 16-byte identifier of the resident's key.
    public let keyID: [UInt8]
    /// The BLAKE3 hash of the ciphertext, 32 bytes.
    public let hash: [UInt8]
    /// The length of the ciphertext.
    public let length: Int
}
