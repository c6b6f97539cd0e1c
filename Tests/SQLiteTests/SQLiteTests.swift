// Tests of connections: values in and out, statements, the protections that are on from the start.
import SQLite
import TestSupport
import Testing

/// A connection to memory with one table for anything.
func scratch() throws -> Connection {
    let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
    try connection.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT UNIQUE, data BLOB) STRICT")
    return connection
}

/// The error that the body throws, if it is the room's own.
func sqliteError(_ body: () throws -> Void) -> SQLiteError? {
    do {
        try body()
        return nil
    } catch {
        return error as? SQLiteError
    }
}

@Suite("SQLite connection")
struct ConnectionTests {
    @Test("every kind of value comes back as it went in")
    func values() throws {
        let connection = try scratch()
        try connection.run("INSERT INTO thing VALUES (?, ?, ?)", .integer(.min), "", .blob([]))
        try connection.run("INSERT INTO thing VALUES (?, ?, ?)", .integer(.max), "a\u{0}b😀", .blob([0, 255]))
        try connection.run("INSERT INTO thing VALUES (?, ?, ?)", 1, nil, .null)
        let rows = try connection.rows("SELECT id, name, data FROM thing ORDER BY id") { row in
            [row.value(0), row.value(1), row.value(2)]
        }
        #expect(
            rows == [
                [.integer(.min), "", .blob([])], [1, .null, .null], [.integer(.max), "a\u{0}b😀", .blob([0, 255])],
            ])
        let optional = try connection.firstRow("SELECT name, data, id FROM thing WHERE id = 1") {
            ($0.optionalText(0), $0.optionalBlob(1), $0.optionalInt(2), $0.isNull(0))
        }
        #expect(optional?.0 == nil && optional?.1 == nil && optional?.2 == 1 && optional?.3 == true)
    }

    @Test("a statement is reused, and a nested one of the same text does not disturb it")
    func nested() throws {
        let connection = try scratch()
        for number in 1...3 as ClosedRange<Int64> {
            try connection.run("INSERT INTO thing (id) VALUES (?)", .integer(number))
        }
        let pairs = try connection.rows("SELECT id FROM thing ORDER BY id") { outer in
            let inner = try connection.rows("SELECT id FROM thing ORDER BY id") { $0.integer(0) }
            return [outer.integer(0)] + inner
        }
        #expect(pairs == [[1, 1, 2, 3], [2, 1, 2, 3], [3, 1, 2, 3]])
        #expect(connection.lastInsertRowID == 3)
        try connection.run("UPDATE thing SET name = NULL")
        #expect(connection.changes == 3)
    }

    @Test("the wrong number of values is refused, nothing is left bound")
    func arity() throws {
        let connection = try scratch()
        #expect(sqliteError { try connection.run("INSERT INTO thing (id) VALUES (?)") } != nil)
        #expect(sqliteError { try connection.run("INSERT INTO thing (id) VALUES (?)", 1, 2) } != nil)
        #expect(try connection.integer("SELECT count(*) FROM thing") == 0)
    }

    @Test("errors carry extended codes and never a bound value")
    func errorsAreFreeOfValues() throws {
        let connection = try scratch()
        let secret = "the private words"
        try connection.run("INSERT INTO thing (name) VALUES (?)", .text(secret))
        let duplicate = sqliteError { try connection.run("INSERT INTO thing (name) VALUES (?)", .text(secret)) }
        #expect(duplicate?.code == 2067 && duplicate?.isUniqueViolation == true && duplicate?.isConstraint == true)
        #expect(duplicate?.message == "UNIQUE constraint failed: thing.name")
        let quoting = sqliteError { try connection.run("SELECT json_extract('{}', ?)", .text(secret)) }
        #expect(quoting != nil && quoting?.message.contains(secret) == false)
        let wrongType = sqliteError { try connection.run("INSERT INTO thing (id) VALUES (?)", .text(secret)) }
        #expect(wrongType != nil && wrongType?.message.contains(secret) == false)
    }

    @Test("a file is made private, in write-ahead mode, and a reader sees what is committed")
    func file() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/a.sqlite"
        #expect(sqliteError { _ = try Connection(path: path, mode: .readOnly) }?.isCannotOpen == true)
        let writer = try Connection(path: path, mode: .readWriteCreate)
        #expect(try writer.text("PRAGMA journal_mode") == "wal")
        #expect(try writer.integer("PRAGMA synchronous") == 2)
        // Nothing goes to temporary files, where it would be slow and private text in the clear.
        #expect(try writer.integer("PRAGMA temp_store") == 2)
        try writer.execute("CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (7)")
        let reader = try Connection(path: path, mode: .readOnly)
        #expect(try reader.integer("SELECT a FROM t") == 7)
        #expect(sqliteError { try reader.run("INSERT INTO t VALUES (8)") }?.isReadOnly == true)
        #expect(try modeBits(path) == 0o600)
        #expect(try writer.quickCheck() == [])
        #expect(try writer.checkpoint())
    }

    @Test("the schema is defended, a damaged file is named as such")
    func defended() throws {
        let connection = try scratch()
        #expect(sqliteError { try connection.execute("ATTACH ':memory:' AS other") } != nil)
        try connection.execute("PRAGMA writable_schema = ON")
        #expect(sqliteError { try connection.execute("UPDATE sqlite_schema SET sql = ''") } != nil)
        let directory = try TemporaryDirectory()
        let path = directory.path + "/b.sqlite"
        try writeFile(path, Array(repeating: 0x41, count: 8192))
        #expect(sqliteError { _ = try Connection(path: path, mode: .readWriteCreate) }?.isCorrupt == true)
    }

    @Test("a consistent copy is made beside the writer")
    func copies() throws {
        let directory = try TemporaryDirectory()
        let writer = try Connection(path: directory.path + "/a", mode: .readWriteCreate)
        try writer.execute("CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (7)")
        let reader = try Connection(path: directory.path + "/a", mode: .readOnly)
        try reader.copy(to: directory.path + "/b")
        let copy = try Connection(path: directory.path + "/b", mode: .readOnly)
        #expect(try copy.integer("SELECT a FROM t") == 7)
    }

    @Test("another connection's lock is reported as busy")
    func busy() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/a"
        let first = try Connection(path: path, mode: .readWriteCreate)
        let second = try Connection(path: path, mode: .readWriteCreate, busyTimeoutMilliseconds: 1)
        try first.transaction {
            #expect(sqliteError { try second.transaction {} }?.isBusy == true)
        }
        try second.transaction {}
    }
}
