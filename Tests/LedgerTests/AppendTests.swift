// Tests of appending: what is refused, what stays apart, what survives.
import Cryptography
import Encoding
import Ledger
import SQLite
import TestSupport
import Testing

private struct Refusal: Error, Equatable {}

@Suite struct AppendTests {
    @Test("spans are there after closing and opening again, dense and verified")
    func survives() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let resident = LedgerFixture.resident(1)
        let written = try await ledger.append([fixture.admission(of: resident), fixture.pause(of: resident)])
        #expect(written.map(\.position) == [1, 2])
        await ledger.close()
        #expect(await ledgerError { try await ledger.append([fixture.pause(of: resident)]) } == .closed)
        let again = try await fixture.open()
        #expect(again.origin == "test.example/node")
        #expect(try await again.tail(2).map(\.canonicalBytes) == written.map(\.canonicalBytes))
        #expect(try await again.verify().isSound)
        await again.close()
    }

    @Test("an undeclared field is refused, by name and without its value")
    func undeclared() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let resident = LedgerFixture.resident(1)
        var pause = fixture.pause(of: resident)
        pause.metadata["prompt"] = "private words"
        #expect(
            await ledgerError { try await ledger.append([pause]) }
                == .undeclaredField(.residentPaused, "metadata.prompt"))
        var named = fixture.pause(of: resident)
        named.name = "Aria"
        #expect(
            await ledgerError { try await ledger.append([named]) } == .undeclaredField(.residentPaused, "name"))
        var talking = fixture.pause(of: resident)
        talking.content = ["text": "private words"]
        #expect(
            await ledgerError { try await ledger.append([talking]) } == .undeclaredField(.residentPaused, "content"))
        var post = fixture.post(by: resident)
        post.content = ["text": "a", "thoughts": "private words"]
        #expect(
            await ledgerError { try await ledger.append([post]) } == .undeclaredField(.post, "content.thoughts"))
        var seen = fixture.pause(of: resident)
        seen.visibility = .public
        #expect(
            await ledgerError { try await ledger.append([seen]) } == .invalidField(.residentPaused, "visibility"))
        #expect(try await ledger.size() == 1)
        await ledger.close()
    }

    @Test("a missing field and one of the wrong form are refused")
    func malformed() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let resident = LedgerFixture.resident(1)
        var admission = fixture.admission(of: resident)
        admission.metadata["header"] = "blake3:AB"
        #expect(
            await ledgerError { try await ledger.append([admission]) }
                == .invalidField(.residentAdmitted, "metadata.header"))
        admission.metadata["header"] = nil
        #expect(
            await ledgerError { try await ledger.append([admission]) }
                == .invalidField(.residentAdmitted, "metadata.header"))
        var large = fixture.admission(of: resident)
        large.metadata["generation"] = .integer(9_007_199_254_740_992)
        #expect(
            await ledgerError { try await ledger.append([large]) }
                == .invalidField(.residentAdmitted, "metadata.generation"))
        let long = fixture.post(by: resident, String(repeating: "x", count: 70_000))
        let error = await ledgerError { try await ledger.append([long]) }
        #expect(error == .notCanonical(.tooLarge(limit: 65_535)))
        await ledger.close()
    }

    @Test("an identifier, a version and a key are used once; a repeat names the first (B-01, B-09, B-13)")
    func once() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let resident = LedgerFixture.resident(1)
        try await ledger.append([fixture.admission(of: resident)])
        let pause = fixture.pause(of: resident)
        try await ledger.append([pause])
        #expect(await ledgerError { try await ledger.append([pause]) } == .identifierUsed(pause.id, seq: 0))
        var later = pause
        later.seq = 2
        #expect(
            await ledgerError { try await ledger.append([later]) } == .wrongVersion(pause.id, expected: 1, found: 2))
        later.seq = 1
        try await ledger.append([later])
        var otherKind = fixture.post(by: resident)
        otherKind.id = pause.id
        otherKind.seq = 2
        #expect(
            await ledgerError { try await ledger.append([otherKind]) }
                == .wrongVersion(pause.id, expected: 2, found: 2))
        let run = fixture.run(of: resident, generation: 1, day: "2026-11-21")
        try await ledger.append(run)
        let second = fixture.run(of: resident, generation: 2, day: "2026-11-21")
        let key = "nightly:2026-11-21:\(resident)"
        #expect(
            await ledgerError { try await ledger.append(second) }
                == .idempotencyKeyUsed(key, by: run[0].id, position: 4))
        #expect(try await ledger.span(idempotencyKey: key)?.id == run[0].id)
        #expect(try await ledger.verify().faults == [])
        await ledger.close()
    }

    @Test("generations follow one another, and nothing is sealed after a deletion")
    func generations() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let resident = LedgerFixture.resident(1)
        #expect(
            await ledgerError { try await ledger.append([fixture.seal(of: resident, generation: 1)]) }
                == .residentUnknown(resident))
        try await ledger.append([fixture.admission(of: resident)])
        #expect(
            await ledgerError { try await ledger.append([fixture.seal(of: resident, generation: 2)]) }
                == .wrongGeneration(resident: resident, expected: 1, found: 2))
        try await ledger.append([fixture.seal(of: resident, generation: 1)])
        #expect(
            await ledgerError { try await ledger.append([fixture.admission(of: resident)]) }
                == .residentExists(resident, position: 1))
        try await ledger.append([fixture.deletion(of: resident)])
        #expect(
            await ledgerError { try await ledger.append([fixture.seal(of: resident, generation: 2)]) }
                == .residentDeleted(resident, position: 3))
        #expect(try await ledger.truth(of: resident)?.status == .deleted)
        await ledger.close()
    }

    @Test("effects share the transaction: a refusal undoes effects and spans of its request alone")
    func effects() async throws {
        let fixture = try LedgerFixture()
        let schema = LedgerSchema(name: "note", steps: ["CREATE TABLE note (text TEXT NOT NULL) STRICT"])
        let ledger = try await fixture.create(schemas: [schema])
        let resident = LedgerFixture.resident(1)
        try await ledger.append([fixture.admission(of: resident)]) { try $0.run("INSERT INTO note VALUES ('kept')") }
        await #expect(throws: Refusal()) {
            try await ledger.append([fixture.pause(of: resident)]) { connection in
                try connection.run("INSERT INTO note VALUES ('undone')")
                throw Refusal()
            }
        }
        // A span that is refused takes the effects with it.
        #expect(
            await ledgerError {
                try await ledger.append([fixture.seal(of: resident, generation: 7)]) {
                    try $0.run("INSERT INTO note VALUES ('undone')")
                }
            } == .wrongGeneration(resident: resident, expected: 1, found: 7))
        let count = try await ledger.write { connection in
            try connection.run("INSERT INTO note VALUES ('alone')")
            return connection.changes
        }
        #expect(count == 1)
        let notes = try await ledger.read { try $0.rows("SELECT text FROM note ORDER BY rowid") { $0.text(0) } }
        #expect(notes == ["kept", "alone"])
        #expect(try await ledger.size() == 2)
        await ledger.close()
    }

    @Test("an effect cannot touch the spans")
    func effectsCannotTouchSpans() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        for statement in [
            "UPDATE span SET bytes = x'00'", "DELETE FROM span", "DROP TABLE span",
            "ALTER TABLE span ADD COLUMN z TEXT",
            "DROP TRIGGER span_no_update", "DROP INDEX span_id", "ATTACH ':memory:' AS other",
            "UPDATE sealed_payload SET ciphertext = x''", "PRAGMA recursive_triggers = OFF",
            "CREATE TRIGGER sly BEFORE INSERT ON span BEGIN SELECT RAISE(IGNORE); END",
        ] {
            await #expect(throws: LedgerError.self, "\(statement)") {
                try await ledger.write { try $0.run(statement) }
            }
        }
        #expect(try await ledger.verify().isSound)
        await ledger.close()
    }

    @Test("fifty callers at once: every span once, one chain, and one refusal spoils nobody")
    func concurrent() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let residents = (1...50).map { LedgerFixture.resident(UInt64($0)) }
        let refused = try await withThrowingTaskGroup(of: Int.self) { group in
            for resident in residents {
                group.addTask {
                    try await ledger.append([fixture.admission(of: resident)])
                    var refused = 0
                    for generation in 1...6 {
                        // Every third seal has a generation that does not follow.
                        let wrong = generation % 3 == 0
                        let seal = fixture.seal(of: resident, generation: Int64(generation - refused) + (wrong ? 5 : 0))
                        do {
                            try await ledger.append([seal])
                        } catch is LedgerError {
                            refused += 1
                        }
                    }
                    return refused
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(refused == 100)
        let report = try await ledger.verify()
        #expect(report.faults == [] && report.checked == 1 + 50 * 5)
        let head = try #require(LedgerHead(line: try readFile(fixture.paths.head)))
        #expect(head.size == report.checked && head.hash == report.head)
        await ledger.close()
    }

    @Test("a write that is done again because another of its group was refused answers what it did last")
    func writesBesideRefusals() async throws {
        let fixture = try LedgerFixture()
        let schema = LedgerSchema(name: "note", steps: ["CREATE TABLE note (text TEXT NOT NULL) STRICT"])
        let ledger = try await fixture.create(schemas: [schema])
        let written = try await withThrowingTaskGroup(of: (Int, Int64?).self) { group in
            for number in 0..<60 {
                group.addTask {
                    let row = try? await ledger.write { connection in
                        try connection.run("INSERT INTO note VALUES (?)", .text("\(number)"))
                        guard number % 3 != 0 else { throw Refusal() }
                        return connection.lastInsertRowID
                    }
                    return (number, row)
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(written.count == 40 && written.keys.allSatisfy { $0 % 3 != 0 })
        for (number, row) in written {
            let text = try await ledger.read { try $0.text("SELECT text FROM note WHERE rowid = ?", .integer(row)) }
            #expect(text == "\(number)")
        }
        #expect(try await ledger.read { try $0.integer("SELECT count(*) FROM note") } == 40)
        await ledger.close()
    }

    @Test("a clock that steps back changes nothing but the times (B-10)")
    func clock() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let resident = LedgerFixture.resident(1)
        var pause = fixture.pause(of: resident)
        pause.at = LedgerFixture.start.adding(milliseconds: -90_000_000)
        try await ledger.append([fixture.admission(of: resident), pause])
        #expect(try await ledger.lastSpan(of: resident, types: [.residentPaused, .residentAdmitted])?.position == 2)
        #expect(try await ledger.verify().isSound)
        await ledger.close()
    }

    @Test("a second writer is refused, a reader is not")
    func secondWriter() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let error = await ledgerError { _ = try await fixture.open() }
        guard case .locked = error else {
            Issue.record("expected a refusal by lock, got \(String(describing: error))")
            return
        }
        let reading = try await Ledger.openForReading(at: fixture.paths, key: fixture.signingKey.verifyingKey)
        #expect(try await reading.size() == 1)
        #expect(await ledgerError { try await reading.append([]) } == .readOnly)
        await ledger.close()
        let next = try await fixture.open()
        await next.close()
        #expect(await ledgerError { _ = try await fixture.create() } == .exists(path: fixture.paths.head))
    }
}
