// Readings that wait for the reader at the same time: they see one state, and each bears its own errors alone.
import Dispatch
import Ledger
import SQLite
import TestSupport
import Testing

private struct Refusal: Error, Equatable {}

@Suite struct ReadingTests {
    @Test(
        "who waits together reads one state; an error, and the end of that state, concern nobody else",
        .timeLimit(.minutes(10)))
    func together() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let (entered, leave) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let first = Task.immediate {
            try await ledger.read { _ in
                entered.signal()
                leave.wait()
            }
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                entered.wait()
                continuation.resume()
            }
        }
        // Each has asked by the time that the next one is made.
        let begins = Task.immediate { try await ledger.read { try $0.run("SAVEPOINT shared") } }
        let throwing = Task.immediate { try await ledger.read { _ -> Int in throw Refusal() } }
        let goesOn = Task.immediate { try await ledger.read { try $0.run("RELEASE shared") } }
        let ends = Task.immediate { try await ledger.read { try $0.run("ROLLBACK") } }
        let after = Task.immediate { try await ledger.read { ($0.isInTransaction, try $0.integer("SELECT 7")) } }
        leave.signal()
        try await first.value
        try await begins.value
        await #expect(throws: Refusal.self) { try await throwing.value }
        try await goesOn.value
        try await ends.value
        let (isInTransaction, seven) = try await after.value
        #expect(isInTransaction && seven == 7)
        // What comes later reads a state of its own.
        await #expect(throws: (any Error).self) { try await ledger.read { try $0.run("RELEASE shared") } }
        #expect(try await ledger.size() == 1)
        await ledger.close()
    }
}
