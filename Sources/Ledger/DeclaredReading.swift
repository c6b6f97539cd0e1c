// Holding the bytes of a span to the declaration of its kind, without building values.
internal import Encoding

extension Fields {
    /// Refuses a field that the kind does not declare, or one of another form; names the field, never its value.
    func checkDeclared(_ kind: EntityType, _ declaration: Declaration) throws(SpanRefusal) {
        try check(.metadata, metadata, declared: declaration.metadata, of: kind)
        try check(.content, content, declared: declaration.content, of: kind)
        let allowed: [(field: SpanField, isAllowed: Bool)] = [
            (.name, declaration.name != .absent), (.status, declaration.status != nil),
            (.duration, declaration.hasDuration), (.idempotencyKey, declaration.hasIdempotencyKey),
            (.description, false), (.error, false), (.input, false), (.output, false),
        ]
        for (field, isAllowed) in allowed where has(field) && !isAllowed { throw undeclared(field.name, kind) }
        let needed: [(field: SpanField, isNeeded: Bool)] = [
            (.name, declaration.name == .required), (.status, declaration.status != nil),
            (.idempotencyKey, declaration.hasIdempotencyKey), (.trace, declaration.isOfRun),
            (.relatedTo, declaration.isRelated),
        ]
        for (field, isNeeded) in needed where isNeeded && !has(field) {
            throw SpanRefusal(kind: .fieldMissing, expected: "\(field.name) in \(kind.rawValue)", found: "none")
        }
        if let status = declaration.status, try string(.status) != status { throw invalid(.status, status) }
        guard let seen = Visibility(rawValue: try string(.visibility)), declaration.allows(seen) else {
            throw invalid(.visibility, declaration.visibility.rawValue)
        }
        switch declaration.this {
        case .resident, .identifier: if identifier(.this) == nil { throw invalid(.this, "a UUID") }
        case .vaultID: _ = try digits(.this, prefix: "", bytes: 16)
        case .text: break
        }
    }

    private func check(
        _ field: SpanField, _ members: [CanonicalScanner.Member], declared: [Field], of kind: EntityType
    ) throws(SpanRefusal) {
        if has(field), raw(field).first != UInt8(ascii: "{") { throw invalid(field, "an object") }
        var found = 0
        var next = 0
        for member in members {
            let name = UnsafeBufferPointer(rebasing: bytes[member.key.lowerBound + 1..<member.key.upperBound - 1])
            guard let index = Self.index(of: name, in: declared, from: next) else {
                let word = String(decoding: name.prefix(64), as: UTF8.self)
                throw undeclared("\(field.name).\(word)", kind)
            }
            next = index + 1
            if declared[index].isRequired { found += 1 }
            guard declared[index].kind.accepts(canonical: UnsafeBufferPointer(rebasing: bytes[member.value])) else {
                throw SpanRefusal(
                    kind: .fieldInvalid, expected: "\(field.name).\(declared[index].name): \(declared[index].kind)",
                    found: "another value")
            }
        }
        guard found == declared.count(where: \.isRequired) else {
            let names = declared.filter(\.isRequired).map(\.name).joined(separator: ", ")
            throw SpanRefusal(
                kind: .fieldMissing, expected: "\(field.name) of \(kind.rawValue): \(names)", found: "\(found) of them")
        }
    }

    /// Where a name stands; most stand behind the one before.
    ///
    /// None of the names has anything to escape.
    private static func index(of name: UnsafeBufferPointer<UInt8>, in declared: [Field], from next: Int) -> Int? {
        for index in next..<declared.count where name.isText(declared[index].literal) { return index }
        for index in 0..<next where name.isText(declared[index].literal) { return index }
        return nil
    }

    private func undeclared(_ name: String, _ kind: EntityType) -> SpanRefusal {
        SpanRefusal(kind: .fieldUnknown, expected: "a declared field of \(kind.rawValue)", found: name)
    }
}

extension FieldKind {
    /// Whether a value's canonical bytes are of this kind.
    fileprivate func accepts(canonical value: UnsafeBufferPointer<UInt8>) -> Bool {
        let first = value.first ?? 0
        switch self {
        case .longText: return first == UInt8(ascii: "\"")
        case .integer: return (0x30...0x39).contains(first)
        case .bool: return first == UInt8(ascii: "t") || first == UInt8(ascii: "f")
        case .hash: return isDigits(value, prefix: "\"blake3:", count: 64)
        case .digest: return isDigits(value, prefix: "\"hmac-sha512:", count: 64)
        case .key: return isDigits(value, prefix: "\"", count: 64)
        case .vaultID: return isDigits(value, prefix: "\"", count: 32)
        case .text, .hashes, .scalar, .counts:
            // A short text without escapes, by far the most common of these, needs no value.
            if first == UInt8(ascii: "\""), self != .hashes, self != .counts, value.count <= 1026 { return true }
            return (try? JSON.parse(UnsafeRawBufferPointer(value))).map { accepts($0) } ?? false
        }
    }

    private func isDigits(_ value: UnsafeBufferPointer<UInt8>, prefix: StaticString, count: Int) -> Bool {
        let start = prefix.utf8CodeUnitCount
        guard value.count == start + count + 1 else { return false }
        for index in 0..<start where value[index] != prefix.utf8Start[index] { return false }
        // Every byte is looked at without a branch, which digits of a hash would mostly mispredict.
        var strangers: UInt8 = 0
        for index in start..<start + count {
            let byte = value[index]
            let letter: UInt8 = byte &- 0x61 < 6 ? 0 : 1
            strangers |= byte &- 0x30 < 10 ? 0 : letter
        }
        return strangers == 0
    }
}
