// Where files of the vault and keys lie below a home, and what a file name means.
internal import Encoding

/// The paths of a home that this room owns.
public struct VaultPaths: Sendable {
    /// The home directory.
    public let home: String

    /// The directory of all blobs.
    public let blobs: String

    /// The paths below `home`.
    public init(home: String) {
        self.home = home
        blobs = "\(home)/vault/blobs"
    }

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
    func file(_ name: BlobName) -> String {
        let digits = name.resident.hexDigits
        return "\(blobs)/\(digits.suffix(2))/\(digits)\(name.ending)"
    }

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
        /// A seal that was interrupted, or is under way, where there was no spare.
        case unfinished
        /// A file whose blocks the next seal takes over, by writing into it.
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

    var text: String { resident.hexDigits + ending }

    /// What follows the resident's digits.
    var ending: String {
        switch kind {
        case .generation(let number): ".\(number).blob"
        case .episode(let number): ".e\(number).blob"
        case .unfinished: ".unfinished"
        case .spare: ".spare"
        }
    }

    /// Reads a file name; nil unless it is exactly one that `text` writes.
    init?(_ text: String) {
        guard text.utf8.count > 33, let digits = String(text.utf8.prefix(32)), let resident = Identifier(digits),
            let ending = String(text.utf8.dropFirst(32))
        else { return nil }
        switch ending {
        case ".spare": self.init(resident, .spare)
        case ".unfinished": self.init(resident, .unfinished)
        default:
            guard ending.hasPrefix("."), ending.hasSuffix(".blob") else { return nil }
            let number = ending.dropFirst().dropLast(5)
            if number.hasPrefix("e"), let episode = UInt64(number.dropFirst()) {
                self.init(resident, .episode(episode))
            } else if let generation = UInt64(number) {
                self.init(resident, .generation(generation))
            } else {
                return nil
            }
        }
        guard self.text == text else { return nil }
    }
}
