// The vault: sealed blobs of residents, the keyring of their keys, and the master key above all.
//
// What is here, from the outside in:
//
//   Vault                 one home's blobs and keyring, opened with its master key
//     create, open        making and unlocking; finishing a keyring change that a kill interrupted
//     VaultBlobs          open, seal, sweep, erase: the generations of a resident
//     KeyringChange       prepare, (the caller's span), commit: residents come and go, epochs change
//     ResidentKeys        what is derived from a resident's key: sealed payloads, keyed digests
//     VaultVerification   every blob against what the ledger says
//     VaultBackup         cold copies of blobs, and of keys under a passphrase
//   VaultInspection       what can be told without any key
//   MasterKeySource       where the master key comes from
//   HomeKeys, KeyPermissions   the other keys of a home, and who can read them
//   BlobHeader, Keyring   the two formats; Blob and KeyringKeys hold their cryptography
//
// Formats, orders of writing and of checking are a contract: docs/format.md.
public import Cryptography
public import Encoding
internal import Files
internal import Synchronization

/// One home's sealed blobs and keyring, unlocked; at most one process may have it (the home's lock sees to that).
public final class Vault: Sendable {
    struct State: Sendable {
        var unlocked: UnlockedKeyring
        var pending: PendingChange?
        var isPreparing = false
        /// The generation of residents whose last seal took a spare over.
        var overSpare: [Identifier: UInt64] = [:]
    }

    /// The vault's id, 16 bytes; the ledger names it as 32 hex digits.
    public let id: Identifier
    /// Where its files are.
    public let paths: VaultPaths
    let surroundings: VaultSurroundings
    let files: VaultFiles
    let workers: WorkerThreads
    let buffers: BlobBuffers
    let state: Mutex<State>

    /// How many seals are written and flushed at once.
    ///
    /// Fewer than go on at once, as a rule 16, so that a thread finds its next seal waiting instead of falling asleep:
    /// with as many threads each seal would wake one, for a tenth of its processor time and no gain in seals a second.
    public static let concurrentWrites = 12

    init(paths: VaultPaths, unlocked: UnlockedKeyring, surroundings: VaultSurroundings) {
        id = unlocked.keyring.vault
        self.paths = paths
        self.surroundings = surroundings
        files = VaultFiles(paths: paths, surroundings: surroundings, flusher: DirectoryFlusher())
        workers = WorkerThreads(count: Self.concurrentWrites)
        buffers = BlobBuffers(capacity: Self.concurrentWrites)
        state = Mutex(State(unlocked: unlocked, pending: nil))
    }

    /// Makes the directories, an epoch secret and an empty keyring of epoch 1, and opens them.
    ///
    /// The ledger's first `keyring.written` carries ``keyringState``. A keyring that is there is never replaced:
    /// ``VaultError/alreadyExists(path:)``.
    public static func create(
        home: String, id: Identifier, masterKey: MasterKey, surroundings: VaultSurroundings
    ) throws(VaultError) -> Vault {
        let paths = VaultPaths(home: home)
        guard !Files.exists(paths.keyring) else { throw .alreadyExists(path: paths.relative(paths.keyring)) }
        try asVaultError { () throws(FileError) in
            try Files.createDirectory(paths.blobs)
            try Files.createDirectory(paths.keys)
        }
        let random = surroundings.random
        let master = try masterKey.provenForNewProvider(cost: surroundings.passphraseCost, random: random)
        let target = KeyringDraft.Target(
            vault: id, epoch: 1, masters: [master], epochSecret: SharedSecret(random.secret(32)))
        let made = try KeyringDraft.rekeyed(for: target, previous: nil, random: random)
        try KeyFile.write(target.epochSecret.bytes, to: paths.epoch)
        try asVaultError { () throws(FileError) in
            try Files.createExclusively(made.bytes, at: paths.keyring)
        }
        return try open(
            home: home, masterKeys: [masterKey],
            expecting: LedgerKeyring(vault: id, state: made.state), surroundings: surroundings)
    }

    /// Writes a fresh master key to `keys/master.key`, which cannot be recovered when lost; refuses where one is.
    public static func createMasterKeyFile(home: String, random: RandomSource) throws(VaultError) -> MasterKey {
        let paths = VaultPaths(home: home)
        guard !Files.exists(paths.masterKey) else { throw .alreadyExists(path: paths.relative(paths.masterKey)) }
        try asVaultError { () throws(FileError) in try Files.createDirectory(paths.keys) }
        let key = MasterKey.fresh(random: random, source: MasterKeySource.file(paths.masterKey).text)
        try KeyFile.write(key, to: paths.masterKey)
        return key
    }

    /// Unlocks a home's vault, first finishing or dropping a keyring change that was interrupted.
    ///
    /// `expecting` is what the ledger's last `keyring.written` says; nil only where there is no ledger. A wrong
    /// master key, a damaged, a foreign and an outdated keyring are each their own error.
    public static func open(
        home: String, masterKeys: [MasterKey], expecting: LedgerKeyring?, surroundings: VaultSurroundings
    ) throws(VaultError) -> Vault {
        let paths = VaultPaths(home: home)
        if let expecting { try recover(home: home, last: expecting.state) }
        let recovery = KeyringRecovery(paths: paths, surroundings: surroundings)
        let unlocked = try recovery.unlock(masterKeys: masterKeys, expecting: expecting)
        return Vault(paths: paths, unlocked: unlocked, surroundings: surroundings)
    }

    /// Finishes the rename of a keyring whose span exists, or drops a `keyring.next` without one; needs no key.
    public static func recover(home: String, last: KeyringState) throws(VaultError) {
        try KeyringRecovery.finishRename(paths: VaultPaths(home: home), last: last)
    }

    /// Epoch and hash of the keyring as it is on disk.
    public var keyringState: KeyringState { state.withLock { $0.unlocked.state } }

    /// The residents that have a key, sorted.
    public var residents: [Identifier] {
        state.withLock { $0.unlocked.keyring.entries.map(\.resident) }
    }

    /// Whether the keyring holds a key of this resident; without one nothing of it can ever be opened again.
    public func holdsKey(of resident: Identifier) -> Bool {
        state.withLock { $0.unlocked }.keyring.entry(of: resident) != nil
    }

    /// The id of a resident's erasure key; throws ``VaultError/unknownResident(_:)`` where it has none.
    public func pekID(of resident: Identifier) throws(VaultError) -> Identifier {
        let unlocked = state.withLock { $0.unlocked }
        guard let entry = unlocked.keyring.entry(of: resident) else { throw .unknownResident(resident) }
        return entry.pekID
    }

    /// A resident's erasure key and its id.
    func pek(of resident: Identifier) throws(VaultError) -> ResidentKey {
        let unlocked = state.withLock { $0.unlocked }
        guard let entry = unlocked.keyring.entry(of: resident) else { throw .unknownResident(resident) }
        let key = try unlocked.keyring.pek(
            of: entry, keyringKey: unlocked.keyringKey.bytes, path: paths.relative(paths.keyring))
        return ResidentKey(id: entry.pekID, key: key)
    }
}

/// A resident's erasure key, for as long as one operation needs it.
struct ResidentKey: ~Copyable {
    let id: Identifier
    let key: SecretBytes
}

/// What the ledger says of the vault: its id (genesis) and the last `keyring.written`.
public struct LedgerKeyring: Hashable, Sendable {
    /// The vault's id.
    public let vault: Identifier
    /// The keyring's epoch and hash.
    public let state: KeyringState

    /// What the ledger says.
    public init(vault: Identifier, state: KeyringState) {
        self.vault = vault
        self.state = state
    }
}
