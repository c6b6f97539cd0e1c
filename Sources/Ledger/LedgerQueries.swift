// Looking spans up; what is handed out was read strictly, with its hash checked.
public import Encoding
public import SQLite

extension Ledger {
    /// Which spans a query asks for; all conditions hold together.
    public struct Query: Sendable {
        /// Positions; nil for all.
        public var positions: Range<Int>?
        /// Kinds; empty for all.
        public var types: [EntityType] = []
        /// The resident that the span concerns, or another `this`.
        ///
        /// With kinds that are no steps of a run it is found at once; steps of a run are found at once by `traceID`.
        public var subject: String?
        /// The run.
        public var traceID: Identifier?
        /// Whether the newest come first.
        public var newestFirst = false
        /// The most spans to return.
        public var limit = 1000

        /// All spans, oldest first, at most 1,000.
        public init(
            positions: Range<Int>? = nil, types: [EntityType] = [], subject: String? = nil,
            traceID: Identifier? = nil, newestFirst: Bool = false, limit: Int = 1000
        ) {
            self.positions = positions
            self.types = types
            self.subject = subject
            self.traceID = traceID
            self.newestFirst = newestFirst
            self.limit = limit
        }

        /// The SQL behind `FROM span` and its values.
        fileprivate var selection: (sql: String, values: [SQLiteValue]) {
            var conditions: [String] = []
            var values: [SQLiteValue] = []
            if let positions {
                conditions.append("position >= ? AND position < ?")
                values += [.int(positions.lowerBound), .int(positions.upperBound)]
            }
            if !types.isEmpty {
                conditions.append("entity_type IN (\(types.map { _ in "?" }.joined(separator: ", ")))")
                values += types.map { .text($0.rawValue) }
            }
            if let subject {
                conditions.append("subject = ?")
                values.append(.text(subject))
                // Where no steps of runs are asked for, the index of subjects answers.
                if !types.isEmpty, Schema.runSteps.isDisjoint(with: types) { conditions.append(Schema.isBySubject) }
            }
            if let traceID {
                conditions.append("trace_id = ?")
                values.append(.blob(traceID.bytes))
            }
            let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
            return ("\(filter) ORDER BY position \(newestFirst ? "DESC" : "ASC") LIMIT ?", values + [.int(limit)])
        }
    }

    /// The spans that the query asks for.
    public func spans(_ query: Query) async throws -> [Span] {
        try await read { try $0.spans(query) }
    }

    /// The last spans, oldest of them first.
    public func tail(_ count: Int) async throws -> [Span] {
        try await spans(Query(newestFirst: true, limit: count)).reversed()
    }

    /// The span of that identifier in its last version; nil where there is none.
    public func span(_ id: Identifier) async throws -> Span? {
        try await read { connection in
            try connection.spans("WHERE id = ? ORDER BY seq DESC LIMIT 1", [.blob(id.bytes)]).first
        }
    }

    /// The span at a position; nil where there is none.
    public func span(at position: Int) async throws -> Span? {
        try await read { try $0.spans("WHERE position = ?", [.int(position)]).first }
    }

    /// The span that used an idempotency key; nil where it is unused.
    public func span(idempotencyKey: String) async throws -> Span? {
        try await read { try $0.spans("WHERE idempotency_key = ?", [.text(idempotencyKey)]).first }
    }

    /// The sealed payload of a span, checked against the span's hash; nil where it has none any more.
    public func payload(of span: Span) async throws -> [UInt8]? {
        guard let sealed = span.sealed else { return nil }
        let bytes = try await read { try $0.payload(of: span.id, span.seq, at: span.position) }
        guard let bytes else { return nil }
        guard bytes.count == sealed.length, sealed.matches(bytes) else {
            throw LedgerError.altered([
                Fault(
                    .payloadAltered, at: span.position, expected: HashText.blake3(sealed.hash),
                    found: "another payload of \(bytes.count) bytes")
            ])
        }
        return bytes
    }

    /// The number of spans.
    public func size() async throws -> Int { try await read { try $0.spanCount() } }

    /// The last span of those kinds about a resident, with hash and signature verified; nil where there is none.
    public func lastSpan(of resident: Identifier, types: [EntityType]) async throws -> Span? {
        try await lastSpan(subject: resident.description, types: types)
    }

    /// The last span of those kinds about a subject, with hash and signature verified; nil where there is none.
    ///
    /// The subject is the resident that a span concerns, else its `this`: the origin, the vault, a human.
    public func lastSpan(subject: String, types: [EntityType]) async throws -> Span? {
        let key = key
        return try await read { try $0.lastSpan(subject: subject, types: types, verifiedWith: key) }
    }
}

extension Connection {
    /// The spans that the query asks for, as part of a reading of more.
    public func spans(_ query: Ledger.Query) throws -> [Span] {
        let (sql, values) = query.selection
        return try spans(sql, values)
    }
}
