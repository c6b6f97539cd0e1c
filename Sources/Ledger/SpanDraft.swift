// What a caller hands to the ledger: everything of a span but what the writer adds.
public import Encoding

/// A span in the making; the writer adds position, links, hash, signature, key and ledger name.
///
/// Only what the kind declares is accepted: private words belong into `sealed`.
public struct SpanDraft: Sendable {
    /// The span's own identifier (UUIDv7).
    public var id: Identifier
    /// The version of this identifier: 0, then one more each time.
    public var seq: Int
    /// What kind of span it is.
    public var entityType: EntityType
    /// Who did it.
    public var who: Actor
    /// The past form of the act.
    public var did: String
    /// What it was done to: the resident, or what the kind's row in the format says.
    public var this: String
    /// When.
    public var at: Instant
    /// Who may see it.
    public var visibility: Visibility
    /// The declared public facts of the kind.
    public var metadata: JSONObject
    /// The declared public words of the kind.
    public var content: JSON?
    /// The public handle.
    public var name: String?
    /// The resident first, where `this` is not the resident.
    public var relatedTo: [Identifier]
    /// The run.
    public var traceID: Identifier?
    /// What may happen only once.
    public var idempotencyKey: String?
    /// How a run ended.
    public var status: String?
    /// How long it took.
    public var durationMilliseconds: Int?
    /// The span this one follows from.
    public var parentID: Identifier?
    /// The private fields, sealed by the vault.
    public var sealed: SealedPayload?

    /// A draft; `did`, `visibility` and `status` are the kind's own where they are not given.
    public init(
        id: Identifier, seq: Int = 0, entityType: EntityType, who: Actor, did: String? = nil, this: String,
        at: Instant, visibility: Visibility? = nil, metadata: JSONObject = [:], content: JSON? = nil,
        name: String? = nil, relatedTo: [Identifier] = [], traceID: Identifier? = nil, idempotencyKey: String? = nil,
        status: String? = nil, durationMilliseconds: Int? = nil, parentID: Identifier? = nil,
        sealed: SealedPayload? = nil
    ) {
        let declaration = entityType.declaration
        self.id = id
        self.seq = seq
        self.entityType = entityType
        self.who = who
        self.did = did ?? declaration.did
        self.this = this
        self.at = at
        self.visibility = visibility ?? declaration.visibility
        self.metadata = metadata
        self.content = content
        self.name = name
        self.relatedTo = relatedTo
        self.traceID = traceID
        self.idempotencyKey = idempotencyKey
        self.status = status ?? declaration.status
        self.durationMilliseconds = durationMilliseconds
        self.parentID = parentID
        self.sealed = sealed
    }
}

/// Private fields as the vault sealed them: the span carries their hash, a table their bytes.
public struct SealedPayload: Sendable, Hashable {
    /// The 16-byte identifier of the resident's key.
    public let keyID: [UInt8]
    /// The sealed bytes.
    public let ciphertext: [UInt8]

    /// A payload under the key of that identifier.
    public init(keyID: [UInt8], ciphertext: [UInt8]) {
        self.keyID = keyID
        self.ciphertext = ciphertext
    }
}
