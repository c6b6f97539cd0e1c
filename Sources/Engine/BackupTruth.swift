// What the ledger of a backup says: its vault, its residents, its deletions; read before any key is at hand.
import Cryptography
import Encoding
import Ledger
import Vault

/// The facts that a restore goes by.
struct BackupTruth {
    let vault: Identifier
    let residents: [ResidentExpectation]
    /// The last keyring that the ledger names.
    let keyring: KeyringState?
    let deletions: VaultBackup.Deletions

    private static let limit = 1_000_000

    init(_ ledger: Ledger) async throws {
        guard let genesis = try await ledger.span(at: 0),
            let vault = genesis.metadata["vault"]?.string.flatMap({ Identifier($0) })
        else { throw EngineError.storeMalformed }
        self.vault = vault
        var residents: [ResidentExpectation] = []
        for span in try await ledger.spans(Ledger.Query(types: [.residentAdmitted], limit: Self.limit)) {
            guard let id = span.resident, let truth = try await ledger.truth(of: id) else { continue }
            let generation = Generation(number: UInt64(truth.generation), headerHash: truth.header)
            let isDeleted = truth.status == .deleted
            let episodes = truth.episodes.enumerated().map { Generation(number: UInt64($0), headerHash: $1) }
            residents.append(
                ResidentExpectation(
                    resident: id, generation: isDeleted ? nil : generation, episodes: isDeleted ? [] : episodes))
        }
        self.residents = residents
        keyring = try await ledger.lastSpan(subject: vault.hexDigits, types: [.keyringWritten]).flatMap { span in
            guard let epoch = span.metadata["epoch"]?.integer,
                let hash = span.metadata["hash"]?.string.flatMap({ HashText.blake3Bytes($0) })
            else { return nil }
            return KeyringState(epoch: UInt64(clamping: epoch), hash: hash)
        }
        let deleted = try await ledger.spans(Ledger.Query(types: [.residentDeleted], limit: Self.limit))
        deletions = VaultBackup.Deletions(
            lastEpoch: deleted.compactMap { $0.metadata["epoch"]?.integer.map { UInt64(clamping: $0) } }.max(),
            residents: Set(deleted.compactMap(\.resident)))
    }

    /// Opens a ledger for reading by the key that it states itself; what is built on it is verified with the real one.
    static func open(_ directory: String) async throws -> Ledger {
        let paths = LedgerPaths(home: directory)
        let stranger = try SigningKey(seed: SecretBytes(copying: [UInt8](repeating: 1, count: 32))).verifyingKey
        let first = try await Ledger.openForReading(at: paths, key: stranger, acceptsOlder: true)
        let stated = try await first.span(at: 0)?.metadata["public_key"]?.string.flatMap { Hex.decode($0) }
        await first.close()
        return try await Ledger.openForReading(at: paths, key: VerifyingKey(stated ?? []), acceptsOlder: true)
    }
}
