// After a lost end of the ledger: the one generation that follows what the ledger still names can be taken as true.
public import Encoding
import Ledger
public import Vault

extension House {
    /// The generation of a resident that a lost end of the ledger must have named; nil where there is no such.
    ///
    /// It stands where the ledger's own is gone (a run commits, then sweeps), its header carries the hash of the
    /// ledger's, and every byte of it opens under the resident's key. What is further ahead cannot be proven to
    /// follow, nor a history that has moved into a further episode: there only a backup helps.
    public func adoptableGeneration(of resident: Identifier) async throws(EngineError) -> Generation? {
        try await asEngineError {
            let vault = try openedVault()
            let truth = try await truth(of: resident)
            let blobs = try VaultInspection(home: paths.root, resident: resident).blobs.filter(\.isConsistent)
            let packages = blobs.filter { $0.header.content == .personaPackage }
            let hasFurtherEpisode = blobs.contains {
                $0.header.content == .episode && $0.header.generation >= UInt64(truth.episodes.count)
            }
            guard !hasFurtherEpisode, !packages.contains(where: { $0.header.generation == truth.generation.number }),
                let next = packages.first(where: { $0.header.generation == truth.generation.number + 1 }),
                next.header.previousHeaderHash == truth.generation.headerHash
            else { return nil }
            let generation = Generation(number: next.header.generation, headerHash: next.headerHash)
            _ = try vault.open(resident: resident, expecting: generation)
            return generation
        }
    }

    /// Names the adoptable generation of a resident on the record, as a manual run that did nothing else.
    ///
    /// - Returns: what was adopted; ``EngineError/nothingToAdopt(_:)`` where there is nothing.
    public func adopt(_ resident: Identifier) async throws(EngineError) -> Generation {
        guard let generation = try await adoptableGeneration(of: resident) else { throw .nothingToAdopt(resident) }
        try await asEngineError {
            let truth = try await truth(of: resident)
            let run = surroundings.identifiers.next()
            let now = surroundings.time.now()
            func span(_ type: EntityType, _ metadata: JSONObject, key: String? = nil) -> SpanDraft {
                SpanDraft(
                    id: surroundings.identifiers.next(), entityType: type, who: .operator(operatorID),
                    this: resident.description, at: now, metadata: metadata, traceID: run, idempotencyKey: key)
            }
            let episodes = truth.episodes.map { JSON.string("blake3:\(Hex.encode($0.headerHash))") }
            try await record([
                span(
                    .runClaimed, ["trigger": "manual", "occurrence": .string(run.description)],
                    key: "manual:\(run):\(resident)"),
                span(
                    .incident,
                    [
                        "kind": "vault_adopted", "expected": .integer(Int64(clamping: truth.generation.number)),
                        "found": .integer(Int64(clamping: generation.number)),
                    ]),
                span(
                    .vaultSealed,
                    [
                        "generation": .integer(Int64(clamping: generation.number)),
                        "header": .string("blake3:\(Hex.encode(generation.headerHash))"), "episodes": .array(episodes),
                    ]),
                span(.runFailed, ["reason": "adopted", "rounds": 0, "calls": 0]),
            ])
        }
        return generation
    }
}
