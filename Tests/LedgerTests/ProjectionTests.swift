// Tests of projections: kept up with each commit, caught up at opening, rebuilt to the same.
import Encoding
import Ledger
import SQLite
import TestSupport
import Testing

/// Counts spans by subject, refuses a certain handle, and keeps a view besides.
private struct Counting: Projection {
    struct Refused: Error {}

    let name = "counting"
    var migrations = [
        "CREATE TABLE count (subject TEXT PRIMARY KEY, spans INTEGER NOT NULL) STRICT; "
            + "CREATE VIEW busy AS SELECT subject FROM count WHERE spans > 1"
    ]

    func apply(_ span: Span, in connection: Connection) throws {
        if span.name == "refused" { throw Refused() }
        try connection.run(
            "INSERT INTO count VALUES (?, 1) ON CONFLICT (subject) DO UPDATE SET spans = spans + 1",
            .text(span.resident?.description ?? span.this))
    }
}

private func counts(_ ledger: Ledger) async throws -> [String] {
    try await ledger.read { connection in
        try connection.rows("SELECT subject, spans FROM count ORDER BY subject") { "\($0.text(0)) \($0.int(1))" }
    }
}

@Suite struct ProjectionTests {
    @Test("what is kept up span by span is what a rebuild makes of the spans")
    func rebuild() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create(projections: [Counting()])
        for number in 1...3 as ClosedRange<UInt64> {
            let resident = LedgerFixture.resident(number)
            try await ledger.append([fixture.admission(of: resident)])
            try await ledger.append(fixture.run(of: resident, generation: 1, day: "2026-11-21"))
        }
        let before = try await counts(ledger)
        #expect(before.count == 4)
        try await ledger.write { try $0.run("UPDATE count SET spans = 0") }
        try await ledger.rebuild()
        #expect(try await counts(ledger) == before)
        #expect(try await ledger.read { try $0.rows("SELECT subject FROM busy") { $0.text(0) } }.count == 3)
        await ledger.close()
    }

    @Test("a projection that comes later is caught up at opening; one refused span refuses its request alone")
    func late() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        for batch in 0..<3 as Range<UInt64> {
            try await ledger.append(
                (1...100).map { fixture.admission(of: LedgerFixture.resident(batch * 100 + $0)) })
        }
        await ledger.close()
        let again = try await fixture.open(projections: [Counting()])
        #expect(try await counts(again).count == 301)
        await #expect(throws: Counting.Refused.self) {
            try await again.append([fixture.admission(of: LedgerFixture.resident(900), name: "refused")])
        }
        try await again.append([fixture.admission(of: LedgerFixture.resident(901))])
        #expect(try await counts(again).count == 302)
        #expect(try await again.size() == 302)
        await again.close()
    }
}
