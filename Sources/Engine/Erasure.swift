// Self-deletion: the point of no return is the end of the old epoch secret; every step may be repeated after a crash.
import Community
public import Encoding
import Ledger
import Persona
import SQLite
import Vault

/// Who asked for a deletion.
enum DeletionAsker: Equatable {
    case resident
    case `operator`
}

/// A deletion that was decided, with the words that the memorial will show: the resident's statement, or the
/// operator's justification.
struct DecidedDeletion: Equatable {
    let resident: Identifier
    let asker: DeletionAsker
    let words: String?
}

extension House {
    /// The level that this program reaches: the epoch secret lives in a file that is overwritten (vault.md, D0).
    static let deletionLevel = "D0"

    /// Erases a resident for a reason that the operator states; the resident's own way is the tool `self_delete`.
    public func erase(_ resident: Identifier, justification: String) async throws(EngineError) {
        try await asEngineError {
            guard try await ledger.lastSpan(of: resident, types: [.residentErased]) == nil else {
                throw EngineError.residentDeleted(resident)
            }
            _ = try await truth(of: resident)
            // Decided before, and interrupted after the point of no return.
            guard try await ledger.lastSpan(of: resident, types: [.residentDeleted]) == nil else {
                return try await finishDeletions()
            }
            let decided = DecidedDeletion(resident: resident, asker: .operator, words: justification)
            try await record([intentSpan(of: decided, run: nil)]) { connection in
                try RunStore.decide(decided, in: connection)
            }
            try await execute(decided, run: nil)
            try await closeRuns(ofDeleted: resident)
        }
    }

    /// Destroys the key, records it, removes what is left.
    ///
    /// `run` is the trace of a resident's own last run.
    func execute(_ decided: DecidedDeletion, run: Identifier?) async throws {
        let vault = try openedVault()
        let resident = decided.resident
        if vault.residents.contains(resident) {
            try await changeKeyring { try vault.prepareKeyring(removing: [resident], newEpoch: true) }
        }
        if try await ledger.lastSpan(of: resident, types: [.residentDeleted]) == nil {
            var deleted = deletionSpan(
                .residentDeleted, resident, who: decided.asker.actor(resident, operatorID), by: decided.asker, run: run)
            deleted.metadata["epoch"] = .integer(Int64(clamping: vault.keyringState.epoch))
            deleted.content = decided.content
            try await record([deleted])
        }
        try openedVault().erase(resident: resident)
        try await ledger.removePayloads(of: resident)
        let erased = deletionSpan(.residentErased, resident, who: .node, by: decided.asker, run: run)
        try await record([erased]) { connection in
            try RunStore.forget(resident, in: connection)
            try CommunityStore.removeLetters(of: resident, in: connection)
        }
    }

    /// Finishes deletions that were decided and that a crash interrupted, at whichever step.
    func finishDeletions() async throws {
        for decided in try await ledger.read({ try RunStore.decidedDeletions(in: $0) }) {
            try await execute(decided, run: nil)
        }
    }

    /// Ends the runs that a deleted resident leaves: its own last one is done, any other has nothing to go on with.
    func closeRuns(ofDeleted resident: Identifier) async throws {
        let rows = try await ledger.read { try RunStore.unfinished(in: $0) }
        guard let deleted = try await ledger.lastSpan(of: resident, types: [.residentDeleted]) else { return }
        for row in rows where row.resident == resident {
            if row.state == .running, deleted.metadata["by"]?.string == DeletionAsker.resident.word {
                try await move(row, by: .complete, type: .runCompleted, reason: ConversationEnd.selfDeleted.rawValue)
            } else {
                try await move(
                    row, by: row.state == .running ? .fail : .close, type: .runFailed, reason: "deleted")
            }
        }
        try await ledger.write { try RunStore.dropUnbegun(of: resident, in: $0) }
    }

    /// The span that a decision is: it stands in the same transaction as its words.
    func intentSpan(of decided: DecidedDeletion, run: Identifier?) -> SpanDraft {
        deletionSpan(
            .residentDeleteIntent, decided.resident, who: decided.asker.actor(decided.resident, operatorID),
            by: decided.asker, run: run)
    }

    private func deletionSpan(
        _ type: EntityType, _ resident: Identifier, who: Actor, by asker: DeletionAsker, run: Identifier?
    ) -> SpanDraft {
        SpanDraft(
            id: surroundings.identifiers.next(), entityType: type, who: who, this: resident.description,
            at: surroundings.time.now(),
            metadata: ["level": .string(Self.deletionLevel), "by": .string(asker.word)], traceID: run)
    }
}

extension DeletionAsker {
    /// The word of the ledger.
    var word: String { self == .resident ? "resident" : "operator" }

    init(word: String) { self = word == "resident" ? .resident : .operator }

    func actor(_ resident: Identifier, _ operatorID: Identifier) -> Actor {
        self == .resident ? .resident(resident) : .operator(operatorID)
    }
}

extension DecidedDeletion {
    /// What `resident.deleted` says in public.
    var content: JSON? {
        guard let words, !words.isEmpty else { return nil }
        return [asker == .resident ? "statement" : "justification": .string(words)]
    }
}

extension RunStore {
    /// The words of decided deletions: the journal that held them goes with the key, before the memorial has them.
    static let deletionTable = """
        CREATE TABLE deletion (
            resident BLOB PRIMARY KEY CHECK (length(resident) = 16), asker TEXT NOT NULL, words TEXT
        ) STRICT, WITHOUT ROWID
        """

    /// Decides a deletion; the first words stand.
    static func decide(_ deletion: DecidedDeletion, in connection: Connection) throws {
        try connection.run(
            "INSERT INTO deletion VALUES (?, ?, ?) ON CONFLICT (resident) DO NOTHING", .blob(deletion.resident.bytes),
            .text(deletion.asker.word), deletion.words.map { .text($0) } ?? .null)
    }

    /// Deletions that were decided and are not finished.
    static func decidedDeletions(in connection: Connection) throws -> [DecidedDeletion] {
        try connection.rows("SELECT resident, asker, words FROM deletion ORDER BY resident", []) {
            guard let resident = Identifier(bytes: $0.blob(0)) else { throw RunStoreError.malformedRow }
            return DecidedDeletion(
                resident: resident, asker: DeletionAsker(word: $0.text(1)), words: $0.isNull(2) ? nil : $0.text(2))
        }
    }

    /// Forgets every journal of a resident, and its deletion, which is then finished.
    static func forget(_ resident: Identifier, in connection: Connection) throws {
        try connection.run(
            "UPDATE journal SET body = zeroblob(length(body)) WHERE run IN (SELECT id FROM run WHERE resident = ?)",
            .blob(resident.bytes))
        try connection.run(
            "DELETE FROM journal WHERE run IN (SELECT id FROM run WHERE resident = ?)", .blob(resident.bytes))
        try connection.run("DELETE FROM held_call WHERE resident = ?", .blob(resident.bytes))
        try connection.run("DELETE FROM deletion WHERE resident = ?", .blob(resident.bytes))
    }
}
