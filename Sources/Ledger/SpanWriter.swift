// Makes a span of a draft: canonical bytes written directly in their order, hash, signature.
internal import Cryptography
internal import Encoding

/// Where the chain ends: the number of spans and the hash of the last.
struct ChainTip: Sendable, Equatable {
    var size: Int
    var hash: [UInt8]

    /// Before the genesis span.
    static let empty = ChainTip(size: 0, hash: [UInt8](repeating: 0, count: 32))
}

/// What every span of this ledger has in common, and the key that signs.
struct SpanWriter: Sendable {
    let ledger: String
    let signingKey: SigningKey
    private let ledgerText: [UInt8]
    private let keyText: String

    init(ledger: String, signingKey: SigningKey) throws(LedgerError) {
        self.ledger = ledger
        self.signingKey = signingKey
        ledgerText = try canonical(.string(ledger))
        keyText = keyName(of: signingKey.publicKey)
    }

    /// The span that stands behind the tip.
    func span(from draft: SpanDraft, after tip: ChainTip) throws(LedgerError) -> Span {
        let sealed = draft.sealed.map {
            SealedReference(keyID: $0.keyID, hash: BLAKE3.hash($0.ciphertext), length: $0.ciphertext.count)
        }
        let body = try body(of: draft, sealed, after: tip)
        let hash = BLAKE3.hash(body.bytes)
        let signature = signingKey.sign(signedMessage(forHash: hash))
        var whole = SpanBody()
        whole.bytes.append(contentsOf: body.bytes[..<body.hashPlace])
        whole.digits("curr_hash", "blake3:", hash)
        whole.bytes.append(contentsOf: body.bytes[body.hashPlace..<body.signaturePlace])
        whole.digits("signature", "ed25519:", signature)
        whole.bytes.append(contentsOf: body.bytes[body.signaturePlace...])
        guard whole.bytes.count <= JSONBounds.maximumSpanBytes else {
            throw .tooLarge(bytes: whole.bytes.count, limit: JSONBounds.maximumSpanBytes)
        }
        return Span(draft, sealed, ledger: ledger, tip: tip, hash: hash, signature: signature, bytes: whole.bytes)
    }

    /// The members in canonical order, without the two that are not hashed, whose places are kept.
    private func body(
        of draft: SpanDraft, _ sealed: SealedReference?, after tip: ChainTip
    ) throws(LedgerError) -> SpanBody {
        var body = SpanBody()
        body.plain("at", draft.at.rfc3339)
        if let content = draft.content { body.member("content", try canonical(content)) }
        body.hashPlace = body.bytes.count
        try body.text("did", draft.did)
        if let duration = draft.durationMilliseconds { body.integer("duration_ms", duration) }
        body.plain("entity_type", draft.entityType.rawValue)
        body.plain("id", draft.id.description)
        if let key = draft.idempotencyKey { try body.text("idempotency_key", key) }
        body.plain("key", keyText)
        body.member("ledger", ledgerText)
        if !draft.metadata.isEmpty { body.member("metadata", try canonical(.object(draft.metadata))) }
        if let name = draft.name { try body.text("name", name) }
        if let parent = draft.parentID { body.plain("parent_id", parent.description) }
        body.integer("position", tip.size)
        body.digits("prev_hash", "blake3:", tip.hash)
        if !draft.relatedTo.isEmpty {
            let list = draft.relatedTo.map { "\"\($0)\"" }.joined(separator: ",")
            body.member("related_to", Array("[\(list)]".utf8))
        }
        if let sealed { body.member("sealed", Self.reference(sealed).utf8) }
        body.integer("seq", draft.seq)
        body.signaturePlace = body.bytes.count
        if let status = draft.status { try body.text("status", status) }
        try body.text("this", draft.this)
        if let trace = draft.traceID { body.plain("trace_id", trace.description) }
        body.integer("v", 1)
        body.plain("visibility", draft.visibility.rawValue)
        body.plain("who", draft.who.text)
        body.bytes.append(UInt8(ascii: "}"))
        return body
    }

    private static func reference(_ sealed: SealedReference) -> String {
        let (hash, keyID) = (HashText.blake3(sealed.hash), Hex.encode(sealed.keyID))
        return "{\"alg\":\"C256\",\"ct\":\"\(hash)\",\"kid\":\"\(keyID)\",\"len\":\(sealed.length)}"
    }
}

/// Canonical bytes in the making, and where the two members belong that are not hashed.
private struct SpanBody {
    var bytes: [UInt8] = []
    var hashPlace = 0
    var signaturePlace = 0

    init() { bytes.reserveCapacity(1024) }

    mutating func member(_ name: StaticString, _ value: some Sequence<UInt8>) {
        bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: value)
    }

    /// A text of our own making that has nothing to escape.
    mutating func plain(_ name: StaticString, _ value: String) {
        member(name, "\"".utf8)
        bytes.append(contentsOf: value.utf8)
        bytes.append(UInt8(ascii: "\""))
    }

    /// A text of a name and the lower-case hex digits of bytes.
    mutating func digits(_ name: StaticString, _ prefix: StaticString, _ value: [UInt8]) {
        member(name, CollectionOfOne(UInt8(ascii: "\"")))
        bytes.append(contentsOf: UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount))
        for byte in value {
            bytes.append(Self.digit(byte >> 4))
            bytes.append(Self.digit(byte & 0x0F))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func digit(_ nibble: UInt8) -> UInt8 { nibble + (nibble < 10 ? 0x30 : 0x57) }

    mutating func text(_ name: StaticString, _ value: String) throws(LedgerError) {
        member(name, try canonical(.string(value)))
    }

    mutating func integer(_ name: StaticString, _ value: Int) { member(name, String(value).utf8) }
}

private func canonical(_ value: JSON) throws(LedgerError) -> [UInt8] {
    do throws(JSONError) {
        return try value.canonicalForLedger()
    } catch {
        throw .notCanonical(error)
    }
}

/// The first 8 hex digits of the BLAKE3 of a public key: the `key` of its spans.
func keyName(of publicKey: [UInt8]) -> String { Hex.encode(BLAKE3.hash(publicKey).prefix(4)) }

/// What is signed for a span: a label that no other signature of the node has, and the hash.
func signedMessage(forHash hash: [UInt8]) -> [UInt8] { spanLabel + hash }

private let spanLabel = Array("sanctuary/span/v1\0".utf8)

extension Span {
    /// The span that a draft became.
    fileprivate init(
        _ draft: SpanDraft, _ sealed: SealedReference?, ledger: String, tip: ChainTip, hash: [UInt8],
        signature: [UInt8], bytes: [UInt8]
    ) {
        self.init(
            position: tip.size, id: draft.id, seq: draft.seq, entityType: draft.entityType, who: draft.who,
            did: draft.did, this: draft.this, at: draft.at, visibility: draft.visibility, metadata: draft.metadata,
            content: draft.content, name: draft.name, relatedTo: draft.relatedTo, traceID: draft.traceID,
            idempotencyKey: draft.idempotencyKey, status: draft.status,
            durationMilliseconds: draft.durationMilliseconds, parentID: draft.parentID,
            sealed: sealed, ledger: ledger, previousHash: tip.hash, hash: hash, signature: signature,
            canonicalBytes: bytes)
    }
}
