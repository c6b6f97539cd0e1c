// Finishing or dropping, at start-up, a keyring change that a kill interrupted.
internal import Cryptography
internal import Files

/// The file steps of a keyring change; every one is safe to repeat.
///
/// After a kill the disk shows one of these, and each has one way on:
///
///   keyring.next, no span of it        drop it; the epoch secret that opens `keyring` decides which one stays
///   keyring.next, its span exists      rename it; then as below
///   keyring opens with `epoch.next`    overwrite `epoch`, rename `epoch.next` over it
///   keyring opens with `epoch`         drop `epoch.next`, it opens nothing
struct KeyringRecovery {
    let paths: VaultPaths
    let surroundings: VaultSurroundings

    /// Renames a `keyring.next` that the ledger's last span names, or removes one that it does not.
    static func finishRename(paths: VaultPaths, last: KeyringState) throws(VaultError) {
        try asVaultError { () throws(FileError) in
            guard Files.exists(paths.keyringNext) else { return }
            let next = try Files.read(paths.keyringNext, maximumBytes: Keyring.maximumFileCount, regularOnly: true)
            if BLAKE3.hash(next) == last.hash {
                try Files.rename(paths.keyringNext, to: paths.keyring)
            } else {
                try Files.remove(paths.keyringNext)
            }
            try Files.syncDirectory(paths.keys)
        }
    }

    /// Opens the keyring with whichever epoch secret and master key fit, and tidies away the others.
    func unlock(masterKeys: [MasterKey], expecting: LedgerKeyring?) throws(VaultError) -> UnlockedKeyring {
        var secrets: [SharedSecret] = []
        var isNext: [Bool] = []
        for path in [paths.epoch, paths.epochNext] {
            guard let secret = try KeyFile.wholeKey(at: path, relative: paths.relative(path)) else { continue }
            secrets.append(secret)
            isNext.append(path == paths.epochNext)
        }
        let path = paths.relative(paths.keyring)
        let unlock = KeyringUnlock(
            path: path, vault: expecting?.vault, expected: expecting?.state, epochSecrets: secrets,
            hasMalformedEpoch: secrets.isEmpty && Files.exists(paths.epoch))
        let unlocked = try unlock.unlock(try keyringBytes(path), masters: .sources(masterKeys))
        if isNext[unlocked.epochIndex] {
            try replaceEpoch()
        } else {
            try drop(paths.epochNext)
        }
        try settleMasterKey(unlocked)
        try asVaultError { () throws(FileError) in _ = try Files.removeTemporaries(in: paths.keys) }
        return unlocked
    }

    private func keyringBytes(_ path: String) throws(VaultError) -> [UInt8] {
        do throws(FileError) {
            return try Files.read(paths.keyring, maximumBytes: Keyring.maximumFileCount, regularOnly: true)
        } catch {
            guard error.isMissing else { throw .file(error) }
            throw .fault(
                VaultFault(.missing, path: path, field: "file", expected: "a keyring", found: "none"))
        }
    }

    /// Makes sure that the keyring on the disk is the one that was prepared.
    func checkKeyring(is wanted: KeyringState) throws(VaultError) {
        let path = paths.relative(paths.keyring)
        let hash = BLAKE3.hash(try keyringBytes(path))
        guard hash == wanted.hash else {
            throw .fault(
                VaultFault(
                    .altered, path: path, field: "hash", expected: Blob.named(wanted.hash),
                    found: Blob.named(hash)))
        }
    }

    /// Ends the old epoch: its secret is overwritten three times in place, then the new one renamed over it.
    func replaceEpoch() throws(VaultError) {
        guard Files.exists(paths.epochNext) else { return }
        try overwrite(paths.epoch)
        try surroundings.passed(.epochOverwritten)
        try renameDurably(paths.epochNext, to: paths.epoch)
        try surroundings.passed(.epochRenamed)
    }

    /// Ends the old master key in the same way.
    func replaceMasterKey() throws(VaultError) {
        guard Files.exists(paths.masterKeyNext) else { return }
        try overwrite(paths.masterKey)
        try surroundings.passed(.masterOverwritten)
        try renameDurably(paths.masterKeyNext, to: paths.masterKey)
        try surroundings.passed(.masterRenamed)
    }

    /// Removes everything that a prepared change wrote.
    func dropNext() throws(VaultError) {
        // The keyring first: a `.next` keyring without its secrets would be of no use.
        try asVaultError { () throws(FileError) in
            if Files.exists(paths.keyringNext) { try Files.remove(paths.keyringNext) }
        }
        try drop(paths.epochNext)
        try drop(paths.masterKeyNext)
    }

    /// During a rotation two master keys lie in the home; the one that opened the keyring stays.
    private func settleMasterKey(_ unlocked: UnlockedKeyring) throws(VaultError) {
        guard
            let next = try KeyFile.wholeKey(
                at: paths.masterKeyNext, relative: paths.relative(paths.masterKeyNext))
        else { return }
        if next.bytes.constantTimeEquals(unlocked.master.secret.bytes) {
            try replaceMasterKey()
        } else {
            try drop(paths.masterKeyNext)
        }
    }

    private func drop(_ path: String) throws(VaultError) {
        guard Files.exists(path) else { return }
        try asVaultError { () throws(FileError) in
            try Files.overwriteAndRemove(path, passes: 1) { surroundings.random.fill($0) }
            try Files.syncDirectory(paths.keys)
        }
    }

    private func overwrite(_ path: String) throws(VaultError) {
        guard Files.exists(path) else { return }
        try asVaultError { () throws(FileError) in
            try Files.overwrite(path, passes: 3) { surroundings.random.fill($0) }
        }
    }

    private func renameDurably(_ from: String, to target: String) throws(VaultError) {
        try asVaultError { () throws(FileError) in
            try Files.rename(from, to: target)
            try Files.syncDirectory(paths.keys)
        }
    }
}
