// Keys in a backup, under a passphrase and nothing else; and what a restore makes of them.
//
// `DIR/keys/keyring` is a keyring of version 1 with one provider of type 2, under a keyring key and an epoch secret
// that are fresh for this backup; `DIR/keys/epoch` is that secret, worth nothing without the passphrase. The home's
// own epoch secret never leaves the home. Beside them lie the home's other keys:
//
//   node.ed25519.sealed, house.x25519.sealed = chunked-encryption(
//       key = HKDF-Expand-SHA-512(the backup's keyring key, "sanctuary/key-backup/v1\0" ‖ vault id, 32),
//       context = "sanctuary/key-backup/v1\0" ‖ file name without ".sealed", message = the 32 bytes)
//
// Whoever has such a backup and its passphrase has the residents of its day, also those that were deleted later: the
// program refuses to restore these, a determined holder is not stopped (level D0).
internal import Cryptography
public import Encoding
internal import Files
internal import Synchronization

extension VaultBackup {
    static let keyLabel = Array("sanctuary/key-backup/v1\0".utf8)

    /// What a restore must not bring back.
    public struct Deletions: Sendable {
        /// The epoch of the ledger's last deletion; nil when nobody was deleted.
        public let lastEpoch: UInt64?
        /// Everybody who was deleted.
        public let residents: Set<Identifier>

        /// The ledger's deletions.
        public init(lastEpoch: UInt64?, residents: Set<Identifier>) {
            self.lastEpoch = lastEpoch
            self.residents = residents
        }
    }

    /// Restores keys from a backup as the next keyring of a home that has none, under the home's own master key.
    ///
    /// A keyring older than the last deletion, or with the key of a deleted resident, is refused. Writes
    /// `keyring.next` and `epoch.next`, and the node's and the house's key where the home has none. The caller then
    /// makes the span `keyring.written` of the returned state durable and opens the vault, which finishes the change.
    /// `lastState` is what the restored ledger says so far; the new epoch is above it.
    public static func restoreKeys(
        from directory: String, passphrase: MasterKey, home: String, masterKey: MasterKey, vault: Identifier,
        lastState: KeyringState?, deletions: Deletions, surroundings: VaultSurroundings
    ) throws(VaultError) -> KeyringState {
        let (source, target) = (VaultPaths(home: directory), VaultPaths(home: home))
        guard !Files.exists(target.keyring) else { throw .alreadyExists(path: target.relative(target.keyring)) }
        let unlocked = try unlock(source, passphrase: passphrase, vault: vault)
        if let deletion = deletions.lastEpoch, unlocked.keyring.epoch < deletion {
            throw .keyringOlderThanDeletion(backup: unlocked.keyring.epoch, deletion: deletion)
        }
        if let entry = unlocked.keyring.entries.first(where: { deletions.residents.contains($0.resident) }) {
            throw .keyringHoldsDeleted(entry.resident)
        }
        try asVaultError { () throws(FileError) in try Files.createDirectory(target.keys) }
        for (path, copy) in [(source.nodeKey, target.nodeKey), (source.houseKey, target.houseKey)] {
            try restoreKey(sealed: "\(path).sealed", to: copy, name: source.name(of: path), from: unlocked)
        }
        let random = surroundings.random
        let draftTarget = KeyringDraft.Target(
            vault: vault, epoch: max(unlocked.keyring.epoch, lastState?.epoch ?? 0) + 1,
            masters: [try masterKey.provenForNewProvider(cost: surroundings.passphraseCost, random: random)],
            epochSecret: SharedSecret(random.secret(32)))
        let draft = try KeyringDraft.rekeyed(for: draftTarget, previous: unlocked, random: random)
        try KeyFile.write(draftTarget.epochSecret.bytes, to: target.epochNext)
        try asVaultError { () throws(FileError) in try Files.writeDurably(draft.bytes, to: target.keyringNext) }
        return draft.state
    }

