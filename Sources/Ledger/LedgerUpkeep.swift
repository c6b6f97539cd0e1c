// Verifying, rebuilding, checking and cleaning a whole ledger.
public import Encoding
internal import Files
internal import SQLite

extension Ledger {
    /// Verifies every span, payload, column and the head, beside a running writer.
    public func verify() async throws -> VerificationReport {
        let verification = verification
        // A reader of its own: a long verification must not hold up the short reads.
        return try await Reader(path: paths.database).raw { try verification.verify($0) }
    }

    /// SQLite's own check of the file's structure, for after an unclean stop; the faults it names.
    public func quickCheck() async throws -> [String] {
        try await Reader(path: paths.database).raw { try $0.quickCheck() }
    }

    /// Drops every derived table and makes it anew from the spans, in one transaction.
    public func rebuild() async throws {
        try await onWriter { committer in try committer.projector.rebuild(committer.connection) }
    }

    /// Removes the sealed payloads of a deleted resident and what the write-ahead log still holds of them.
    ///
    /// Refused by the store where no deletion covers them. Returns how many went; safe to repeat.
    @discardableResult
    public func removePayloads(of resident: Identifier) async throws -> Int {
        try await onWriter { committer in
            let connection = committer.connection
            let removed = try connection.transaction {
                var removed = 0
                for spans in [Self.bySubject, Self.stepsOfRuns] {
                    try connection.run(
                        "DELETE FROM sealed_payload WHERE position IN (\(spans))", .text(resident.description))
                    removed += connection.changes
                }
                return removed
            }
            try connection.checkpoint()
            return removed
        }
    }

    private static let bySubject = "SELECT position FROM span WHERE subject = ?1 AND \(Schema.isBySubject)"
    /// Not in the index of subjects, but in runs of which other spans are.
    private static let stepsOfRuns = """
        SELECT position FROM span WHERE subject = ?1 AND trace_id IN (
            SELECT trace_id FROM span WHERE subject = ?1 AND \(Schema.isBySubject))
        """

    /// Moves the write-ahead log into the database; false where a reader kept part of it in use.
    @discardableResult
    public func checkpoint() async throws -> Bool {
        try await onWriter { try $0.connection.checkpoint() }
    }

    /// Copies one consistent state of the database into a new file, beside a running writer.
    public func copyDatabase(to path: String) async throws {
        try await Reader(path: paths.database).raw { try $0.copy(to: path) }
        Files.handToFolderOwner(path)
    }

    private func onWriter<R: Sendable>(_ body: @escaping @Sendable (Committer) throws -> R) async throws -> R {
        guard let writing else { throw LedgerError.readOnly }
        return try await writing.thread.run {
            guard let committer = writing.committer.value else { throw LedgerError.closed }
            do {
                return try body(committer)
            } catch {
                throw LedgerError.known(error) ?? error
            }
        }
    }
}
