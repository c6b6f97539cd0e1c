// Changing the keyring in two phases, with the ledger's span between them.
internal import Cryptography
public import Encoding
internal import Files
internal import Synchronization

/// A keyring that lies flushed beside the current one and waits for its span.
public struct KeyringChange: Hashable, Sendable {
    /// What the span `keyring.written` says: epoch and hash.
    public let state: KeyringState

    /// The epoch of the span.
    public var epoch: UInt64 { state.epoch }
    /// The hash of the span, BLAKE3 of the file.
    public var hash: [UInt8] { state.hash }
}

/// What a vault keeps of a change between its two phases.
struct PendingChange: Sendable {
    let change: KeyringChange
    let unlocked: UnlockedKeyring
    let hasNewEpoch: Bool
    let hasNewMasterFile: Bool
}

/// A new master key for a rotation, and whether the home keeps it in `keys/master.key`.
public struct MasterReplacement: Sendable {
    /// The key.
    public let key: MasterKey
    /// Whether it replaces `keys/master.key`; else the caller keeps it.
    public let isKeptInHome: Bool

    /// A replacement; a passphrase cannot be kept in the home.
    public init(key: MasterKey, isKeptInHome: Bool) {
        self.key = key
        self.isKeptInHome = isKeptInHome
    }
}

extension Vault {
    /// First phase: writes the next keyring, flushed, and opens it again from the disk.
    ///
    /// The caller then makes the span `keyring.written` durable and calls ``commit(_:)``, or ``abandon(_:)`` when
    /// it could not. Many residents may come at once. Whoever goes takes the old epoch along: removing, and a new
    /// master key, always mean a new epoch. A keyring of several providers keeps, in a new epoch, the one whose
    /// master key is at hand. Only one change can be under way: ``VaultError/keyringChangePending``.
    public func prepareKeyring(
        adding: [Identifier] = [], removing: [Identifier] = [], newEpoch: Bool = false,
        newMaster: MasterReplacement? = nil
    ) throws(VaultError) -> KeyringChange {
        let current = state.withLock { state -> UnlockedKeyring? in
            guard state.pending == nil, !state.isPreparing else { return nil }
            state.isPreparing = true
            return state.unlocked
        }
        guard let current else { throw .keyringChangePending }
        defer { state.withLock { $0.isPreparing = false } }
        try check(adding: adding, removing: removing, in: current.keyring)
        let newcomers = KeyringDraft.Newcomers(
            residents: adding, createdMilliseconds: UInt64(max(0, surroundings.time.now().unixMilliseconds)))
        let random = surroundings.random
        let pending: PendingChange
        if newEpoch || !removing.isEmpty || newMaster != nil {
            let master = try newMaster?.key.provenForNewProvider(cost: surroundings.passphraseCost, random: random)
            let target = KeyringDraft.Target(
                vault: id, epoch: current.keyring.epoch + 1, masters: [master ?? current.master],
                epochSecret: SharedSecret(random.secret(32)))
            let draft = try KeyringDraft.rekeyed(
                for: target, previous: current, removing: Set(removing), adding: newcomers, random: random)
            pending = try write(draft, target: target, newMaster: newMaster)
        } else {
            let draft = try KeyringDraft.extended(current, by: newcomers, random: random)
            pending = try write(draft, master: current.master)
        }
        state.withLock { $0.pending = pending }
        return pending.change
    }

    /// Second phase, once the span is durable: the rename, and in a new epoch the end of the old secret.
    ///
    /// Safe to call again after it threw. What was removed is beyond reach when it returns.
    public func commit(_ change: KeyringChange) throws(VaultError) {
        let pending = state.withLock { $0.pending }
        guard let pending, pending.change == change else { throw .unknownKeyringChange }
        try KeyringRecovery.finishRename(paths: paths, last: change.state)
        try surroundings.passed(.keyringRenamed)
        let recovery = KeyringRecovery(paths: paths, surroundings: surroundings)
        // The old secrets go only once the keyring that no longer needs them stands in its place.
        try recovery.checkKeyring(is: change.state)
        if pending.hasNewEpoch { try recovery.replaceEpoch() }
        if pending.hasNewMasterFile { try recovery.replaceMasterKey() }
        state.withLock { state in
            state.unlocked = pending.unlocked
            state.pending = nil
        }
    }

