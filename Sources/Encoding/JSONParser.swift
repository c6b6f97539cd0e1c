// The one JSON parser of the program: strict, bounded, over raw bytes (RFC 8259, and RFC 7493 where it is stricter).

extension JSON {
    /// Reads one JSON text; refuses whatever is not exactly one value, duplicate keys and lone surrogates included.
    ///
    /// - Parameters:
    ///   - bytes: The text in UTF-8, without byte order mark.
    ///   - limits: How large and how deep it may be.
    ///   - dialect: The grammar.
    public static func parse(
        _ bytes: [UInt8], limits: JSONLimits = .default, dialect: JSONDialect = .strict
    ) throws(JSONError) -> JSON {
        let result = bytes.withUnsafeBytes { parseResult($0, limits: limits, dialect: dialect) }
        return try result.get()
    }

    /// Reads one JSON text from memory that the caller keeps, such as a secret buffer.
    public static func parse(
        _ bytes: UnsafeRawBufferPointer, limits: JSONLimits = .default, dialect: JSONDialect = .strict
    ) throws(JSONError) -> JSON {
        try parseResult(bytes, limits: limits, dialect: dialect).get()
    }

    /// Reads one JSON text from a span of bytes.
    public static func parse(
        _ bytes: RawSpan, limits: JSONLimits = .default, dialect: JSONDialect = .strict
    ) throws(JSONError) -> JSON {
        let result = bytes.withUnsafeBytes { parseResult($0, limits: limits, dialect: dialect) }
        return try result.get()
    }

    private static func parseResult(
        _ bytes: UnsafeRawBufferPointer, limits: JSONLimits, dialect: JSONDialect
    ) -> Result<JSON, JSONError> {
        guard bytes.count <= limits.maximumBytes else { return .failure(.tooLarge(limit: limits.maximumBytes)) }
        return bytes.withMemoryRebound(to: UInt8.self) { text in
            guard let base = text.baseAddress else {
                return .failure(.unterminated(at: JSONPosition(offset: 0, line: 1, column: 1)))
            }
            var parser = JSONParser(base: base, count: text.count, limits: limits, relaxed: dialect == .json5)
            do throws(JSONFault) {
                return .success(try parser.parseDocument())
            } catch {
                return .failure(error.located(in: text, limits: limits))
            }
        }
    }
}

/// The state of one parse: where it is in the bytes; recursive by nesting, which the depth limit bounds.
struct JSONParser {
    let base: UnsafePointer<UInt8>
    let count: Int
    let limits: JSONLimits
    /// Whether JSON5's additions are allowed.
    let relaxed: Bool
    var at = 0
    /// Where strings with escapes are put together; kept, so that only the first of them allocates.
    var scratch: [UInt8] = []

    init(base: UnsafePointer<UInt8>, count: Int, limits: JSONLimits, relaxed: Bool) {
        self.base = base
        self.count = count
        self.limits = limits
        self.relaxed = relaxed
    }

    mutating func parseDocument() throws(JSONFault) -> JSON {
        if count >= 3, base[0] == 0xEF, base[1] == 0xBB, base[2] == 0xBF {
            throw JSONFault(kind: .byteOrderMark, offset: 0)
        }
        try skipSpace()
        let value = try parseValue(depth: 0)
        try skipSpace()
        guard at == count else { throw fault(.trailingBytes) }
        return value
    }

    @inline(__always)
    func fault(_ kind: JSONFault.Kind) -> JSONFault { JSONFault(kind: kind, offset: at) }

    /// The fault of meeting a byte that cannot stand here, or the end.
    func faultHere() -> JSONFault { at < count ? fault(.unexpectedByte) : fault(.unterminated) }

    /// Passes white space; in the relaxed dialect comments too.
    @inline(__always)
    mutating func skipSpace() throws(JSONFault) {
        while at < count {
            switch base[at] {
            case 0x20, 0x0A, 0x0D, 0x09: at += 1
            case 0x21...0x7E where !(relaxed && base[at] == UInt8(ascii: "/")): return
            default:
                guard relaxed, try skipRelaxedSpace() else { return }
            }
        }
    }

    mutating func parseValue(depth: Int) throws(JSONFault) -> JSON {
        guard at < count else { throw fault(.unterminated) }
        switch base[at] {
        case UInt8(ascii: "\""): return .string(try parseString(quote: UInt8(ascii: "\"")))
        case UInt8(ascii: "{"): return .object(try parseObject(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try parseArray(depth: depth + 1))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        case UInt8(ascii: "t"): return try parseLiteral("true", .bool(true))
        case UInt8(ascii: "f"): return try parseLiteral("false", .bool(false))
        case UInt8(ascii: "n"): return try parseLiteral("null", .null)
        default:
            guard relaxed else { throw fault(.unexpectedByte) }
            return try parseRelaxedValue()
        }
    }

    private mutating func parseLiteral(_ word: StaticString, _ value: JSON) throws(JSONFault) -> JSON {
        for index in 0..<word.utf8CodeUnitCount {
            guard at < count, base[at] == word.utf8Start[index] else { throw faultHere() }
            at += 1
        }
        return value
    }

    private mutating func parseArray(depth: Int) throws(JSONFault) -> [JSON] {
        guard depth <= limits.maximumDepth else { throw fault(.tooDeep) }
        at += 1
        var values: [JSON] = []
        try skipSpace()
        if at < count, base[at] == UInt8(ascii: "]") {
            at += 1
            return values
        }
        while true {
            values.append(try parseValue(depth: depth))
            try skipSpace()
            guard at < count else { throw fault(.unterminated) }
            if base[at] == UInt8(ascii: ",") {
                at += 1
                try skipSpace()
                guard relaxed, at < count, base[at] == UInt8(ascii: "]") else { continue }
            }
            guard base[at] == UInt8(ascii: "]") else { throw fault(.unexpectedByte) }
            at += 1
            return values
        }
    }

    private mutating func parseObject(depth: Int) throws(JSONFault) -> JSONObject {
        guard depth <= limits.maximumDepth else { throw fault(.tooDeep) }
        at += 1
        var members = JSONObject()
        try skipSpace()
        if at < count, base[at] == UInt8(ascii: "}") {
            at += 1
            return members
        }
        // Growing from one member to two and four would move them twice.
        members.reserve(4)
        while true {
            let keyOffset = at
            let key = try parseKey()
            try skipSpace()
            guard at < count, base[at] == UInt8(ascii: ":") else { throw faultHere() }
            at += 1
            try skipSpace()
            let value = try parseValue(depth: depth)
            guard members.appendIfNew(key, value) else { throw JSONFault(kind: .duplicateKey, offset: keyOffset) }
            try skipSpace()
            guard at < count else { throw fault(.unterminated) }
            if base[at] == UInt8(ascii: ",") {
                at += 1
                try skipSpace()
                guard relaxed, at < count, base[at] == UInt8(ascii: "}") else { continue }
            }
            guard base[at] == UInt8(ascii: "}") else { throw fault(.unexpectedByte) }
            at += 1
            return members
        }
    }

    private mutating func parseKey() throws(JSONFault) -> String {
        guard at < count else { throw fault(.unterminated) }
        if base[at] == UInt8(ascii: "\"") { return try parseString(quote: UInt8(ascii: "\"")) }
        guard relaxed else { throw fault(.unexpectedByte) }
        return try parseRelaxedKey()
    }
}
