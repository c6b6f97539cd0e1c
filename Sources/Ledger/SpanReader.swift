// Reads spans strictly: canonical bytes, every required field, every field of its form, and the hash of the rest.
internal import Cryptography
internal import Encoding

/// Why bytes are no span of the format.
struct SpanRefusal: Error {
    let kind: Fault.Kind
    let expected: String
    let found: String
}

/// Reads one span after the other, keeping its buffers.
struct SpanReader {
    private var ranges = [Range<Int>](repeating: 0..<0, count: SpanField.allCases.count)
    private var hashed: [UInt8] = []
    /// What the span that was read last says its hash is, and how it is written there.
    private var lastHash: [UInt8] = []
    private var lastHashText: [UInt8] = []
    private var metadata: [CanonicalScanner.Member] = []
    private var content: [CanonicalScanner.Member] = []
    /// What the span that was read last may say, where its kind is known.
    private var declaration: Declaration?

    /// The envelope of the span in these bytes.
    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(SpanRefusal) -> SpanEnvelope {
        try locate(bytes)
        let fields = Fields(bytes: bytes, ranges: ranges, metadata: metadata, content: content)
        var span = SpanEnvelope()
        for field in SpanField.required where ranges[field.rawValue].isEmpty {
            throw SpanRefusal(kind: .fieldMissing, expected: field.name, found: "none")
        }
        guard try fields.integer(.version) == 1 else { throw fields.invalid(.version, "1") }
        span.position = try fields.integer(.position)
        span.seq = try fields.integer(.seq)
        guard let id = fields.identifier(.id), id.isVersion7 else { throw fields.invalid(.id, "a UUIDv7") }
        span.id = id
        span.entityType = try fields.string(.entityType)
        span.kind = EntityType.named[span.entityType]
        declaration = span.kind?.declaration
        span.isAboutResident = declaration?.this == .resident
        span.this = try fields.string(.this)
        span.ledger = try fields.string(.ledger)
        span.key = try fields.string(.key)
        // In a chain the one is what the span before says of itself.
        if lastHashText.withUnsafeBufferPointer({ $0.isSame(as: fields.raw(.previousHash)) }) {
            span.previousHash = lastHash
        } else {
            span.previousHash = try fields.digits(.previousHash, prefix: "blake3:", bytes: 32)
        }
        span.statedHash = try fields.digits(.currentHash, prefix: "blake3:", bytes: 32)
        lastHash = span.statedHash
        lastHashText.removeAll(keepingCapacity: true)
        lastHashText.append(contentsOf: fields.raw(.currentHash))
        span.signature = try fields.digits(.signature, prefix: "ed25519:", bytes: 64)
        if fields.has(.trace) { span.traceID = try fields.requiredIdentifier(.trace) }
        for field in [SpanField.parent, .owner, .tenant] where fields.has(field) {
            _ = try fields.requiredIdentifier(field)
        }
        if fields.has(.idempotencyKey) { span.idempotencyKey = try fields.string(.idempotencyKey) }
        if fields.has(.relatedTo) { span.related = try fields.identifiers(.relatedTo).first }
        span.resident = span.isAboutResident ? fields.identifier(.this) : span.related.flatMap { Identifier($0) }
        if fields.has(.sealed) { span.sealed = try fields.sealedReference() }
        if fields.has(.metadata) { span.facts = try fields.facts() }
        if fields.has(.duration) { _ = try fields.integer(.duration) }
        for field in [SpanField.name, .status, .description] where fields.has(field) { _ = try fields.string(field) }
        try checkWords(fields)
        span.hash = hash(bytes)
        return span
    }

    /// Whether the span that was read last says only what its kind declares; why not, where it does not.
    func declaredRefusal(_ span: SpanEnvelope, in bytes: UnsafeBufferPointer<UInt8>) -> SpanRefusal? {
        guard let kind = span.kind, let declaration else {
            return SpanRefusal(kind: .fieldUnknown, expected: "a declared kind of span", found: span.entityType)
        }
        do throws(SpanRefusal) {
            try Fields(bytes: bytes, ranges: ranges, metadata: metadata, content: content)
                .checkDeclared(kind, declaration)
            return nil
        } catch {
            return error
        }
    }

