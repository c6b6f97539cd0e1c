// Key files: 64 hex digits and a newline, mode 0600, never through a String.
public import Cryptography
internal import Files

/// Reading, making and destroying the key files of a home.
enum KeyFile {
    static let maximumFileCount = 4_096

    /// The text of a small secret file, or nil where there is none.
    static func optional(_ path: String) throws(VaultError) -> SharedSecret? {
        do throws(FileError) {
            return try Files.readSecret(path, maximumBytes: maximumFileCount, failure: { $0 }) {
                (bytes) throws(FileError) in SharedSecret(SecretBytes(copying: bytes))
            }
        } catch {
            if error.isMissing { return nil }
            throw .file(error)
        }
    }

    /// 32 bytes out of 64 hex digits; errors name the source, never the content.
    static func decoded(_ digits: borrowing SecretBytes, source: String) throws(VaultError) -> SecretBytes {
        let key: SecretBytes
        do throws(CryptographyError) {
            key = try digits.decodingHex()
        } catch {
            throw .malformedKey(source: source)
        }
        guard key.count == 32 else { throw .malformedKey(source: source) }
        return key
    }

    /// The 32 bytes of a key file, or nil where there is none.
    static func key(at path: String, relative: String) throws(VaultError) -> SharedSecret? {
        guard let text = try optional(path) else { return nil }
        return SharedSecret(try decoded(text.bytes, source: relative))
    }

    /// The key of a file that may be absent or half overwritten after a kill; nil for both.
    static func wholeKey(at path: String, relative: String) throws(VaultError) -> SharedSecret? {
        do throws(VaultError) {
            return try key(at: path, relative: relative)
        } catch {
            guard case .malformedKey = error else { throw error }
            return nil
        }
    }

    /// Writes a key as a file of its own, durable.
    static func write(_ key: borrowing SecretBytes, to path: String) throws(VaultError) {
        try write(line: key.hexLine(), to: path)
    }

    /// Writes a raw master key as a file of its own; a passphrase is refused.
    static func write(_ key: MasterKey, to path: String) throws(VaultError) {
        guard let line = key.hexLine() else { throw .malformedKey(source: key.source) }
        try write(line: line.bytes, to: path)
    }

    private static func write(line: borrowing SecretBytes, to path: String) throws(VaultError) {
        do throws(FileError) {
            try line.withUnsafeBytes { (bytes) throws(FileError) in try Files.writeDurably(bytes, to: path) }
        } catch {
            throw .file(error)
        }
    }
}

/// The two keys of a home beside the vault's own: the node's signing seed and the house's letter secret.
public enum HomeKeys {
    /// Makes the node's signing seed, `keys/node.ed25519`; refuses where one is.
    public static func createNodeKey(paths: VaultPaths, random: RandomSource) throws(VaultError) -> SigningKey {
        let seed = random.secret(32)
        try create(seed, at: paths.nodeKey)
        return try signingKey(seed.clone())
    }

    /// Reads the node's signing key.
    public static func nodeKey(paths: VaultPaths) throws(VaultError) -> SigningKey {
        try signingKey(try existing(paths.nodeKey, paths: paths).bytes.clone())
    }

    /// Makes the secret that opens letters to this house, `keys/house.x25519`; refuses where one is.
    public static func createHouseKey(paths: VaultPaths, random: RandomSource) throws(VaultError) -> SharedSecret {
        let secret = random.secret(32)
        try create(secret, at: paths.houseKey)
        return SharedSecret(secret)
    }

    /// Reads the secret that opens letters to this house; 32 bytes.
    public static func houseKey(paths: VaultPaths) throws(VaultError) -> SharedSecret {
        try existing(paths.houseKey, paths: paths)
    }

    private static func signingKey(_ seed: consuming SecretBytes) throws(VaultError) -> SigningKey {
        do throws(CryptographyError) { return try SigningKey(seed: seed) } catch { throw .cryptography(error) }
    }

    private static func create(_ key: borrowing SecretBytes, at path: String) throws(VaultError) {
        guard !Files.exists(path) else { throw .alreadyExists(path: path) }
        try KeyFile.write(key, to: path)
    }

    private static func existing(_ path: String, paths: VaultPaths) throws(VaultError) -> SharedSecret {
        let relative = paths.relative(path)
        guard let key = try KeyFile.key(at: path, relative: relative) else {
            throw .fault(VaultFault(.missing, path: relative, field: "file", expected: "a key", found: "none"))
        }
        return key
    }
}
