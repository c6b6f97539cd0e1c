// Tests of the write-ahead log, whose frames wait in memory until a commit is flushed.
import SQLite
import TestSupport
import Testing

private struct Refusal: Error {}

@Suite("SQLite's log")
struct LogTests {
    /// A writer that keeps few pages, so that a long transaction writes to the log before its end, and reads it again.
    private func writer(in directory: TemporaryDirectory) throws -> Connection {
        let writer = try Connection(path: directory.path + "/a", mode: .readWriteCreate)
        try writer.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, a BLOB NOT NULL) STRICT")
        try writer.execute("PRAGMA cache_size = 10")
        return writer
    }

    /// Inserts rows, and reads and changes what it has let go of a little before.
    private func insert(_ rows: Range<Int>, _ connection: Connection) throws {
        for row in rows {
            try connection.run("UPDATE t SET n = n + 1 WHERE id = ?", .int(row - 60))
            try connection.run(
                "INSERT INTO t VALUES (?, 0, ?)", .int(row), .blob(.init(repeating: UInt8(row % 251), count: 900)))
        }
    }

    /// The number of rows, the sum of their numbers, and how many have the bytes that they were given.
    private func summary(_ connection: Connection) throws -> [Int64] {
        var count: Int64 = 0
        var (sum, whole) = (count, count)
        try connection.forEachRow("SELECT id, n, a FROM t ORDER BY id") { row in
            count += 1
            sum += row.integer(1)
            if row.blob(2) == .init(repeating: UInt8(row.int(0) % 251), count: 900) { whole += 1 }
        }
        return [count, sum, whole]
    }

    @Test("a flushed commit is what the files hold, whatever was written, read, changed and undone on the way")
    func recovery() throws {
        let directory = try TemporaryDirectory()
        let writer = try writer(in: directory)
        let reader = try Connection(path: directory.path + "/a", mode: .readOnly)
        #expect(try writer.integer("PRAGMA synchronous") == 2)
        for round in 0..<3 {
            let rows = round * 1_000..<(round + 1) * 1_000
            try writer.transaction {
                try insert(rows, writer)
                try writer.run("UPDATE t SET n = n + 1 WHERE id % 7 = 0")
                #expect(throws: Refusal.self) {
                    try writer.savepoint {
                        try writer.run("UPDATE t SET n = n + 1000")
                        throw Refusal()
                    }
                }
                #expect(try summary(writer).first == Int64(rows.upperBound))
                #expect(try reader.integer("SELECT count(*) FROM t") == Int64(rows.lowerBound))
                try writer.run("UPDATE t SET n = n + 1 WHERE id % 5 = 0")
            }
            #expect(throws: Refusal.self) {
                try writer.transaction {
                    try writer.run("UPDATE t SET n = n + 1000000")
                    throw Refusal()
                }
            }
            let expected = try summary(writer)
            #expect(expected[0] == expected[2] && expected[0] == Int64(rows.upperBound))
            #expect(try summary(reader) == expected)
            // What another process would find now: the database and its log, without what memory holds of them.
            let copy = try TemporaryDirectory()
            for file in ["/a", "/a-wal"] {
                try writeFile(copy.path + file, try readFile(directory.path + file))
            }
            let found = try Connection(path: copy.path + "/a", mode: .readWriteCreate)
            #expect(try summary(found) == expected)
            #expect(try found.quickCheck() == [])
            // The log begins anew behind a checkpoint.
            if round == 1 { #expect(try writer.checkpoint()) }
        }
    }

    @Test("a commit of more than waits in memory at once is written whole")
    func longCommit() throws {
        let directory = try TemporaryDirectory()
        let writer = try writer(in: directory)
        try writer.execute("PRAGMA cache_size = 4000")
        try writer.transaction { try insert(0..<5_000, writer) }
        let expected: [Int64] = [5_000, 5_000 - 60, 5_000]
        #expect(try summary(try Connection(path: directory.path + "/a", mode: .readOnly)) == expected)
        #expect(try writer.checkpoint())
        #expect(try writer.quickCheck() == [])
        #expect(try summary(writer) == expected)
    }
}
