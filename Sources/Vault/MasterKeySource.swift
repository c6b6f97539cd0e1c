// Where the master key comes from: the setting `master`, the environment, the home; two that differ are an error.
public import Cryptography
internal import Files

/// A form of the setting `master`.
public enum MasterKeySource: Hashable, Sendable {
    /// `file:PATH`: 64 hex digits and a newline.
    case file(String)
    /// `env:NAME`: 64 hex digits in an environment variable.
    case environment(String)
    /// `passphrase:FILE`: the file's first line.
    case passphraseFile(String)
    /// `passphrase`: asked at the terminal.
    case passphrasePrompt
    /// `credential:NAME`: a file in the directory that systemd hands over.
    case credential(String)

    /// The variable that is looked at without a setting.
    public static let standardVariable = "MASTER_ENCRYPTION_KEY"

    /// Reads the setting; anything else is refused with ``VaultError/unknownMasterKeySource(_:)``.
    public init(setting: String) throws(VaultError) {
        let parts = setting.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let value = parts.count == 2 ? parts[1] : ""
        switch (parts[0], parts.count, value.isEmpty) {
        case ("passphrase", 1, _): self = .passphrasePrompt
        case ("passphrase", 2, false): self = .passphraseFile(value)
        case ("file", 2, false): self = .file(value)
        case ("env", 2, false): self = .environment(value)
        case ("credential", 2, false) where !value.contains("/") && value != "..": self = .credential(value)
        default: throw .unknownMasterKeySource(setting)
        }
    }

    /// The setting's text.
    public var text: String {
        switch self {
        case .file(let path): "file:\(path)"
        case .environment(let name): "env:\(name)"
        case .passphraseFile(let path): "passphrase:\(path)"
        case .passphrasePrompt: "passphrase"
        case .credential(let name): "credential:\(name)"
        }
    }
}

/// What the process has that a master key can come from.
public struct MasterKeyReader: Sendable {
    private let environmentSecret: @Sendable (String) -> SecretBytes?
    private let credentialsDirectory: String?
    private let prompt: (@Sendable () throws -> SecretBytes?)?

    /// A reader of these means.
    ///
    /// `environmentSecret` gives the value of a variable whose bytes have been overwritten in the environment
    /// (`EnvironmentSecret.take`); `credentialsDirectory` is systemd's `$CREDENTIALS_DIRECTORY`; `prompt` asks at
    /// the terminal, and is nil where there is none.
    public init(
        environmentSecret: @escaping @Sendable (String) -> SecretBytes?, credentialsDirectory: String? = nil,
        prompt: (@Sendable () throws -> SecretBytes?)? = nil
    ) {
        self.environmentSecret = environmentSecret
        self.credentialsDirectory = credentialsDirectory
        self.prompt = prompt
    }

    /// The master keys to try, the first of them current; a second is there only while a rotation is under way.
    ///
    /// The setting, `MASTER_ENCRYPTION_KEY` and `keys/master.key` are all looked at. None at all is
    /// ``VaultError/masterKeyMissing(looked:)``, two that differ ``VaultError/masterKeySourcesDiffer(first:second:)``.
    public func keys(setting: MasterKeySource?, paths: VaultPaths) throws(VaultError) -> [MasterKey] {
        let home = MasterKeySource.file(paths.masterKey)
        let standard = MasterKeySource.environment(MasterKeySource.standardVariable)
        let next = try optionalFile(paths.masterKeyNext)
        var found: [MasterKey] = []
        if let setting, setting != home { found.append(try read(setting)) }
        if setting != standard, let secret = environmentSecret(MasterKeySource.standardVariable) {
            found.append(try decoded(secret, source: standard.text))
        }
        if let key = try homeKey(paths, isReplaced: next != nil) { found.append(key) }
        guard let first = found.first ?? next else {
            throw .masterKeyMissing(looked: [standard.text, home.text])
        }
        for other in found.dropFirst() where !first.isSame(as: other) {
            throw .masterKeySourcesDiffer(first: first.source, second: other.source)
        }
        if let next, !next.isSame(as: first) { return [first, next] }
        return [first]
    }

    /// The key that lies in the home; while its successor lies beside it, it may be half overwritten and count as none.
    private func homeKey(_ paths: VaultPaths, isReplaced: Bool) throws(VaultError) -> MasterKey? {
        do throws(VaultError) {
            return try optionalFile(paths.masterKey)
        } catch {
            guard isReplaced, case .malformedKey = error else { throw error }
            return nil
        }
    }

    /// The master key of one source.
    public func read(_ source: MasterKeySource) throws(VaultError) -> MasterKey {
        let missing = VaultError.masterKeyMissing(looked: [source.text])
        switch source {
        case .file(let path):
            guard let key = try optionalFile(path, source: source.text) else { throw missing }
            return key
        case .environment(let name):
            guard let secret = environmentSecret(name) else { throw missing }
            return try decoded(secret, source: source.text)
        case .credential(let name):
            guard let credentialsDirectory,
                let key = try optionalFile("\(credentialsDirectory)/\(name)", source: source.text)
            else { throw missing }
            return key
        case .passphraseFile(let path):
            guard let text = try optionalSecret(path) else { throw missing }
            return try .passphrase(firstLine(text.bytes), source: source.text)
        case .passphrasePrompt:
            let answer: SecretBytes?
            do { answer = try prompt?() } catch { throw .noPrompt }
            guard let answer else { throw .noPrompt }
            return try .passphrase(firstLine(answer), source: source.text)
        }
    }

    private func optionalFile(_ path: String, source: String? = nil) throws(VaultError) -> MasterKey? {
        guard let text = try optionalSecret(path) else { return nil }
        return try decoded(text.bytes, source: source ?? MasterKeySource.file(path).text)
    }

    private func optionalSecret(_ path: String) throws(VaultError) -> SharedSecret? {
        try KeyFile.optional(path)
    }

    private func decoded(_ digits: borrowing SecretBytes, source: String) throws(VaultError) -> MasterKey {
        try .raw(try KeyFile.decoded(digits, source: source), source: source)
    }

    private func firstLine(_ text: borrowing SecretBytes) -> SecretBytes {
        let end = text.withUnsafeBytes { bytes in
            let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            return end > 0 && end < bytes.count && bytes[end - 1] == UInt8(ascii: "\r") ? end - 1 : end
        }
        return text.copy(0..<end)
    }
}
