// The key above all: raw bytes or a passphrase, with the name of the place it came from.
public import Cryptography

/// A master key as its source gave it; never printed.
public struct MasterKey: Sendable {
    private enum Form: Sendable {
        case raw(SharedSecret)
        case passphrase(SharedSecret)
    }

    private let form: Form
    /// Where it came from, as the setting `master` would write it.
    public let source: String

    /// A raw key of 32 bytes.
    public static func raw(_ key: consuming SecretBytes, source: String) throws(VaultError) -> MasterKey {
        guard key.count == 32 else { throw .malformedKey(source: source) }
        return MasterKey(form: .raw(SharedSecret(key)), source: source)
    }

    /// A passphrase of 1 to 1,024 bytes, as it was typed, without its newline.
    public static func passphrase(_ text: consuming SecretBytes, source: String) throws(VaultError) -> MasterKey {
        guard (1...1_024).contains(text.count) else { throw .unusablePassphrase(source: source) }
        return MasterKey(form: .passphrase(SharedSecret(text)), source: source)
    }

    /// A fresh raw key.
    public static func fresh(random: RandomSource, source: String) -> MasterKey {
        MasterKey(form: .raw(SharedSecret(random.secret(32))), source: source)
    }

    /// Whether it is a passphrase.
    public var isPassphrase: Bool {
        if case .passphrase = form { true } else { false }
    }

    /// The check value of a raw key; nil for a passphrase.
    var checkValue: [UInt8]? {
        guard case .raw(let key) = form else { return nil }
        return Keyring.checkValue(of: key.bytes)
    }

    /// The raw key's 64 digits and newline, for a key file; nil for a passphrase.
    func hexLine() -> SharedSecret? {
        guard case .raw(let key) = form else { return nil }
        return SharedSecret(key.bytes.hexLine())
    }

    /// Whether two sources gave the same.
    func isSame(as other: MasterKey) -> Bool {
        switch (form, other.form) {
        case (.raw(let one), .raw(let two)), (.passphrase(let one), .passphrase(let two)):
            one.bytes.constantTimeEquals(two.bytes)
        default: false
        }
    }

    /// The form that opens this provider; nil when it cannot be this one's.
    func proven(for provider: KeyringProvider) throws(VaultError) -> ProvenMaster? {
        switch (form, provider.kind) {
        case (.raw(let key), .rawMasterKey):
            guard Keyring.checkValue(of: key.bytes) == provider.keyID else { return nil }
            return ProvenMaster(secret: key, kind: .rawMasterKey, keyID: provider.keyID)
        case (.passphrase(let text), .passphrase(let cost)):
            return try Self.stretched(text.bytes, salt: provider.keyID, cost: cost)
        default: return nil
        }
    }

    /// The form under which a new provider is made.
    func provenForNewProvider(cost: PassphraseCost, random: RandomSource) throws(VaultError) -> ProvenMaster {
        switch form {
        case .raw(let key):
            ProvenMaster(secret: key, kind: .rawMasterKey, keyID: Keyring.checkValue(of: key.bytes))
        case .passphrase(let text):
            try Self.stretched(text.bytes, salt: random.bytes(16), cost: cost)
        }
    }

    private static func stretched(
        _ text: borrowing SecretBytes, salt: [UInt8], cost: PassphraseCost
    ) throws(VaultError) -> ProvenMaster {
        do throws(CryptographyError) {
            let key = try Argon2id.derive(
                passphrase: text, salt: salt, operations: cost.operations, memoryKiB: cost.memoryKiB, count: 32)
            return ProvenMaster(secret: SharedSecret(key), kind: .passphrase(cost), keyID: salt)
        } catch {
            throw .cryptography(error)
        }
    }
}
