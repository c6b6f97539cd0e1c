// Holding a draft to the declaration of its kind, before it is queued.
internal import Encoding

extension SpanDraft {
    /// Refuses whatever the declaration of the kind does not allow; names the field, never its value.
    func checkDeclared() throws(LedgerError) {
        let declaration = entityType.declaration
        try check(metadata, declared: declaration.metadata, in: "metadata")
        try checkContent(declaration)
        try require(!did.isEmpty && did.utf8.count <= 64, "did")
        try require((0...JSONBounds.largestInteger).contains(seq), "seq")
        try require(relatedTo.count <= 64, "related_to")
        try checkThis(declaration)
        switch (declaration.name, name) {
        case (.absent, .some): throw .undeclaredField(entityType, "name")
        case (.required, nil): throw .invalidField(entityType, "name")
        default: try require((name?.utf8.count ?? 1) <= 1024 && name != "", "name")
        }
        if let status, status != declaration.status { throw .undeclaredField(entityType, "status") }
        if let durationMilliseconds {
            guard declaration.hasDuration else { throw .undeclaredField(entityType, "duration_ms") }
            try require((0...JSONBounds.largestInteger).contains(durationMilliseconds), "duration_ms")
        }
        if idempotencyKey != nil, !declaration.hasIdempotencyKey {
            throw .undeclaredField(entityType, "idempotency_key")
        }
        if declaration.hasIdempotencyKey {
            try require((1...256).contains(idempotencyKey?.utf8.count ?? 0), "idempotency_key")
        }
        if declaration.isOfRun { try require(traceID != nil, "trace_id") }
        if declaration.isRelated { try require(!relatedTo.isEmpty, "related_to") }
        try require(id.isVersion7, "id")
        // Nothing becomes public that its kind does not make so (S1-08, S1-165).
        try require(declaration.allows(visibility), "visibility")
        try require((0...253_402_300_799_999).contains(at.unixMilliseconds), "at")
        if let sealed { try require(sealed.keyID.count == 16, "sealed") }
    }

    private func checkThis(_ declaration: Declaration) throws(LedgerError) {
        switch declaration.this {
        case .resident, .identifier: try require(Identifier(this)?.description == this, "this")
        case .vaultID: try require(FieldKind.vaultID.accepts(.string(this)), "this")
        case .text: try require(!this.isEmpty && this.utf8.count <= 256, "this")
        }
    }

    private func checkContent(_ declaration: Declaration) throws(LedgerError) {
        guard let content else {
            if declaration.content.contains(where: \.isRequired) { throw .invalidField(entityType, "content") }
            return
        }
        guard !declaration.content.isEmpty else { throw .undeclaredField(entityType, "content") }
        guard let object = content.object else { throw .invalidField(entityType, "content") }
        try check(object, declared: declaration.content, in: "content")
    }

    private func check(_ object: JSONObject, declared: [Field], in place: String) throws(LedgerError) {
        for (key, value) in object {
            guard let field = declared.first(where: { $0.name == key }) else {
                throw .undeclaredField(entityType, "\(place).\(key.utf8.count <= 64 ? key : "…")")
            }
            try require(field.kind.accepts(value), "\(place).\(field.name)")
        }
        for field in declared where field.isRequired {
            try require(object[field.name] != nil, "\(place).\(field.name)")
        }
    }

    /// The field is only named where it is refused.
    private func require(_ holds: Bool, _ field: @autoclosure () -> String) throws(LedgerError) {
        guard holds else { throw .invalidField(entityType, field()) }
    }
}

/// The bounds of the format's JSON.
enum JSONBounds {
    /// 2^53−1.
    static let largestInteger = 9_007_199_254_740_991
    /// The most bytes of one span.
    static let maximumSpanBytes = 65_535
}

extension Declaration {
    /// Whether a span of this kind may be seen that far.
    func allows(_ seen: Visibility) -> Bool {
        visibility == .public ? seen == .public || mayBePrivate : seen != .public
    }
}

extension FieldKind {
    /// Whether the value is of this kind.
    func accepts(_ value: JSON) -> Bool {
        switch self {
        case .text: return isShortText(value)
        case .longText: return value.string != nil
        case .integer: return isInteger(value)
        case .bool: return value.bool != nil
        case .hash: return isHex(value, prefix: "blake3:", digits: 64)
        case .digest: return isHex(value, prefix: "hmac-sha512:", digits: 64)
        case .key: return isHex(value, prefix: "", digits: 64)
        case .vaultID: return isHex(value, prefix: "", digits: 32)
        case .hashes: return value.array?.allSatisfy { FieldKind.hash.accepts($0) } ?? false
        case .scalar: return isShortText(value) || isInteger(value) || value.bool != nil
        case .counts:
            if let object = value.object { return object.allSatisfy { isInteger($0.value) && $0.key.utf8.count <= 64 } }
            return isInteger(value)
        }
    }

    private func isShortText(_ value: JSON) -> Bool { value.string.map { $0.utf8.count <= 1024 } ?? false }

    private func isInteger(_ value: JSON) -> Bool {
        value.integer.map { (0...Int64(JSONBounds.largestInteger)).contains($0) } ?? false
    }

    private func isHex(_ value: JSON, prefix: String, digits: Int) -> Bool {
        guard let text = value.string, text.hasPrefix(prefix) else { return false }
        let hex = text.utf8.dropFirst(prefix.utf8.count)
        return hex.count == digits && hex.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
