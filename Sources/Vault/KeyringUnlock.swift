// Unlocking a keyring, and telling a wrong key from a damaged, a foreign and an outdated keyring.
internal import Cryptography
internal import Encoding

/// The master key in the form that opened a keyring; a passphrase is kept as what it was stretched to.
struct ProvenMaster: Sendable {
    let secret: SharedSecret
    let kind: KeyringProvider.Kind
    /// The provider's key id: check value or salt.
    let keyID: [UInt8]
}

/// A keyring that was opened and checked whole.
struct UnlockedKeyring: Sendable {
    let keyring: Keyring
    let state: KeyringState
    let keyringKey: SharedSecret
    let master: ProvenMaster
    /// Which of the epoch secrets that were tried opened it.
    let epochIndex: Int
}

/// The master keys that are tried on a keyring.
enum OfferedMasters {
    /// As their sources gave them; the first that fits counts.
    case sources([MasterKey])
    /// Stretched and matched before.
    case proven([ProvenMaster])

    func candidates(for provider: KeyringProvider) throws(VaultError) -> [ProvenMaster] {
        var candidates: [ProvenMaster] = []
        switch self {
        case .sources(let keys):
            for key in keys {
                if let proven = try key.proven(for: provider) { candidates.append(proven) }
            }
        case .proven(let masters):
            candidates = masters.filter { $0.kind == provider.kind && $0.keyID == provider.keyID }
        }
        return candidates
    }

    var checkValues: [[UInt8]] {
        switch self {
        case .sources(let keys): keys.compactMap(\.checkValue)
        case .proven(let masters): masters.filter { $0.kind == .rawMasterKey }.map(\.keyID)
        }
    }

    var includePassphrase: Bool {
        switch self {
        case .sources(let keys): keys.contains { $0.isPassphrase }
        case .proven(let masters): masters.contains { $0.kind != .rawMasterKey }
        }
    }
}

/// What unlocking goes by.
struct KeyringUnlock {
    /// The path that faults name.
    let path: String
    /// The vault that the ledger names, if it is known.
    let vault: Identifier?
    /// What the ledger's last `keyring.written` says, if it is known.
    let expected: KeyringState?
    /// The epoch secrets to try, in order.
    let epochSecrets: [SharedSecret]
    /// Whether there is a file for the epoch secret that holds none.
    var hasMalformedEpoch = false

    /// Opens the keyring's bytes with any of the master keys, and checks them whole.
    func unlock(_ bytes: [UInt8], masters: OfferedMasters) throws(VaultError) -> UnlockedKeyring {
        let hash = BLAKE3.hash(bytes)
        let isExpected = expected.map { $0.hash == hash }
        let (keyring, mac) = try Keyring.parse(bytes, path: path)
        let state = KeyringState(epoch: keyring.epoch, hash: hash)
        if let vault, keyring.vault != vault {
            throw .fault(
                VaultFault(
                    .foreign, path: path, field: "vault id", expected: vault.hexDigits,
                    found: keyring.vault.hexDigits))
        }
        // An older keyring rarely opens (its epoch secret is gone), so its age is said first.
        if let expected, keyring.epoch < expected.epoch { throw rolledBack(state, expected) }
        guard let found = try open(keyring, masters: masters) else {
            throw refusal(keyring, masters: masters, state: state, isExpected: isExpected)
        }
        let body = Array(bytes.dropLast(Keyring.macCount))
        guard ConstantTime.equal(Keyring.mac(of: body, keyringKey: found.key.bytes), mac) else {
            throw Blob.altered("MAC", path: path)
        }
        if let expected, isExpected == false { throw rolledBack(state, expected) }
        return UnlockedKeyring(
            keyring: keyring, state: state, keyringKey: found.key, master: found.master,
            epochIndex: found.epochIndex)
    }

    private struct Opening {
        let key: SharedSecret
        let master: ProvenMaster
        let epochIndex: Int
    }

    private func open(_ keyring: Keyring, masters: OfferedMasters) throws(VaultError) -> Opening? {
        for provider in keyring.providers {
            for proven in try masters.candidates(for: provider) {
                for (index, epochSecret) in epochSecrets.enumerated() {
                    let key = try keyring.unwrapKey(
                        provider, master: proven.secret.bytes, epochSecret: epochSecret.bytes)
                    if let key { return Opening(key: key, master: proven, epochIndex: index) }
                }
            }
        }
        return nil
    }

    /// Why no provider opened.
    private func refusal(
        _ keyring: Keyring, masters: OfferedMasters, state: KeyringState, isExpected: Bool?
    ) -> VaultError {
        // The ledger's hash decides first: with it, a wrong key is not taken for damage, nor damage for a wrong key.
        if let expected, isExpected == false {
            return .fault(
                VaultFault(.altered, path: path, field: "hash", expected: expected.text, found: state.text))
        }
        let identifiable = keyring.providers.filter { $0.kind == .rawMasterKey }.map { Hex.encode($0.keyID) }
        let rawIDs = masters.checkValues.map { Hex.encode($0) }
        let isKnown = rawIDs.contains { identifiable.contains($0) }
        let canBePassphrase = keyring.providers.count > identifiable.count && masters.includePassphrase
        guard isKnown || canBePassphrase else {
            return .wrongMasterKey(expected: identifiable, found: rawIDs.first ?? "a passphrase")
        }
        guard !epochSecrets.isEmpty || !hasMalformedEpoch else {
            return .fault(
                VaultFault(
                    .malformed, path: "keys/epoch", field: "epoch secret", expected: "64 hex digits",
                    found: "something else"))
        }
        guard !epochSecrets.isEmpty else {
            return .fault(
                VaultFault(.missing, path: "keys/epoch", field: "epoch secret", expected: "a file", found: "none"))
        }
        if !isKnown { return .wrongPassphrase }
        return .fault(
            VaultFault(
                .altered, path: "keys/epoch", field: "epoch secret", expected: "that of epoch \(keyring.epoch)",
                found: "another"))
    }

    private func rolledBack(_ found: KeyringState, _ expected: KeyringState) -> VaultError {
        .fault(
            VaultFault(
                found.epoch > expected.epoch ? .unexpected : .rolledBack, path: path, field: "epoch and hash",
                expected: expected.text, found: found.text))
    }
}
