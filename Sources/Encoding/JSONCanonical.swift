// The canonical writers: RFC 8785 in full, and the part of it that the ledger hashes.

extension JSON {
    /// Writes the value in the JSON Canonicalization Scheme (RFC 8785): ECMAScript's numbers, keys in UTF-16 order.
    ///
    /// A whole number that no double holds is refused as `.notCanonicalNumber` unless it is itself the canonical
    /// spelling of a double, so that writing never changes a value silently.
    public func canonical() throws(JSONError) -> [UInt8] {
        var writer = CanonicalWriter(forLedger: false, maximumBytes: .max, maximumDepth: JSONLimits.deepest)
        try writer.write(self, depth: 0)
        return writer.output.bytes
    }

    /// Writes the bytes that the ledger hashes: RFC 8785 with only whole numbers within ±(2^53−1), bounded.
    ///
    /// Refuses any other number, nesting beyond 32 and more than 65,535 bytes.
    public func canonicalForLedger() throws(JSONError) -> [UInt8] {
        let limits = JSONLimits.ledger
        var writer = CanonicalWriter(
            forLedger: true, maximumBytes: limits.maximumBytes, maximumDepth: limits.maximumDepth)
        try writer.write(self, depth: 0)
        return writer.output.bytes
    }
}

/// Canonical bytes in the making.
private struct CanonicalWriter {
    var output = JSONWriter(indented: false)
    let forLedger: Bool
    let maximumBytes: Int
    let maximumDepth: Int

    init(forLedger: Bool, maximumBytes: Int, maximumDepth: Int) {
        self.forLedger = forLedger
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
    }

    mutating func write(_ value: JSON, depth: Int) throws(JSONError) {
        switch value {
        case .null: output.append("null")
        case .bool(let value): output.append(value ? "true" : "false")
        case .integer(let value): try writeInteger(value)
        case .number(let value):
            guard !forLedger, value.isFinite else { throw .notCanonicalNumber(at: nil) }
            ECMANumber.append(value, to: &output.bytes)
        case .string(let value): output.appendString(value)
        case .array(let values): try writeArray(values, depth: depth + 1)
        case .object(let members): try writeObject(members, depth: depth + 1)
        }
        guard output.bytes.count <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
    }

    private mutating func writeInteger(_ value: Int64) throws(JSONError) {
        if value.magnitude <= UInt64(JSONLimits.largestSafeInteger) {
            output.appendInteger(value)
            return
        }
        guard !forLedger else { throw .notCanonicalNumber(at: nil) }
        var spelling: [UInt8] = []
        ECMANumber.append(Double(value), to: &spelling)
        guard Int64(exactly: Double(value)) == value || spelling.elementsEqual(value.description.utf8) else {
            throw .notCanonicalNumber(at: nil)
        }
        output.bytes.append(contentsOf: spelling)
    }

    private mutating func writeArray(_ values: [JSON], depth: Int) throws(JSONError) {
        guard depth <= maximumDepth else { throw .tooDeep(limit: maximumDepth, at: nil) }
        output.bytes.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { output.bytes.append(UInt8(ascii: ",")) }
            try write(value, depth: depth)
        }
        output.bytes.append(UInt8(ascii: "]"))
    }

    private mutating func writeObject(_ object: JSONObject, depth: Int) throws(JSONError) {
        guard depth <= maximumDepth else { throw .tooDeep(limit: maximumDepth, at: nil) }
        output.bytes.append(UInt8(ascii: "{"))
        let order = object.members.indices.sorted {
            precedesInUTF16(object.members[$0].key, object.members[$1].key)
        }
        for (position, index) in order.enumerated() {
            if position > 0 { output.bytes.append(UInt8(ascii: ",")) }
            output.appendString(object.members[index].key)
            output.bytes.append(UInt8(ascii: ":"))
            try write(object.members[index].value, depth: depth)
        }
        output.bytes.append(UInt8(ascii: "}"))
    }
}
