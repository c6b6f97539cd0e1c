// Making keyrings in memory: with more entries under the same key, or wholly re-keyed for a new epoch.
internal import Cryptography
internal import Encoding

/// A keyring that was made and is not yet on disk.
struct KeyringDraft: Sendable {
    let keyring: Keyring
    let bytes: [UInt8]
    let keyringKey: SharedSecret

    var state: KeyringState { KeyringState(epoch: keyring.epoch, hash: BLAKE3.hash(bytes)) }

    init(_ keyring: Keyring, keyringKey: SharedSecret) {
        self.keyring = keyring
        self.keyringKey = keyringKey
        bytes = keyring.bytes(keyringKey: keyringKey.bytes)
    }

    /// Who gets a fresh erasure key, and when.
    struct Newcomers: Sendable {
        var residents: [Identifier] = []
        var createdMilliseconds: UInt64 = 0
    }

    /// What a re-keyed keyring is made for.
    struct Target: Sendable {
        let vault: Identifier
        let epoch: UInt64
        let masters: [ProvenMaster]
        let epochSecret: SharedSecret
    }

    /// The same keyring with more entries; draws for each newcomer its key, the key's id and a salt.
    static func extended(
        _ previous: UnlockedKeyring, by newcomers: Newcomers, random: RandomSource
    ) throws(VaultError) -> KeyringDraft {
        var entries = previous.keyring.entries
        for resident in newcomers.residents {
            entries.append(
                try freshEntry(
                    resident, created: newcomers.createdMilliseconds, keyringKey: previous.keyringKey,
                    vault: previous.keyring.vault, epoch: previous.keyring.epoch, random: random))
        }
        entries.sort { $0.resident < $1.resident }
        let keyring = Keyring(
            vault: previous.keyring.vault, epoch: previous.keyring.epoch, providers: previous.keyring.providers,
            entries: entries)
        return KeyringDraft(keyring, keyringKey: previous.keyringKey)
    }

    /// A keyring under a fresh key and epoch secret, with the entries of `previous` but for those that go.
    ///
    /// Draws the keyring's key, a salt for each provider, then in order of resident ids: for a newcomer its key
    /// and the key's id, for everyone a salt. One erasure key at a time is in the clear.
    static func rekeyed(
        for target: Target, previous: UnlockedKeyring?, removing: Set<Identifier> = [],
        adding newcomers: Newcomers = Newcomers(), random: RandomSource
    ) throws(VaultError) -> KeyringDraft {
        let keyringKey = SharedSecret(random.secret(32))
        var providers: [KeyringProvider] = []
        for master in target.masters {
            let wrapped = try Keyring.wrap(
                keyringKey.bytes, master: master.secret.bytes, epochSecret: target.epochSecret.bytes,
                vault: target.vault, epoch: target.epoch, salt: random.bytes(ChunkedEncryption.saltSize))
            providers.append(KeyringProvider(kind: master.kind, keyID: master.keyID, wrappedKey: wrapped))
        }
        var kept: [Identifier: KeyringEntry] = [:]
        for entry in previous?.keyring.entries ?? [] where !removing.contains(entry.resident) {
            kept[entry.resident] = entry
        }
        var entries: [KeyringEntry] = []
        for resident in (Array(kept.keys) + newcomers.residents).sorted() {
            if let previous, let entry = kept[resident] {
                let pek = try previous.keyring.pek(
                    of: entry, keyringKey: previous.keyringKey.bytes, path: "keys/keyring")
                entries.append(
                    try Keyring.entry(
                        wrapping: pek, resident: resident, pekID: entry.pekID,
                        createdMilliseconds: entry.createdMilliseconds, keyringKey: keyringKey.bytes,
                        vault: target.vault, epoch: target.epoch,
                        salt: random.bytes(ChunkedEncryption.saltSize)))
            } else {
                entries.append(
                    try freshEntry(
                        resident, created: newcomers.createdMilliseconds, keyringKey: keyringKey,
                        vault: target.vault, epoch: target.epoch, random: random))
            }
        }
        let keyring = Keyring(vault: target.vault, epoch: target.epoch, providers: providers, entries: entries)
        return KeyringDraft(keyring, keyringKey: keyringKey)
    }

    private static func freshEntry(
        _ resident: Identifier, created: UInt64, keyringKey: SharedSecret, vault: Identifier, epoch: UInt64,
        random: RandomSource
    ) throws(VaultError) -> KeyringEntry {
        let pek = random.secret(32)
        guard let pekID = Identifier(bytes: random.bytes(16)) else { throw .unknownResident(resident) }
        return try Keyring.entry(
            wrapping: pek, resident: resident, pekID: pekID, createdMilliseconds: created,
            keyringKey: keyringKey.bytes, vault: vault, epoch: epoch,
            salt: random.bytes(ChunkedEncryption.saltSize))
    }
}
