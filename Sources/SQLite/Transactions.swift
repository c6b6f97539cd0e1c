// Transactions and savepoints: all of it or none of it.
internal import CSQLite

extension Connection {
    /// Whether a transaction is open; SQLite itself ends one after some failures, such as a full disk.
    public var isInTransaction: Bool { sqlite3_get_autocommit(database) == 0 }

    /// Runs the body in a transaction that takes the write lock at once; an error undoes all and passes through.
    public func transaction<R>(_ body: () throws -> R) throws -> R {
        try run("BEGIN IMMEDIATE")
        return try ending("COMMIT", undo: ["ROLLBACK"], body)
    }

    /// Runs the body on one unchanging state of the database.
    public func snapshot<R>(_ body: () throws -> R) throws -> R {
        try run("BEGIN")
        return try ending("COMMIT", undo: ["ROLLBACK"], body)
    }

    /// Runs the body in a savepoint of the open transaction; an error undoes the body alone and passes through.
    ///
    /// After a failure that made SQLite end the whole transaction `isInTransaction` is false.
    public func savepoint<R>(_ body: () throws -> R) throws -> R {
        savepointDepth += 1
        defer { savepointDepth -= 1 }
        let name = "level_\(savepointDepth)"
        try run("SAVEPOINT \(name)")
        return try ending("RELEASE \(name)", undo: ["ROLLBACK TO \(name)", "RELEASE \(name)"], body)
    }

    private func ending<R>(_ end: String, undo: [String], _ body: () throws -> R) throws -> R {
        do {
            let result = try body()
            try run(end)
            return result
        } catch {
            // The first error is the one to report; undoing can only fail where SQLite has undone all already.
            for statement in undo where isInTransaction { try? run(statement) }
            throw error
        }
    }
}
