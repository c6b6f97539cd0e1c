// Bringing a home back: a whole one where the ledger is lost, single blobs where it stands.
import Encoding
import Files
import Ledger
public import Vault

/// The keys of a restored home.
public struct RestoredKeys: Sendable {
    /// Opens the keys of the backup.
    public let passphrase: MasterKey
    /// The master key of the home from now on; nil writes a fresh one to `keys/master.key`.
    public let masterKey: MasterKey?

    /// Keys of these parts.
    public init(passphrase: MasterKey, masterKey: MasterKey?) {
        self.passphrase = passphrase
        self.masterKey = masterKey
    }
}

extension House {
    /// Restores a home that has no ledger: ledger, texts and blobs, and keys where the home has none of its own.
    ///
    /// The ledger is verified to its last span before it is used; a keyring older than its last deletion is refused.
    ///
    /// A head that the lost ledger left makes way for the backup's, unless it names more spans than that one:
    /// ``LedgerError/rolledBack(expectedSize:expectedHead:foundSize:foundHead:)``. What fails leaves no ledger behind.
    ///
    /// - Parameters:
    ///   - keys: nil where the home's own `keys/` survived.
    ///   - acceptsLoss: whether a backup may come back that holds fewer spans than the standing head names; the loss
    ///     is then a span, as after ``acceptLoss(at:surroundings:)``.
    public static func restore(
        from directory: String, to paths: HomePaths, keys: RestoredKeys?, acceptsLoss: Bool = false,
        surroundings: HomeSurroundings
    ) async throws(EngineError) -> BackupReport {
        try await asEngineError {
            guard !Files.exists(paths.ledger) else { throw EngineError.homeExists(path: paths.ledger) }
            let source = HomePaths(root: directory)
            guard Files.exists(source.ledger), Files.exists(source.head) else {
                throw EngineError.backupMissing(path: directory)
            }
            for path in [paths.root, paths.keys, paths.spool] { try Files.createDirectory(path) }
            for name in ["sanctuary.json", "preambles", "tools"] {
                try copy("\(directory)/\(name)", to: "\(paths.root)/\(name)")
            }
            let head = try Files.read(source.head, maximumBytes: 4_096, regularOnly: true)
            let (lost, lostSpans) = try makeWay(for: head, of: source, in: paths, acceptsLoss: acceptsLoss)
            do {
                try Files.createExclusively(head, at: paths.head)
                let backup = try await BackupTruth.open(directory)
                try await closing(backup) { try await $0.copyDatabase(to: paths.ledger) }
                let report = try await bringBack(
                    from: directory, to: paths, keys: keys, lostSpans: lostSpans, surroundings: surroundings)
                if let lost { try? Files.remove(lost) }
                return report
            } catch {
                // A home whose restore failed or was refused has no ledger, as before: the next try begins anew.
                for path in [paths.ledger, paths.ledger + "-wal", paths.ledger + "-shm", paths.head] {
                    try? Files.remove(path)
                }
                if let lost { try? Files.rename(lost, to: paths.head) }
                throw error
            }
        }
    }

    /// Moves the head that a lost ledger left aside, unless it names more than the backup holds: that is a roll-back.
    ///
    /// Returns where it is, to be put back should the restore fail: it keeps an older backup out next time too.
    private static func makeWay(
        for line: [UInt8], of source: HomePaths, in paths: HomePaths, acceptsLoss: Bool
    ) throws -> (aside: String?, lostSpans: (named: Int, found: Int)?) {
        guard Files.exists(paths.head) else { return (nil, nil) }
        guard let head = LedgerHead(line: line) else { throw LedgerError.headMalformed(path: source.head) }
        let standing = try LedgerHead.line(at: paths.head)
        guard let last = LedgerHead(line: standing) else { throw LedgerError.headMalformed(path: paths.head) }
        let isLoss = last.size > head.size
        guard !isLoss || acceptsLoss else {
            throw LedgerError.rolledBack(
                expectedSize: last.size, expectedHead: last.hash, foundSize: head.size, foundHead: head.hash)
        }
        guard last.size != head.size || last.hash == head.hash else {
            throw LedgerError.headMismatch(position: last.size - 1, expected: last.hash, found: head.hash)
        }
        let aside = paths.head + ".lost"
        try Files.rename(paths.head, to: aside)
        return (aside, isLoss ? (last.size, head.size) : nil)
    }

    private static func closing(_ ledger: Ledger, _ body: (Ledger) async throws -> Void) async throws {
        do { try await body(ledger) } catch {
            await ledger.close()
            throw error
        }
        await ledger.close()
    }

