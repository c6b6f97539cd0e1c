// Schema steps by name, each applied exactly once and all of a name's steps together.
internal import CSQLite

extension Connection {
    /// Brings the named part of the schema up to date: runs the steps it has not seen, in one transaction.
    ///
    /// A step may hold several statements. Steps are only ever added at the end. A database that has seen more
    /// steps than this program knows is refused.
    public func migrate(_ name: String, steps: [String]) throws {
        try atomically {
            try execute(
                "CREATE TABLE IF NOT EXISTS schema_version (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT")
            let seen = try version(of: name)
            guard seen <= steps.count else { throw Self.mismatch(name, seen, steps) }
            guard seen < steps.count else { return }
            for step in steps[seen...] { try execute(step) }
            try run(
                "INSERT INTO schema_version (name, version) VALUES (?, ?) "
                    + "ON CONFLICT (name) DO UPDATE SET version = excluded.version",
                .text(name), .int(steps.count))
        }
    }

    /// Refuses a database whose named part is not at the version that this program knows; for those who only read.
    ///
    /// - Parameter acceptsOlder: whether what the caller reads was the same in every earlier version.
    public func checkMigrated(_ name: String, steps: [String], acceptsOlder: Bool = false) throws {
        let seen = try version(of: name)
        guard seen == steps.count || acceptsOlder && seen < steps.count else { throw Self.mismatch(name, seen, steps) }
    }

    private func version(of name: String) throws -> Int {
        Int(try integer("SELECT version FROM schema_version WHERE name = ?", .text(name)) ?? 0)
    }

    private static func mismatch(_ name: String, _ seen: Int, _ steps: [String]) -> SQLiteError {
        SQLiteError(
            code: SQLITE_MISMATCH, message: "schema \(name) is at version \(seen), this program knows \(steps.count)")
    }

    /// Forgets that the named part of the schema was ever made, for one that is dropped and made anew.
    public func forgetMigrations(_ name: String) throws {
        try run("DELETE FROM schema_version WHERE name = ?", .text(name))
    }

    private func atomically(_ body: () throws -> Void) throws {
        if isInTransaction { try savepoint(body) } else { try transaction(body) }
    }
}
