// Cold backups: the ledger, the blobs that it names, the texts; the keys only under a passphrase.
import Encoding
import Files
import Ledger
public import Vault

/// What a backup holds, or what came back from one.
public struct BackupReport: Sendable, Equatable {
    /// Sealed files.
    public var blobs = 0
    /// Spans of the ledger.
    public var spans = 0
    /// Whether keys were among it.
    public var hasKeys = false
}

extension House {
    /// The parts of a home, beside ledger, blobs and keys, that a backup takes along.
    private static let texts = ["sanctuary.json", "preambles", "tools"]

    /// Writes a backup into a new or empty directory; the house is its home's only owner meanwhile.
    ///
    /// Without a passphrase no key is written, and the backup is worthless to whoever has it alone.
    public func backUp(to directory: String, keysUnder passphrase: MasterKey?) async throws(EngineError) -> BackupReport
    {
        try await asEngineError {
            guard (try? Files.list(directory))?.isEmpty ?? !Files.exists(directory) else {
                throw EngineError.homeExists(path: directory)
            }
            let target = HomePaths(root: directory)
            try Files.createDirectory(directory)
            var report = BackupReport()
            report.blobs = try VaultBackup.copyBlobs(
                home: paths.root, to: directory, vault: try await vaultID(), residents: try await expectations(of: nil))
            report.spans = try await ledger.size()
            try await ledger.copyDatabase(to: target.ledger)
            try Files.writeDurably(LedgerHead.line(at: paths.head), to: target.head)
            for name in Self.texts { try Self.copy("\(paths.root)/\(name)", to: "\(directory)/\(name)") }
            if let passphrase {
                _ = try openedVault().backupKeys(to: directory, passphrase: passphrase)
                report.hasKeys = true
            }
            try Files.syncDirectory(directory)
            return report
        }
    }

    /// The vault that the genesis span names.
    func vaultID() async throws -> Identifier {
        guard let id = try await ledger.span(at: 0)?.metadata["vault"]?.string.flatMap({ Identifier($0) }) else {
            throw EngineError.storeMalformed
        }
        return id
    }

    /// Copies a file, or a folder with what is in it; nothing where there is none, and nothing over what is there.
    static func copy(_ source: String, to target: String) throws {
        guard Files.exists(source) else { return }
        guard Files.isDirectory(source) else {
            guard !Files.exists(target) else { return }
            return try Files.createExclusively(Files.read(source, maximumBytes: 16 << 20), at: target)
        }
        try Files.createDirectory(target)
        for name in try Files.list(source) { try copy("\(source)/\(name)", to: "\(target)/\(name)") }
    }
}
