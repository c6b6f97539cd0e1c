// Running statements and reading their rows.
internal import CSQLite

extension Connection {
    /// Runs one or several statements that take no values and whose rows nobody needs.
    public func execute(_ sql: String) throws(SQLiteError) {
        let code = sqlite3_exec(database, sql, nil, nil, nil)
        guard code == SQLITE_OK else {
            // exec both prepares and steps; only what preparing or a constraint says is free of stored values.
            throw code == SQLITE_ERROR || code == SQLITE_AUTH
                ? .preparing(code, on: database) : .stepping(code, on: database)
        }
    }

    /// Runs one statement to its end.
    public func run(_ sql: String, _ values: SQLiteValue...) throws(SQLiteError) { try run(sql, values) }

    /// Runs one statement to its end.
    public func run(_ sql: String, _ values: [SQLiteValue]) throws(SQLiteError) {
        do {
            try withStatement(sql, values) { statement in while try step(statement) {} }
        } catch let error as SQLiteError {
            throw error
        } catch {
            preconditionFailure("only SQLite's own errors are thrown here")
        }
    }

    /// Every row of the result, each made into a value by the closure, whose errors pass through.
    public func rows<R>(
        _ sql: String, _ values: [SQLiteValue] = [], _ row: (borrowing Row) throws -> R
    ) throws -> [R] {
        var results: [R] = []
        try forEachRow(sql, values) { results.append(try row($0)) }
        return results
    }

    /// Hands every row to the closure as it is read, so that a long result is never held whole.
    public func forEachRow(
        _ sql: String, _ values: [SQLiteValue] = [], _ body: (borrowing Row) throws -> Void
    ) throws {
        try withStatement(sql, values) { statement in
            while try step(statement) { try body(Row(statement: statement)) }
        }
    }

    /// The first row of the result, nil where there is none.
    public func firstRow<R>(
        _ sql: String, _ values: [SQLiteValue] = [], _ row: (borrowing Row) throws -> R
    ) throws -> R? {
        try withStatement(sql, values) { statement in
            try step(statement) ? try row(Row(statement: statement)) : nil
        }
    }

    /// The first column of the first row as an integer; nil where there is no row or it is NULL.
    public func integer(_ sql: String, _ values: SQLiteValue...) throws -> Int64? {
        try firstRow(sql, values) { $0.optionalInteger(0) } ?? nil
    }

    /// The first column of the first row as text; nil where there is no row or it is NULL.
    public func text(_ sql: String, _ values: SQLiteValue...) throws -> String? {
        try firstRow(sql, values) { $0.optionalText(0) } ?? nil
    }

    /// Whether the query has a row.
    public func exists(_ sql: String, _ values: SQLiteValue...) throws -> Bool {
        try firstRow(sql, values) { _ in true } ?? false
    }

    /// The number of rows that the last INSERT, UPDATE or DELETE changed.
    public var changes: Int { Int(sqlite3_changes64(database)) }

    /// The row id of the last row inserted through this connection.
    public var lastInsertRowID: Int64 { sqlite3_last_insert_rowid(database) }
}
