// Where files of the vault and keys lie below a home, and what a file name means.
internal import Encoding

/// The paths of a home that this room owns.
public struct VaultPaths: Sendable {
    /// The home directory.
    public let home: String

    /// The paths below `home`.
    public init(home: String) { self.home = home }

    /// The directory of all blobs.
    public var blobs: String { "\(home)/vault/blobs" }
    /// The directory of damaged files that a restore replaced, named `ANYTHING.` and what their names were.
    public var setAside: String { "\(home)/vault/set-aside" }
    /// The directory of keys, never part of a backup unless asked for.
    public var keys: String { "\(home)/keys" }
    /// The keyring.
    public var keyring: String { "\(keys)/keyring" }
    /// The keyring that is about to be.
    public var keyringNext: String { "\(keys)/keyring.next" }
    /// The epoch secret.
    public var epoch: String { "\(keys)/epoch" }
    /// The epoch secret that is about to be.
    public var epochNext: String { "\(keys)/epoch.next" }
    /// The master key, where it lives in the home.
    public var masterKey: String { "\(keys)/master.key" }
    /// The master key that is about to be, during a rotation.
    public var masterKeyNext: String { "\(keys)/master.key.next" }
    /// The seed of the key that signs spans.
    public var nodeKey: String { "\(keys)/node.ed25519" }
    /// The secret that opens letters to this house.
    public var houseKey: String { "\(keys)/house.x25519" }

    /// The directory of a resident's blobs: the last two hex digits of its id.
    func directory(of resident: Identifier) -> String { "\(blobs)/\(resident.hexDigits.suffix(2))" }

    /// A file of a resident.
    func file(_ name: BlobName) -> String { "\(directory(of: name.resident))/\(name.text)" }

    /// The last name of a path.
    func name(of path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// A path as faults name it: relative to the home.
    func relative(_ path: String) -> String {
        path.hasPrefix("\(home)/") ? String(path.dropFirst(home.count + 1)) : path
    }
}

/// The name of a file in a blob directory.
struct BlobName: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// A sealed persona package of this generation.
        case generation(UInt64)
        /// A sealed episode of this number.
        case episode(UInt64)
        /// A seal that was interrupted, or is under way.
        case unfinished
        /// A file whose blocks the next seal takes over.
        case spare
    }

    let resident: Identifier
    let kind: Kind

    init(_ resident: Identifier, _ kind: Kind) {
        self.resident = resident
        self.kind = kind
    }

    init(_ resident: Identifier, _ content: BlobContent, _ number: UInt64) {
        self.init(resident, content == .episode ? .episode(number) : .generation(number))
    }

    var text: String {
        switch kind {
        case .generation(let number): "\(resident.hexDigits).\(number).blob"
        case .episode(let number): "\(resident.hexDigits).e\(number).blob"
        case .unfinished: "\(resident.hexDigits).unfinished"
        case .spare: "\(resident.hexDigits).spare"
        }
    }

    /// Reads a file name; nil unless it is exactly one that `text` writes.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].utf8.count == 32, let resident = Identifier(String(parts[0])) else {
            return nil
        }
        let kind: Kind
        switch (parts.count, parts.last) {
        case (2, "spare"): kind = .spare
        case (2, "unfinished"): kind = .unfinished
        case (3, "blob"):
            let isEpisode = parts[1].first == "e"
            guard let number = UInt64(isEpisode ? parts[1].dropFirst() : parts[1]) else { return nil }
            kind = isEpisode ? .episode(number) : .generation(number)
        default: return nil
        }
        self.init(resident, kind)
        guard self.text == text else { return nil }
    }
}
