// Prepared statements: kept by their text, bound, stepped, and given back reset.
internal import CSQLite

/// A prepared statement, and whether a query runs on it.
final class PreparedStatement {
    let handle: OpaquePointer
    var isBusy = true

    init(handle: OpaquePointer) { self.handle = handle }

    deinit { sqlite3_finalize(handle) }
}

/// Prepared statements, by their SQL; beside one that is busy a nested query gets its own, which is not kept.
final class StatementCache {
    private static let capacity = 256
    private var kept: [StatementText: PreparedStatement] = [:]

    /// A statement of this text that nothing runs on; it is busy from now on.
    func take(_ sql: String) -> PreparedStatement? {
        guard let statement = kept[StatementText(sql: sql)], !statement.isBusy else { return nil }
        statement.isBusy = true
        return statement
    }

    /// Keeps a new statement, unless there is one of its text or no room.
    func keep(_ statement: PreparedStatement, for sql: String) {
        let text = StatementText(sql: sql)
        if kept.count < Self.capacity, kept[text] == nil { kept[text] = statement }
    }

    func finalizeAll() { kept = [:] }
}

/// The text of a statement as a key: compared whole, but hashed by its length and three of its words.
///
/// Texts are some hundred bytes long and looked up for every statement, so that hashing them whole would show.
private struct StatementText: Hashable {
    let sql: String

    func hash(into hasher: inout Hasher) {
        let word = sql.utf8.withContiguousStorageIfAvailable { Self.digest(UnsafeRawBufferPointer($0)) }
        hasher.combine(word ?? UInt64(sql.utf8.count))
    }

    private static func digest(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        guard bytes.count >= 8 else { return UInt64(bytes.count) }
        var word = UInt64(bytes.count)
        func mix(_ place: Int) {
            word = (word ^ bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
            word ^= word >> 29
        }
        mix(bytes.count - 8)
        mix(bytes.count / 2 - 4)
        mix((bytes.count - 8) / 4)
        return word
    }
}

extension Connection {
    /// Runs the body with the statement prepared and bound, then resets it, forgets its values and keeps it.
    func withStatement<R>(
        _ sql: String, _ values: [SQLiteValue], _ body: (OpaquePointer) throws -> R
    ) throws -> R {
        let prepared = try prepare(sql)
        let statement = prepared.handle
        defer {
            sqlite3_reset(statement)
            if !values.isEmpty { sqlite3_clear_bindings(statement) }
            prepared.isBusy = false
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

    private func prepare(_ sql: String) throws(SQLiteError) -> PreparedStatement {
        if let statement = statements.take(sql) { return statement }
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK else { throw .preparing(code, on: database) }
        guard let statement else { throw SQLiteError(code: SQLITE_MISUSE, message: "empty statement") }
        let prepared = PreparedStatement(handle: statement)
        statements.keep(prepared, for: sql)
        return prepared
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
