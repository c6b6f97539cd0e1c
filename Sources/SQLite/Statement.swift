// Prepared statements: kept by their text, bound, stepped, and given back reset.
internal import CSQLite

/// Prepared statements at rest, by their SQL; one in use is out of the cache, so that a nested query gets its own.
final class StatementCache {
    private static let capacity = 256
    private var resting: [String: OpaquePointer] = [:]

    func take(_ sql: String) -> OpaquePointer? { resting.removeValue(forKey: sql) }

    func giveBack(_ statement: OpaquePointer, for sql: String) {
        guard resting[sql] == nil, resting.count < Self.capacity else {
            sqlite3_finalize(statement)
            return
        }
        resting[sql] = statement
    }

    func finalizeAll() {
        for statement in resting.values { sqlite3_finalize(statement) }
        resting = [:]
    }
}

extension Connection {
    /// Runs the body with the statement prepared and bound, then resets it, forgets its values and keeps it.
    func withStatement<R>(
        _ sql: String, _ values: [SQLiteValue], _ body: (OpaquePointer) throws -> R
    ) throws -> R {
        let statement = try prepare(sql)
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
            statements.giveBack(statement, for: sql)
        }
        try bind(values, to: statement)
        return try body(statement)
    }

    /// Steps once; true where there is a row.
    func step(_ statement: OpaquePointer) throws(SQLiteError) -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw .stepping(code, on: database)
        }
    }

    private func prepare(_ sql: String) throws(SQLiteError) -> OpaquePointer {
        if let statement = statements.take(sql) { return statement }
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK else { throw .preparing(code, on: database) }
        guard let statement else { throw SQLiteError(code: SQLITE_MISUSE, message: "empty statement") }
        return statement
    }

    private func bind(_ values: [SQLiteValue], to statement: OpaquePointer) throws(SQLiteError) {
        let expected = Int(sqlite3_bind_parameter_count(statement))
        guard values.count == expected else {
            throw SQLiteError(
                code: SQLITE_RANGE, message: "\(values.count) values for \(expected) parameters")
        }
        for (index, value) in values.enumerated() {
            let code = Self.bind(value, at: Int32(index + 1), of: statement)
            guard code == SQLITE_OK else { throw .plain(code) }
        }
    }

    private static func bind(_ value: SQLiteValue, at index: Int32, of statement: OpaquePointer) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(statement, index)
        case .integer(let integer): return sqlite3_bind_int64(statement, index, integer)
        case .text(var text):
            return text.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { bytes in
                    // A null pointer would bind NULL instead of the empty text.
                    bytes.baseAddress.map {
                        shim_sqlite3_bind_text_copy(statement, index, $0, UInt64(bytes.count))
                    } ?? shim_sqlite3_bind_text_copy(statement, index, "", 0)
                }
            }
        case .blob(let bytes) where bytes.isEmpty: return sqlite3_bind_zeroblob(statement, index, 0)
        case .blob(let bytes):
            return bytes.withUnsafeBytes {
                shim_sqlite3_bind_blob_copy(statement, index, $0.baseAddress, UInt64($0.count))
            }
        }
    }
}