    private func checkWords(_ fields: Fields) throws(SpanRefusal) {
        guard try Actor(fields.string(.who)) != nil else { throw fields.invalid(.who, "an actor") }
        guard try Visibility(rawValue: fields.string(.visibility)) != nil else {
            throw fields.invalid(.visibility, "private, tenant or public")
        }
        guard try !fields.string(.did).isEmpty else { throw fields.invalid(.did, "an act") }
        let at = try fields.string(.at)
        guard at.utf8.count == 24, at.utf8.last == UInt8(ascii: "Z"), Instant(rfc3339: at) != nil else {
            throw fields.invalid(.at, "RFC 3339 in UTC with three decimals")
        }
    }

    /// Finds the members; both the names and the list of known names are in canonical order, so one walk matches them.
    private mutating func locate(_ bytes: UnsafeBufferPointer<UInt8>) throws(SpanRefusal) {
        for index in ranges.indices { ranges[index] = 0..<0 }
        metadata.removeAll(keepingCapacity: true)
        content.removeAll(keepingCapacity: true)
        var known = 0
        var unknown: Range<Int>?
        let isCanonical = CanonicalScanner.members(of: bytes) { key, value, inner in
            let name = UnsafeBufferPointer(rebasing: bytes[key.lowerBound + 1..<key.upperBound - 1])
            while known < SpanField.names.count {
                let candidate = SpanField.names[known]
                known += 1
                guard name.isText(candidate) else { continue }
                ranges[known - 1] = value
                if known - 1 == SpanField.metadata.rawValue { metadata.append(contentsOf: inner) }
                if known - 1 == SpanField.content.rawValue { content.append(contentsOf: inner) }
                return
            }
            if unknown == nil { unknown = key }
            known = 0
        }
        guard isCanonical else { throw refusal(bytes) }
        if let unknown {
            let name = String(decoding: bytes[unknown].prefix(66), as: UTF8.self)
            throw SpanRefusal(kind: .fieldUnknown, expected: "a field of the format", found: name)
        }
    }

    /// Says why the scanner refused, by parsing and writing anew.
    private func refusal(_ bytes: UnsafeBufferPointer<UInt8>) -> SpanRefusal {
        do throws(JSONError) {
            let value = try JSON.parse(UnsafeRawBufferPointer(bytes), limits: .ledger)
            guard value.object != nil else {
                return SpanRefusal(kind: .malformed, expected: "an object", found: "another value")
            }
            let canonical = try value.canonicalForLedger()
            let same = zip(canonical, bytes).prefix { $0 == $1 }.count
            return SpanRefusal(
                kind: .notCanonical, expected: "\(canonical.count) canonical bytes",
                found: "\(bytes.count) bytes that differ from byte \(same)")
        } catch {
            return SpanRefusal(kind: .malformed, expected: "strict JSON", found: Self.word(for: error))
        }
    }

    /// An error's case and offset; its own values could quote a span's text.
    private static func word(for error: JSONError) -> String {
        let name = String(describing: error).prefix { $0 != "(" }
        return error.position.map { "\(name) at byte \($0.offset)" } ?? String(name)
    }

    /// The hash of the canonical bytes without `curr_hash` and `signature`; neither is ever the first member.
    private mutating func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        let own = member(.currentHash)
        let signature = member(.signature)
        hashed.removeAll(keepingCapacity: true)
        hashed.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[..<own.lowerBound]))
        hashed.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[own.upperBound..<signature.lowerBound]))
        hashed.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[signature.upperBound...]))
        return BLAKE3.hash(hashed)
    }

    /// The bytes of a member with the comma before it.
    private func member(_ field: SpanField) -> Range<Int> {
        let value = ranges[field.rawValue]
        return value.lowerBound - SpanField.names[field.rawValue].utf8CodeUnitCount - 4..<value.upperBound
    }
}
