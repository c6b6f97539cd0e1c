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
    case `operator`(justification: String)
}

extension House {
    /// The level that this program reaches: the epoch secret lives in a file that is overwritten (vault.md, D0).
    static let deletionLevel = "D0"

    /// Erases a resident for a reason that the operator states; the resident's own way is the tool `self_delete`.
    public func erase(_ resident: Identifier, justification: String) async throws(EngineError) {
        try await asEngineError {
            let record = try await truth(of: resident)
            let operatorActor = Actor.operator(operatorID)
            try await ledger.append([
                deletionSpan(.residentDeleteIntent, resident, who: operatorActor, by: "operator")
            ])
            _ = record
            try await execute(resident, by: .operator(justification: justification), statement: nil, run: nil)
        }
    }

    /// Destroys the key, records it, removes what is left.
    ///
    /// `run` is the trace of a resident's own last run.
    func execute(
        _ resident: Identifier, by asker: DeletionAsker, statement: String?, run: Identifier?
    ) async throws {
        let vault = try openedVault()
        if vault.residents.contains(resident) {
            try await changeKeyring { try vault.prepareKeyring(removing: [resident], newEpoch: true) }
        }
        if try await ledger.lastSpan(of: resident, types: [.residentDeleted]) == nil {
            var deleted = deletionSpan(
                .residentDeleted, resident, who: asker.actor(resident, operatorID), by: asker.word, run: run)
            deleted.metadata["epoch"] = .integer(Int64(clamping: vault.keyringState.epoch))
            deleted.content = asker.content(statement: statement)
            try await ledger.append([deleted])
        }
        try await sweepDeleted(resident, by: asker.word, run: run)
    }

    /// Overwrites and removes blobs, sealed payloads, letters and journals of a deleted resident.
    func sweepDeleted(_ resident: Identifier, by word: String, run: Identifier?) async throws {
        try openedVault().erase(resident: resident)
        try await ledger.removePayloads(of: resident)
        let erased = deletionSpan(.residentErased, resident, who: .node, by: word, run: run)
        try await ledger.append([erased]) { connection in
            try RunStore.forget(resident, in: connection)
            try CommunityStore.removeLetters(of: resident, in: connection)
        }
    }

    /// Finishes deletions that a crash interrupted after their intent or after the point of no return.
    func finishDeletions() async throws {
        let intents = try await ledger.spans(Ledger.Query(types: [.residentDeleteIntent], limit: 100_000))
        for intent in intents {
            guard let resident = Identifier(intent.this),
                try await ledger.lastSpan(of: resident, types: [.residentErased]) == nil
            else { continue }
            let by = intent.metadata["by"]?.string ?? "operator"
            if try await ledger.lastSpan(of: resident, types: [.residentDeleted]) != nil {
                try await sweepDeleted(resident, by: by, run: nil)
            } else if try !openedVault().residents.contains(resident) {
                let asker: DeletionAsker = by == "resident" ? .resident : .operator(justification: "")
                try await execute(resident, by: asker, statement: nil, run: nil)
            }
        }
    }

    func deletionSpan(
        _ type: EntityType, _ resident: Identifier, who: Actor, by word: String, run: Identifier? = nil
    ) -> SpanDraft {
        SpanDraft(
            id: surroundings.identifiers.next(), entityType: type, who: who, this: resident.description,
            at: surroundings.time.now(),
            metadata: ["level": .string(Self.deletionLevel), "by": .string(word)], traceID: run)
    }
}

extension DeletionAsker {
    var word: String { self == .resident ? "resident" : "operator" }

    func actor(_ resident: Identifier, _ operatorID: Identifier) -> Actor {
        self == .resident ? .resident(resident) : .operator(operatorID)
    }

    func content(statement: String?) -> JSON? {
        var content: JSONObject = [:]
        if let statement, !statement.isEmpty { content["statement"] = .string(statement) }
        if case .operator(let justification) = self, !justification.isEmpty {
            content["justification"] = .string(justification)
        }
        return content.count == 0 ? nil : .object(content)
    }
}
