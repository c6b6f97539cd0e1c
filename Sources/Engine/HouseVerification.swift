// What the ledger says each resident's files must be, and the check of the vault against it.
import Community
public import Encoding
import Ledger
public import Vault

extension House {
    /// What the last verified spans say of every resident that was ever admitted, or of one.
    public func expectations(of resident: Identifier?) async throws(EngineError) -> [ResidentExpectation] {
        try await asEngineError {
            var ids: [Identifier] = []
            if let resident { ids = [resident] } else { ids = try await residents().residents.map(\.id) }
            var expected: [ResidentExpectation] = []
            for id in ids {
                let deleted = try await ledger.lastSpan(of: id, types: [.residentDeleted])
                let truth = deleted == nil ? try await truth(of: id) : nil
                expected.append(
                    ResidentExpectation(
                        resident: id, generation: truth?.generation, episodes: truth?.episodes ?? []))
            }
            return expected
        }
    }

    /// Opens every blob that the ledger names, releases nothing, and records that it was done.
    public func verifyVault(of resident: Identifier?) async throws(EngineError) -> VaultVerification {
        try await asEngineError {
            let vault = try openedVault()
            let result = try vault.verify(await expectations(of: resident), isComplete: resident == nil)
            try await record([
                SpanDraft(
                    id: surroundings.identifiers.next(), entityType: .vaultVerified, who: .operator(operatorID),
                    this: vault.id.hexDigits, at: surroundings.time.now(),
                    metadata: [
                        "counts": [
                            "checked": .integer(Int64(result.checked)), "faults": .integer(Int64(result.faults.count)),
                        ]
                    ])
            ])
            return result
        }
    }
}