    private static func bringBack(
        from directory: String, to paths: HomePaths, keys: RestoredKeys?, lostSpans: (named: Int, found: Int)?,
        surroundings: HomeSurroundings
    ) async throws -> BackupReport {
        let vaultPaths = VaultPaths(home: paths.root)
        let state = try await restoredKeys(from: directory, paths: paths, keys: keys, surroundings: surroundings)
        let signing = try HomeKeys.nodeKey(paths: vaultPaths)
        let ledger = try await Ledger.open(
            at: LedgerPaths(home: paths.root), signingKey: signing, projections: projections, schemas: schemas)
        do {
            let report = try await ledger.verify()
            guard report.isSound else { throw LedgerError.altered(report.faults) }
            let truth = try await BackupTruth(ledger)
            let blobs = try VaultBackup.restoreBlobs(
                from: directory, home: paths.root, vault: truth.vault, residents: truth.residents)
            if let lostSpans {
                try await ledger.append([
                    SpanDraft(
                        id: surroundings.identifiers.next(), entityType: .ledgerLossAccepted,
                        who: .operator(operatorID(of: ledger.key)), this: ledger.origin,
                        at: surroundings.time.now(),
                        metadata: [
                            "from": .integer(Int64(lostSpans.named)), "to": .integer(Int64(lostSpans.found)),
                        ])
                ])
            }
            if let state { try await ledger.append([keyringSpan(truth.vault, state, surroundings)]) }
            let spans = try await ledger.size()
            await ledger.close()
            return BackupReport(blobs: blobs, spans: spans, hasKeys: state != nil)
        } catch {
            await ledger.close()
            throw error
        }
    }

    /// Brings the keys back where the home has none; the state that the ledger must then be told.
    private static func restoredKeys(
        from directory: String, paths: HomePaths, keys: RestoredKeys?, surroundings: HomeSurroundings
    ) async throws -> KeyringState? {
        let vaultPaths = VaultPaths(home: paths.root)
        guard let keys, !Files.exists(vaultPaths.keyring) else { return nil }
        let ledger = try await BackupTruth.open(paths.root)
        let truth = try await BackupTruth(ledger)
        await ledger.close()
        let master =
            try keys.masterKey ?? Vault.createMasterKeyFile(home: paths.root, random: surroundings.random)
        return try VaultBackup.restoreKeys(
            from: directory, passphrase: keys.passphrase, home: paths.root, masterKey: master, vault: truth.vault,
            lastState: truth.keyring, deletions: truth.deletions, surroundings: surroundings.vault)
    }
}

extension House {
    /// Puts back single blobs that are missing or damaged, where the backup has what the ledger names.
    ///
    /// A damaged file is set aside in `vault/set-aside`; the backup's is checked against the ledger before it counts.
    public func restoreBlobs(from directory: String) async throws(EngineError) -> BackupReport {
        try await asEngineError {
            guard Files.isDirectory("\(directory)/vault/blobs") else {
                throw EngineError.backupMissing(path: directory)
            }
            let vault = try openedVault()
            let expected = try await expectations(of: nil)
            let faults = try vault.verify(expected, isComplete: true).faults
            var report = BackupReport(spans: try await ledger.size())
            for one in expected where one.generation != nil {
                let damaged = Set(faults.map(\.path)).intersection(one.paths)
                guard !damaged.isEmpty else { continue }
                let aside = try setAside(damaged)
                do {
                    report.blobs += try VaultBackup.restoreBlobs(
                        from: directory, home: paths.root, vault: vault.id, residents: [one], only: damaged)
                } catch {
                    for file in aside where !Files.exists(file.from) { try Files.rename(file.to, to: file.from) }
                    throw error
                }
            }
            return report
        }
    }

    /// Moves damaged files out of the way, those of them that are there.
    private func setAside(_ damaged: Set<String>) throws -> [(from: String, to: String)] {
        var moved: [(from: String, to: String)] = []
        let directory = VaultPaths(home: paths.root).setAside
        for path in damaged.sorted() {
            let from = "\(paths.root)/\(path)"
            guard Files.exists(from), let name = path.split(separator: "/").last else { continue }
            try Files.createDirectory(directory)
            let to = "\(directory)/\(surroundings.identifiers.next()).\(name)"
            try Files.rename(from, to: to)
            moved.append((from, to))
        }
        return moved
    }
}

extension ResidentExpectation {
    /// The files that must be there, relative to the home.
    fileprivate var paths: [String] {
        guard let generation else { return [] }
        let digits = resident.hexDigits
        return (["\(generation.number)"] + episodes.map { "e\($0.number)" }).map {
            "vault/blobs/\(digits.suffix(2))/\(digits).\($0).blob"
        }
    }
}
