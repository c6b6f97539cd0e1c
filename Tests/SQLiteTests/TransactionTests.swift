// Tests of transactions, savepoints, migrations, the authorizer and a full disk.
import Glibc
import SQLite
import TestSupport
import Testing

/// The permission bits of a file.
func modeBits(_ path: String) throws -> UInt32 {
    var status = stat()
    guard stat(path, &status) == 0 else { throw Refusal() }
    return status.st_mode & 0o777
}

private struct Refusal: Error {}

@Suite("SQLite transactions")
struct TransactionTests {
    @Test("an error undoes the whole transaction, or the savepoint alone")
    func undo() throws {
        let connection = try scratch()
        #expect(throws: Refusal.self) {
            try connection.transaction {
                try connection.run("INSERT INTO thing (id) VALUES (1)")
                throw Refusal()
            }
        }
        #expect(try connection.integer("SELECT count(*) FROM thing") == 0)
        try connection.transaction {
            try connection.run("INSERT INTO thing (id) VALUES (1)")
            #expect(throws: Refusal.self) {
                try connection.savepoint {
                    try connection.run("INSERT INTO thing (id) VALUES (2)")
                    try connection.savepoint { try connection.run("INSERT INTO thing (id) VALUES (3)") }
                    throw Refusal()
                }
            }
            #expect(connection.isInTransaction)
            try connection.savepoint { try connection.run("INSERT INTO thing (id) VALUES (4)") }
        }
        #expect(!connection.isInTransaction)
        #expect(try connection.rows("SELECT id FROM thing ORDER BY id") { $0.integer(0) } == [1, 4])
    }

    @Test("a snapshot does not see what is committed meanwhile")
    func snapshot() throws {
        let directory = try TemporaryDirectory()
        let writer = try Connection(path: directory.path + "/a", mode: .readWriteCreate)
        try writer.execute("CREATE TABLE t (a INTEGER) STRICT")
        let reader = try Connection(path: directory.path + "/a", mode: .readOnly)
        try reader.snapshot {
            #expect(try reader.integer("SELECT count(*) FROM t") == 0)
            try writer.run("INSERT INTO t VALUES (1)")
            #expect(try reader.integer("SELECT count(*) FROM t") == 0)
        }
        #expect(try reader.integer("SELECT count(*) FROM t") == 1)
    }

    @Test("a full database is typed, undone, and usable once there is room")
    func full() throws {
        let directory = try TemporaryDirectory()
        let connection = try Connection(path: directory.path + "/a", mode: .readWriteCreate)
        try connection.execute("CREATE TABLE t (a BLOB) STRICT; PRAGMA max_page_count = 8")
        let error = sqliteError {
            try connection.transaction {
                for _ in 0..<20 {
                    try connection.run("INSERT INTO t VALUES (?)", .blob(.init(repeating: 1, count: 4000)))
                }
            }
        }
        #expect(error?.isFull == true)
        #expect(!connection.isInTransaction)
        #expect(try connection.integer("SELECT count(*) FROM t") == 0)
        try connection.execute("PRAGMA max_page_count = 1000")
        try connection.transaction { try connection.run("INSERT INTO t VALUES (?)", .blob([1])) }
        #expect(try connection.integer("SELECT count(*) FROM t") == 1)
    }

    @Test("migrations run once each, all or none, and a newer schema is refused")
    func migrations() throws {
        let connection = try Connection(path: ":memory:", mode: .readWriteCreate)
        let steps = [
            "CREATE TABLE a (x INTEGER) STRICT; CREATE TABLE b (y INTEGER) STRICT", "INSERT INTO a VALUES (1)",
        ]
        try connection.migrate("part", steps: [steps[0]])
        try connection.migrate("part", steps: steps)
        try connection.migrate("part", steps: steps)
        #expect(try connection.integer("SELECT count(*) FROM a") == 1)
        #expect(throws: SQLiteError.self) {
            try connection.migrate("part", steps: steps + ["INSERT INTO a VALUES (2)", "nonsense"])
        }
        #expect(try connection.integer("SELECT count(*) FROM a") == 1)
        #expect(
            sqliteError { try connection.migrate("part", steps: [steps[0]]) }?.message.contains("version 2") == true)
        try connection.migrate("other", steps: ["CREATE TABLE c (z INTEGER) STRICT"])
        try connection.execute("DROP TABLE a; DROP TABLE b")
        try connection.forgetMigrations("part")
        try connection.migrate("part", steps: steps)
        #expect(try connection.integer("SELECT count(*) FROM a") == 1)
    }

    @Test("the authorizer denies what it is told to, statements prepared before included")
    func authorizer() throws {
        let connection = try scratch()
        try connection.run("INSERT INTO thing (id, name) VALUES (1, 'a')")
        try connection.run("UPDATE thing SET name = 'b'")
        connection.authorize { act in
            switch act {
            case .update("thing", _), .delete("thing"), .dropTable("thing"), .alterTable("thing"), .attach: false
            default: true
            }
        }
        let denied = [
            "UPDATE thing SET name = 'b'", "DELETE FROM thing", "DROP TABLE thing",
            "ALTER TABLE thing ADD COLUMN z INTEGER", "ATTACH ':memory:' AS other",
        ]
        for statement in denied {
            #expect(sqliteError { try connection.run(statement) }?.isDenied == true, "\(statement)")
        }
        try connection.run("INSERT INTO thing (id) VALUES (2)")
        #expect(try connection.integer("SELECT count(*) FROM thing") == 2)
    }

    @Test("INSERT OR REPLACE fires delete triggers, for recursive triggers are on")
    func replaceFires() throws {
        let connection = try scratch()
        try connection.execute(
            "CREATE TRIGGER keep BEFORE DELETE ON thing BEGIN SELECT RAISE(ABORT, 'kept'); END;"
                + "INSERT INTO thing (id, name) VALUES (1, 'a')")
        let error = sqliteError { try connection.run("INSERT OR REPLACE INTO thing (id, name) VALUES (1, 'b')") }
        #expect(error?.isTriggerRefusal == true && error?.message == "kept")
        #expect(try connection.text("SELECT name FROM thing") == "a")
    }
}
