// The triggers that keep spans as they are: held against the schema, and put back where somebody took them away.
internal import SQLite

/// What stands on the span tables beside what the schema puts there.
struct StoreGuards {
    /// The triggers of the schema, by name.
    private let expected: [String: String]
    /// The triggers of the store, by name.
    private let found: [String: String]

    init(_ connection: Connection) throws {
        let fresh = try Connection(path: ":memory:", mode: .readWriteCreate)
        try fresh.migrate(Schema.name, steps: Schema.steps)
        expected = try Self.triggers(fresh)
        found = try Self.triggers(connection)
    }

    /// One fault a trigger that is missing, another one, or one too many; in the order of their names.
    var faults: [Fault] {
        Set(expected.keys).union(found.keys).sorted().filter { expected[$0] != found[$0] }.map { name in
            Fault(
                .guardAltered, in: "trigger \(name)",
                expected: expected[name] == nil ? "none" : "the trigger of the schema",
                found: found[name] == nil ? "none" : "another")
        }
    }

    /// Makes the triggers those of the schema again; the spans below them are verified by their own hashes.
    func restore(in connection: Connection) throws {
        guard expected != found else { return }
        try connection.transaction {
            for name in found.keys where expected[name] != found[name] {
                try connection.execute("DROP TRIGGER \"\(name.replacing("\"", with: "\"\""))\"")
            }
            for name in expected.keys.sorted() where expected[name] != found[name] {
                try connection.execute(expected[name] ?? "")
            }
        }
    }

    private static func triggers(_ connection: Connection) throws -> [String: String] {
        let rows = try connection.rows(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN (?, ?)",
            [.text(Schema.spanTable), .text(Schema.payloadTable)]
        ) { (name: $0.text(0), sql: $0.text(1)) }
        return Dictionary(rows.map { ($0.name, $0.sql) }, uniquingKeysWith: { first, _ in first })
    }
}

extension Connection {
    /// Whether the store has the table.
    func hasTable(_ name: String) throws -> Bool {
        try exists("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", .text(name))
    }
}
