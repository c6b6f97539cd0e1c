// Secrets of the environment, taken out of it while there is one thread, and the way to a master key.
import Cryptography
import Engine
import Synchronization
import Vault

/// What was taken out of the environment.
final class SecretStore: Sendable {
    private let taken: [String: SharedSecret]

    /// Takes these variables; their bytes in the environment are overwritten.
    init(taking names: [String]) {
        var taken: [String: SharedSecret] = [:]
        for name in names where taken[name] == nil {
            if let secret = EnvironmentSecret.take(name) { taken[name] = SharedSecret(secret) }
        }
        self.taken = taken
    }

    /// The variables that can hold a master key under these settings.
    static func names(for settings: Settings?) -> [String] {
        var names = [MasterKeySource.standardVariable]
        if case .environment(let name) = settings?.master { names.append(name) }
        return names
    }

    /// A copy of a variable's value.
    func secret(_ name: String) -> SecretBytes? { taken[name].map { $0.bytes.clone() } }

    /// Whether a variable was set.
    func has(_ name: String) -> Bool { taken[name] != nil }
}

extension Invocation {
    /// Reads master keys from wherever they may be.
    ///
    /// A new passphrase is asked for twice.
    func masterKeyReader(isNew: Bool = false) -> MasterKeyReader {
        let secrets = secrets
        return MasterKeyReader(
            environmentSecret: { secrets.secret($0) },
            credentialsDirectory: environment.nonEmpty("CREDENTIALS_DIRECTORY"),
            prompt: {
                try isNew ? PassphrasePrompt.askTwice("new passphrase: ") : PassphrasePrompt.ask("passphrase: ")
            })
    }

    /// The master keys of the home, the current one first.
    func masterKeys() throws -> [MasterKey] {
        let source = try settings().master
        if let known = keyMemory?.keys(of: source) { return known }
        let keys = try masterKeyReader().keys(setting: source, paths: VaultPaths(home: home().root))
        keyMemory?.remember(keys, of: source)
        return keys
    }
}

/// The master keys of a process that opens its home again and again, so that a passphrase is asked for once.
final class KeyMemory: Sendable {
    private let known = Mutex<(source: MasterKeySource?, keys: [MasterKey])?>(nil)

    /// The keys of a source, where they were read before.
    func keys(of source: MasterKeySource?) -> [MasterKey]? {
        known.withLock { $0.flatMap { $0.source == source ? $0.keys : nil } }
    }

    func remember(_ keys: [MasterKey], of source: MasterKeySource?) { known.withLock { $0 = (source, keys) } }
}
