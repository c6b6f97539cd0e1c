// Tests of stores that earlier versions of the program made: opened, they become what a new one is, and lose nothing.
import Cryptography
import Encoding
import Ledger
import SQLite
import TestSupport
import Testing

/// The store as the fifth step left it: the index of subjects by a list of kinds.
private let fifthStep = """
    DROP INDEX span_subject;
    CREATE INDEX span_subject ON span (subject, entity_type) WHERE \(fifthIndex);
    DROP TRIGGER sealed_payload_no_delete;
    CREATE TRIGGER sealed_payload_no_delete BEFORE DELETE ON sealed_payload
    WHEN NOT EXISTS (
      SELECT 1 FROM span WHERE entity_type = 'resident.deleted' AND \(fifthIndex)
      AND subject = (SELECT subject FROM span WHERE position = OLD.position))
    BEGIN SELECT RAISE(ABORT, 'Append-only: updates/deletes not allowed'); END;
    UPDATE schema_version SET version = 5 WHERE name = 'ledger'
    """

private let fifthIndex = """
    (trace_id IS NULL OR entity_type NOT IN ('context.composed', 'post', 'provider.called', 'run.completed', \
    'tool.called', 'tool.ended', 'tool.refused', 'vault.opened'))
    """

@Suite struct OldStoreTests {
    @Test("an older store is brought up to date by its first writer, payloads and all", arguments: [3, 5])
    func migration(_ version: Int) async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let (aria, boris) = (LedgerFixture.resident(1), LedgerFixture.resident(2))
        try await ledger.append([fixture.admission(of: aria), fixture.admission(of: boris)])
        var run = fixture.run(of: aria, generation: 1, day: "2026-11-21")
        let step = try #require(run.firstIndex { $0.entityType == .providerCalled })
        run[step].sealed = SealedPayload(keyID: [UInt8](repeating: 9, count: 16), ciphertext: [7, 8])
        let spans = try await ledger.append(run)
        let post = try await ledger.append([fixture.post(by: boris, sealed: [3])])[0]
        await ledger.close()
        let raw = try Connection(path: fixture.paths.database, mode: .readWriteCreate)
        try raw.execute(version == 3 ? OldLedger.thirdStep : fifthStep)

        let (paths, key) = (fixture.paths, fixture.signingKey.verifyingKey)
        let refused = await ledgerError { _ = try await Ledger.openForReading(at: paths, key: key) }
        #expect("\(try #require(refused))".contains("schema ledger is at version \(version), this program knows 6"))

        let again = try await fixture.open()
        #expect(try await again.verify().faults == [])
        #expect(try await again.payload(of: post) == [3])
        #expect(try await again.truth(of: aria)?.generation == 1)
        try await again.append(fixture.run(of: aria, generation: 2, day: "2026-11-22"))
        // The payload of a step, which stands in no index of subjects, goes with its resident all the same.
        try await again.append([fixture.deletion(of: aria)])
        #expect(try await again.removePayloads(of: aria) == 1)
        #expect(try await again.payload(of: spans[step]) == nil)
        #expect(try await again.payload(of: post) == [3])
        #expect(try await again.verify().faults == [])
        await again.close()
        #expect(throws: SQLiteError.self) { try raw.execute("DELETE FROM sealed_payload") }
    }

    @Test("a span is inserted without a table that SQLite makes for itself")
    func insertion() async throws {
        let fixture = try LedgerFixture()
        await (try fixture.create()).close()
        let raw = try Connection(path: fixture.paths.database, mode: .readOnly)
        let columns = "position, id, seq, entity_type, subject, trace_id, bytes"
        let insert = "INSERT INTO span (\(columns)) VALUES (1, 2, 3, 4, 5, 6, 7)"
        let steps = try raw.rows("EXPLAIN \(insert)") { $0.text(1) }
        #expect(steps.contains("IdxInsert") && !steps.contains("OpenEphemeral"))
    }

    @Test("every kind of span is found by its subject and by its run, in the index or not")
    func lookups() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let resident = LedgerFixture.resident(1)
        try await ledger.append([fixture.admission(of: resident)])
        let run = try await ledger.append(fixture.run(of: resident, generation: 1, day: "2026-11-21"))
        let trace = try #require(run[0].traceID)
        for kind in EntityType.allCases {
            let expected = run.filter { $0.entityType == kind }.map(\.id)
            guard !expected.isEmpty else { continue }
            let subject = resident.description
            #expect(try await ledger.spans(.init(types: [kind], subject: subject)).map(\.id) == expected)
            #expect(try await ledger.spans(.init(types: [kind], traceID: trace)).map(\.id) == expected)
            #expect(try await ledger.lastSpan(of: resident, types: [kind])?.id == expected.last)
        }
        await ledger.close()
    }
}