    private static func unlock(
        _ paths: VaultPaths, passphrase: MasterKey, vault: Identifier
    ) throws(VaultError) -> UnlockedKeyring {
        let path = paths.relative(paths.keyring)
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try Files.read(paths.keyring, maximumBytes: Keyring.maximumFileCount, regularOnly: true)
        } catch {
            guard error.isMissing else { throw .file(error) }
            throw .fault(VaultFault(.missing, path: path, field: "file", expected: "a keyring", found: "none"))
        }
        let secret = try KeyFile.key(at: paths.epoch, relative: paths.relative(paths.epoch))
        let unlock = KeyringUnlock(
            path: path, vault: vault, expected: nil, epochSecrets: secret.map { [$0] } ?? [])
        return try unlock.unlock(bytes, masters: .sources([passphrase]))
    }

    private static func restoreKey(
        sealed path: String, to target: String, name: String, from unlocked: UnlockedKeyring
    ) throws(VaultError) {
        guard Files.exists(path), !Files.exists(target) else { return }
        let sealed = try asVaultError { () throws(FileError) in
            try Files.read(path, maximumBytes: KeyFile.maximumFileCount, regularOnly: true)
        }
        let key = try Blob.checked("sealed key", path: "keys/\(name).sealed") { () throws(CryptographyError) in
            try ChunkedEncryption.open(
                key: backupKey(unlocked.keyringKey, vault: unlocked.keyring.vault),
                context: keyLabel + Array(name.utf8), sealed: sealed)
        }
        try KeyFile.write(key, to: target)
    }

    static func backupKey(_ keyringKey: SharedSecret, vault: Identifier) -> SecretBytes {
        HKDF.expandSHA512(key: keyringKey.bytes, info: keyLabel + vault.bytes, count: 32)
    }
}

extension Vault {
    /// Writes the keys of this vault into a backup directory, under a passphrase; returns the backup keyring's state.
    ///
    /// The keyring keeps its epoch number, by which a restore tells whether it is older than a deletion. A raw
    /// key is refused: ``VaultError/unusablePassphrase(source:)``.
    public func backupKeys(to directory: String, passphrase: MasterKey) throws(VaultError) -> KeyringState {
        guard passphrase.isPassphrase else { throw .unusablePassphrase(source: passphrase.source) }
        let target = VaultPaths(home: directory)
        guard !Files.exists(target.keyring) else { throw .alreadyExists(path: target.keyring) }
        try asVaultError { () throws(FileError) in try Files.createDirectory(target.keys) }
        let random = surroundings.random
        let current = state.withLock { $0.unlocked }
        let draftTarget = KeyringDraft.Target(
            vault: id, epoch: current.keyring.epoch,
            masters: [try passphrase.provenForNewProvider(cost: surroundings.passphraseCost, random: random)],
            epochSecret: SharedSecret(random.secret(32)))
        let draft = try KeyringDraft.rekeyed(for: draftTarget, previous: current, random: random)
        try KeyFile.write(draftTarget.epochSecret.bytes, to: target.epoch)
        for path in [paths.nodeKey, paths.houseKey] {
            try backUp(path, to: target, under: draft.keyringKey)
        }
        try asVaultError { () throws(FileError) in try Files.createExclusively(draft.bytes, at: target.keyring) }
        return draft.state
    }

    private func backUp(_ path: String, to target: VaultPaths, under keyringKey: SharedSecret) throws(VaultError) {
        guard let key = try KeyFile.key(at: path, relative: paths.relative(path)) else { return }
        let name = paths.name(of: path)
        let sealed: [UInt8]
        do throws(CryptographyError) {
            sealed = try ChunkedEncryption.seal(
                key: VaultBackup.backupKey(keyringKey, vault: id),
                context: VaultBackup.keyLabel + Array(name.utf8), plaintext: key.bytes,
                salt: surroundings.random.bytes(ChunkedEncryption.saltSize))
        } catch {
            throw .cryptography(error)
        }
        try asVaultError { () throws(FileError) in
            try Files.writeDurably(sealed, to: "\(target.keys)/\(name).sealed")
        }
    }
}