    /// Takes a prepared change back, when its span could not be made durable.
    public func abandon(_ change: KeyringChange) throws(VaultError) {
        let pending = state.withLock { $0.pending }
        guard let pending, pending.change == change else { throw .unknownKeyringChange }
        try KeyringRecovery(paths: paths, surroundings: surroundings).dropNext()
        state.withLock { $0.pending = nil }
    }

    private func check(adding: [Identifier], removing: [Identifier], in keyring: Keyring) throws(VaultError) {
        var seen: Set<Identifier> = []
        for resident in adding {
            guard keyring.entry(of: resident) == nil, seen.insert(resident).inserted else {
                throw .residentExists(resident)
            }
        }
        for resident in removing {
            guard keyring.entry(of: resident) != nil else { throw .unknownResident(resident) }
        }
    }

    /// Writes a keyring of the same epoch, and checks what was written.
    private func write(_ draft: KeyringDraft, master: ProvenMaster) throws(VaultError) -> PendingChange {
        try asVaultError { () throws(FileError) in try Files.writeDurably(draft.bytes, to: paths.keyringNext) }
        try surroundings.passed(.keyringNextWritten)
        let written = try asVaultError { () throws(FileError) in
            try Files.read(paths.keyringNext, maximumBytes: Keyring.maximumFileCount, regularOnly: true)
        }
        // Byte for byte what was made a moment ago, under a key that is at hand: nothing more can be learned.
        guard written == draft.bytes else { throw Blob.altered("content", path: paths.relative(paths.keyringNext)) }
        try surroundings.passed(.keyringNextChecked)
        return PendingChange(
            change: KeyringChange(state: draft.state),
            unlocked: UnlockedKeyring(
                keyring: draft.keyring, state: draft.state, keyringKey: draft.keyringKey, master: master,
                epochIndex: 0),
            hasNewEpoch: false, hasNewMasterFile: false)
    }

    /// Writes a keyring of a new epoch with its secret, reads both back and opens every entry.
    private func write(
        _ draft: KeyringDraft, target: KeyringDraft.Target, newMaster: MasterReplacement?
    ) throws(VaultError) -> PendingChange {
        try KeyFile.write(target.epochSecret.bytes, to: paths.epochNext)
        try surroundings.passed(.epochNextWritten)
        let keptMaster = newMaster.flatMap { $0.isKeptInHome ? $0.key : nil }
        if let keptMaster {
            try KeyFile.write(keptMaster, to: paths.masterKeyNext)
            try surroundings.passed(.masterNextWritten)
        }
        try asVaultError { () throws(FileError) in try Files.writeDurably(draft.bytes, to: paths.keyringNext) }
        try surroundings.passed(.keyringNextWritten)
        let relative = paths.relative(paths.keyringNext)
        let written = try asVaultError { () throws(FileError) in
            try Files.read(paths.keyringNext, maximumBytes: Keyring.maximumFileCount, regularOnly: true)
        }
        guard let secret = try KeyFile.key(at: paths.epochNext, relative: paths.relative(paths.epochNext)) else {
            throw .fault(
                VaultFault(
                    .missing, path: paths.relative(paths.epochNext), field: "file", expected: "a key",
                    found: "none"))
        }
        let unlock = KeyringUnlock(path: relative, vault: id, expected: draft.state, epochSecrets: [secret])
        let unlocked = try unlock.unlock(written, masters: .proven(target.masters))
        // The old keys are about to go: every entry must open under the new ones first.
        for entry in unlocked.keyring.entries {
            _ = try unlocked.keyring.pek(of: entry, keyringKey: unlocked.keyringKey.bytes, path: relative)
        }
        try surroundings.passed(.keyringNextChecked)
        return PendingChange(
            change: KeyringChange(state: draft.state), unlocked: unlocked, hasNewEpoch: true,
            hasNewMasterFile: keptMaster != nil)
    }
}
