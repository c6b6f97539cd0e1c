// Tests of the store itself: its triggers, its head, roll-backs, crashes between commit and head.
import Cryptography
import Encoding
import Glibc
import Ledger
import SQLite
import TestSupport
import Testing

/// The message with which a raw connection, without any of the ledger's own guards, is refused.
private func refusal(_ connection: Connection, _ sql: String) -> String? {
    do {
        try connection.execute(sql)
        return nil
    } catch {
        return error.message
    }
}

/// Changes the database behind the ledger's back, with the triggers out of the way.
private func tamper(_ path: String, _ sql: String) throws {
    let connection = try Connection(path: path, mode: .readWriteCreate)
    for name in ["span_no_update", "span_no_delete", "span_guard", "sealed_payload_no_delete"] {
        try connection.execute("DROP TRIGGER IF EXISTS \(name)")
    }
    try connection.execute(sql)
}

@Suite struct StoreTests {
    private static let text = "Append-only: updates/deletes not allowed"

    @Test("a raw connection cannot update, delete or replace a span, with recursive triggers on or off (S1-183)")
    func triggers() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let resident = LedgerFixture.resident(1)
        try await ledger.append([fixture.admission(of: resident), fixture.post(by: resident, sealed: [1])])
        try await ledger.append(fixture.run(of: resident, generation: 1, day: "2026-11-21"))
        await ledger.close()
        let raw = try Connection(path: fixture.paths.database, mode: .readWriteCreate)
        let columns = "position, id, seq, entity_type, subject, trace_id, idempotency_key, bytes"
        for recursive in ["ON", "OFF"] {
            try raw.execute("PRAGMA recursive_triggers = \(recursive)")
            for statement in [
                "UPDATE span SET bytes = x'00' WHERE position = 1", "UPDATE OR REPLACE span SET position = 2",
                "DELETE FROM span WHERE position = 1", "DELETE FROM span",
                "INSERT OR REPLACE INTO span SELECT * FROM span WHERE position = 1",
                "REPLACE INTO span (\(columns)) SELECT 10, id, seq, entity_type, subject, NULL, NULL, bytes "
                    + "FROM span WHERE position = 1",
                "REPLACE INTO span (\(columns)) SELECT 10, x'00', 0, entity_type, subject, NULL, idempotency_key, "
                    + "bytes FROM span WHERE position = 3",
                "INSERT INTO span (\(columns)) SELECT 11, x'00', 0, entity_type, subject, NULL, NULL, bytes "
                    + "FROM span WHERE position = 1",
                "UPDATE sealed_payload SET ciphertext = x'00'", "DELETE FROM sealed_payload",
                "REPLACE INTO sealed_payload SELECT span_id, seq, x'00', position FROM sealed_payload",
                "INSERT INTO sealed_payload VALUES (x'00', 0, x'00', 1)",
            ] {
                #expect(refusal(raw, statement) == Self.text, "\(statement)")
            }
        }
        #expect(try raw.integer("SELECT count(*) FROM span") == 10)
    }

    @Test("a span edited, dropped or hidden in the database is found, at the start and by a verification")
    func tampering() async throws {
        for (sql, kind) in [
            ("UPDATE span SET bytes = replace(bytes, 'holiday', 'holidax') WHERE position = 5", Fault.Kind.wrongHash),
            ("DELETE FROM span WHERE position = 5", .dropped),
            ("UPDATE span SET subject = 'nobody' WHERE position = 5", .columnMismatch),
            ("UPDATE span SET bytes = (SELECT bytes FROM span WHERE position = 4) WHERE position = 5", .duplicated),
        ] {
            let fixture = try LedgerFixture()
            let ledger = try await fixture.create()
            let resident = LedgerFixture.resident(1)
            try await ledger.append([fixture.admission(of: resident)])
            for _ in 2..<10 { try await ledger.append([fixture.pause(of: resident)]) }
            await ledger.close()
            try tamper(
                fixture.paths.database,
                sql.replacing("replace(bytes,", with: "CAST(replace(CAST(bytes AS TEXT),")
                    .replacing("'holidax')", with: "'holidax') AS BLOB)"))
            let error = await ledgerError { _ = try await fixture.open() }
            guard case .altered(let faults) = error else {
                Issue.record("\(sql): \(String(describing: error))")
                continue
            }
            #expect(error?.isIntegrityFailure == true)
            let expected: Set<Fault.Kind> =
                kind == .duplicated ? [.inserted, .duplicated, .dropped, .columnMismatch] : [kind]
            #expect(Set(faults.map(\.kind)).isSubset(of: expected) && !faults.isEmpty, "\(sql): \(faults.map(\.kind))")
            let reading = try await Ledger.openForReading(at: fixture.paths, key: fixture.signingKey.verifyingKey)
            let report = try await reading.verify()
            #expect(report.faults.contains { $0.kind == kind }, "\(sql): \(report.faults.map(\.kind))")
        }
    }

    @Test("a trigger that was dropped, changed or added is found, and the writer's next start puts it right")
    func guards() async throws {
        let fixture = try LedgerFixture()
        try await fixture.create().close()
        let raw = try Connection(path: fixture.paths.database, mode: .readWriteCreate)
        try raw.execute(
            """
            DROP TRIGGER span_no_update;
            DROP TRIGGER span_no_delete; CREATE TRIGGER span_no_delete BEFORE DELETE ON span BEGIN SELECT 1; END;
            CREATE TRIGGER own AFTER INSERT ON span BEGIN SELECT 1; END;
            """)
        let reader = try await Ledger.openForReading(at: fixture.paths, key: fixture.signingKey.verifyingKey)
        let faults = try await reader.verify().faults
        await reader.close()
        #expect(faults.map(\.kind) == [.guardAltered, .guardAltered, .guardAltered])
        #expect(faults.map(\.place) == ["trigger own", "trigger span_no_delete", "trigger span_no_update"])
        let ledger = try await fixture.open()
        #expect(try await ledger.verify().isSound)
        await ledger.close()
        for statement in ["UPDATE span SET seq = 9", "DELETE FROM span"] {
            #expect(throws: SQLiteError.self, "\(statement)") { try raw.execute(statement) }
        }
        #expect(try raw.exists("SELECT 1 FROM sqlite_schema WHERE name = 'own'") == false)
    }

    @Test("a store without its tables is a ledger that is missing, for a reader too")
    func emptiedStore() async throws {
        let fixture = try LedgerFixture()
        try await fixture.create().close()
        try writeFile(fixture.paths.database, [])
        let (paths, key) = (fixture.paths, fixture.signingKey.verifyingKey)
        #expect(
            await ledgerError { _ = try await Ledger.openForReading(at: paths, key: key) }
                == .notFound(path: paths.database))
    }

    @Test("an older copy of the database is a roll-back, until an operator accepts the loss")
    func rollBack() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let resident = LedgerFixture.resident(1)
        try await ledger.append([fixture.admission(of: resident)])
        await ledger.close()
        let older = try readFile(fixture.paths.database)
        let olderHead = try #require(LedgerHead(line: try readFile(fixture.paths.head)))
        let second = try await fixture.open()
        try await second.append([fixture.pause(of: resident), fixture.pause(of: resident)])
        await second.close()
        let newHead = try #require(LedgerHead(line: try readFile(fixture.paths.head)))
        try writeFile(fixture.paths.database, older)
        let expected = LedgerError.rolledBack(
            expectedSize: 4, expectedHead: newHead.hash, foundSize: 2, foundHead: olderHead.hash)
        #expect(await ledgerError { _ = try await fixture.open() } == expected)
        #expect(expected.isIntegrityFailure)
        let reading = try await Ledger.openForReading(at: fixture.paths, key: fixture.signingKey.verifyingKey)
        #expect(try await reading.verify().faults.map(\.kind) == [.truncated])
        let accepted = try await Ledger.acceptLoss(
            at: fixture.paths, signingKey: fixture.signingKey, by: .operator(LedgerFixture.resident(99)),
            id: fixture.id(), at: LedgerFixture.start)
        let last = try #require(try await accepted.tail(1).first)
        #expect(last.entityType == .ledgerLossAccepted && last.position == 2)
        #expect(last.metadata == ["counts": 2, "from": 4, "to": 2])
        #expect(try await accepted.verify().isSound)
        await accepted.close()
        let again = try await fixture.open()
        await again.close()
    }

    @Test("a head behind the ledger, as a crash leaves it, is written anew")
    func headBehind() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let older = try readFile(fixture.paths.head)
        try await ledger.append([fixture.admission(of: LedgerFixture.resident(1))])
        let newer = try readFile(fixture.paths.head)
        await ledger.close()
        try writeFile(fixture.paths.head, older)
        let again = try await fixture.open()
        #expect(try readFile(fixture.paths.head) == newer)
        await again.close()
    }

    @Test("the head is written over in place, and made anew where another file or none has its name")
    func headInPlace() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let path = fixture.paths.head
        func inode() throws -> UInt64 {
            var status = stat()
            #expect(lstat(path, &status) == 0)
            return UInt64(status.st_ino)
        }
        let resident = LedgerFixture.resident(1)
        try await ledger.append([fixture.admission(of: resident)])
        let first = try inode()
        for _ in 0..<7 { try await ledger.append([fixture.pause(of: resident)]) }
        #expect(try inode() == first)
        // The tenth span makes the line longer: over the other it could be torn by a loss of power.
        try await ledger.append([fixture.pause(of: resident)])
        let second = try inode()
        #expect(second != first)
        for _ in 0..<4 { try await ledger.append([fixture.pause(of: resident)]) }
        #expect(try inode() == second)
        #expect(try await ledger.verify().isSound)
        // A copy by another name keeps what it says; a head that was moved away is made anew.
        let copy = path + ".copy"
        #expect(link(path, copy) == 0)
        let copied = try readFile(copy)
        try await ledger.append([fixture.pause(of: resident)])
        #expect(try readFile(copy) == copied && readFile(path) != copied)
        #expect(rename(path, copy) == 0)
        try await ledger.append([fixture.pause(of: resident)])
        #expect(try LedgerHead(line: readFile(path))?.size == 16)
        #expect(try await ledger.verify().isSound)
        await ledger.close()
    }

    @Test("a head that is missing, malformed, of another key or of another span is refused, each by its name")
    func badHeads() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        try await ledger.append([fixture.admission(of: LedgerFixture.resident(1))])
        await ledger.close()
        let path = fixture.paths.head
        let good = try readFile(path)
        try writeFile(path, Array("not a head\n".utf8))
        #expect(await ledgerError { _ = try await fixture.open() } == .headMalformed(path: path))
        var flipped = good
        flipped[good.count - 3] ^= 1
        try writeFile(path, flipped)
        #expect(await ledgerError { _ = try await fixture.open() } == .headSignatureInvalid(path: path))
        // A head of this key, but of another ledger's span at the same place.
        let other = try LedgerFixture()
        let elsewhere = try await other.create()
        try await elsewhere.append([other.admission(of: LedgerFixture.resident(2))])
        await elsewhere.close()
        try writeFile(path, try readFile(other.paths.head))
        let error = await ledgerError { _ = try await fixture.open() }
        guard case .headMismatch(position: 1, _, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try removeFile(path)
        #expect(await ledgerError { _ = try await fixture.open() } == .headMissing(path: path))
        let strange = try LedgerFixture.key(9)
        try writeFile(path, good)
        #expect(
            await ledgerError { _ = try await Ledger.open(at: fixture.paths, signingKey: strange) }
                == .foreignKey(expected: fixture.signingKey.publicKey, found: strange.publicKey))
        let fine = try await fixture.open()
        await fine.close()
    }

    @Test(
        "what an unclean stop leaves opens with all its spans; damage in its structure is found where it is looked for")
    func uncleanStop() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let resident = LedgerFixture.resident(1)
        try await ledger.append([fixture.admission(of: resident)])
        try await ledger.checkpoint()
        try await ledger.append(fixture.run(of: resident, generation: 1, day: "2026-11-21"))
        let copy = try TemporaryDirectory()
        let paths = LedgerPaths(home: copy.path)
        // The files as a power cut leaves them: the log still full.
        for name in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.head"] {
            try writeFile("\(copy.path)/\(name)", try readFile("\(fixture.directory.path)/\(name)"))
        }
        let page = try #require(
            try await ledger.read { try $0.integer("SELECT rootpage FROM sqlite_schema WHERE name = 'projection'") })
        await ledger.close()
        let key = fixture.signingKey
        let again = try await Ledger.open(at: paths, signingKey: key, quickCheckAfterCrash: true)
        #expect(try await again.size() == 9)
        #expect(try await again.verify().faults == [])
        let log = try readFile(paths.database + "-wal")
        await again.close()
        var bytes = try readFile(paths.database)
        for offset in 0..<64 { bytes[(Int(page) - 1) * 4096 + offset] = 0xFF }
        try writeFile(paths.database, bytes)
        try writeFile(paths.database + "-wal", Array(log.prefix(1)))
        let error = await ledgerError {
            _ = try await Ledger.open(at: paths, signingKey: key, quickCheckAfterCrash: true)
        }
        guard case .damaged(let faults) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!faults.isEmpty && error?.isIntegrityFailure == true)
    }

    @Test("payloads go only behind a deletion, and a verification accepts that")
    func payloads() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let (aria, boris) = (LedgerFixture.resident(1), LedgerFixture.resident(2))
        try await ledger.append([fixture.admission(of: aria), fixture.admission(of: boris)])
        let posts = try await ledger.append([
            fixture.post(by: aria, sealed: [1, 2]), fixture.post(by: boris, sealed: [3]),
        ])
        #expect(try await ledger.payload(of: posts[0]) == [1, 2])
        await #expect(throws: LedgerError.self) { try await ledger.removePayloads(of: aria) }
        #expect(try await ledger.payload(of: posts[0]) == [1, 2])
        try await ledger.append([fixture.deletion(of: aria)])
        #expect(try await ledger.removePayloads(of: aria) == 1)
        #expect(try await ledger.removePayloads(of: aria) == 0)
        #expect(try await ledger.payload(of: posts[0]) == nil)
        #expect(try await ledger.payload(of: posts[1]) == [3])
        #expect(try await ledger.verify().faults == [])
        await ledger.close()
        try tamper(fixture.paths.database, "DELETE FROM sealed_payload")
        let again = try await fixture.open()
        #expect(try await again.verify().faults.map(\.kind) == [.payloadMissing])
        await again.close()
    }
}
