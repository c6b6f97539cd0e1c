// Reading a whole span back from its exact bytes, and checking that it is what was signed.
public import Cryptography
internal import Encoding

extension Span {
    /// Reads a span of its canonical bytes; refuses what is not exactly in the format's form or of an unknown kind.
    public init(canonicalBytes bytes: [UInt8]) throws(Fault) {
        let envelope = try bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(Fault) in try SpanEnvelope(canonicalBytes: buffer) }
        }.get()
        guard let kind = envelope.kind, let json = try? JSON.parse(bytes, limits: .ledger),
            let who = json["who"]?.string.flatMap({ Actor($0) }), let at = json["at"]?.string,
            let instant = Instant(rfc3339: at),
            let visibility = json["visibility"]?.string.flatMap({ Visibility(rawValue: $0) })
        else {
            throw Fault(
                .fieldInvalid, at: envelope.position, expected: "a kind of span that this program knows",
                found: envelope.entityType)
        }
        self.init(
            position: envelope.position, id: envelope.id, seq: envelope.seq, entityType: kind, who: who,
            did: json["did"]?.string ?? "", this: envelope.this, at: instant, visibility: visibility,
            metadata: json["metadata"]?.object ?? [:], content: json["content"], name: json["name"]?.string,
            relatedTo: json["related_to"]?.array?.compactMap { $0.string.flatMap { Identifier($0) } } ?? [],
            traceID: envelope.traceID, idempotencyKey: envelope.idempotencyKey, status: json["status"]?.string,
            durationMilliseconds: json["duration_ms"]?.integer.map { Int($0) },
            parentID: json["parent_id"]?.string.flatMap { Identifier($0) }, sealed: envelope.sealed,
            ledger: envelope.ledger, previousHash: envelope.previousHash, hash: envelope.statedHash,
            signature: envelope.signature, canonicalBytes: bytes)
    }

    /// Checks the signature; the hash was checked when the span was read.
    public func checkSignature(with key: VerifyingKey) throws(Fault) {
        guard key.isValid(signature: signature, for: signedMessage(forHash: hash)) else {
            throw Fault(
                .wrongSignature, at: position, expected: "a signature of key \(keyName(of: key.bytes))",
                found: "ed25519:" + Hex.encode(signature))
        }
    }
}

extension SpanEnvelope {
    /// Reads what a verifier needs of canonical bytes; refuses bytes of another form or with another hash.
    init(canonicalBytes bytes: UnsafeBufferPointer<UInt8>) throws(Fault) {
        do throws(SpanRefusal) {
            var reader = SpanReader()
            self = try reader.read(bytes)
        } catch {
            throw Fault(error.kind, in: "span", expected: error.expected, found: error.found)
        }
        guard hash == statedHash else {
            throw Fault(
                .wrongHash, at: position, expected: HashText.blake3(hash), found: HashText.blake3(statedHash))
        }
    }
}
