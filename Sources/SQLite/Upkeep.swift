// Checkpoints, integrity checks and copies of a whole database.
internal import CSQLite

extension Connection {
    /// Moves the write-ahead log into the database and empties it; for the one connection that writes.
    ///
    /// Returns false where readers kept part of the log in use.
    @discardableResult
    public func checkpoint() throws(SQLiteError) -> Bool {
        let code = sqlite3_wal_checkpoint_v2(database, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        if code & 0xff == SQLITE_BUSY { return false }
        guard code == SQLITE_OK else { throw .plain(code) }
        return true
    }

    /// SQLite's own quick check of the file's structure: the faults it names, none when all is well.
    ///
    /// Damage that the check itself stumbles over is a fault too, not an error.
    public func quickCheck() throws -> [String] {
        do {
            return try rows("PRAGMA quick_check") { $0.text(0) }.filter { $0 != "ok" }
        } catch let error as SQLiteError where error.isCorrupt {
            return [error.message]
        }
    }

    /// Copies one consistent state of this database into a new file; works beside a writer.
    public func copy(to path: String) throws(SQLiteError) {
        let target = try Connection(path: path, mode: .readWriteCreate)
        guard let backup = sqlite3_backup_init(target.database, "main", database, "main") else {
            throw .preparing(sqlite3_extended_errcode(target.database), on: target.database)
        }
        let code = sqlite3_backup_step(backup, -1)
        let finished = sqlite3_backup_finish(backup)
        guard code == SQLITE_DONE, finished == SQLITE_OK else { throw .plain(code == SQLITE_DONE ? finished : code) }
    }
}
