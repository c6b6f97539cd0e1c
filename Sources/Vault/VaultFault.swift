// One thing found wrong with a sealed file, with what was expected and what was found.

/// A fault of one file of the vault: its kind, place, and both values.
public struct VaultFault: Error, Hashable, Sendable {
    /// What is wrong; the raw values are those of `vault verify --json`.
    public enum Kind: String, Sendable, CaseIterable {
        /// Bytes were changed: a tag, a commitment or a hash does not hold.
        case altered
        /// The file is shorter than its header says.
        case truncated
        /// A field has a value that the format does not list.
        case malformed
        /// The file belongs to another resident.
        case swapped
        /// An older state stands where the ledger says a newer one.
        case rolledBack = "rolled-back"
        /// A newer state stands where the ledger says an older one, which is gone: the ledger lost its end.
        case newer
        /// The file is not there.
        case missing
        /// The file belongs to another vault.
        case foreign
        /// Nothing that the ledger or the format knows explains the file.
        case unexpected
        /// The file could not be read.
        case unreadable
    }

    /// What is wrong.
    public let kind: Kind
    /// The file, relative to the home directory.
    public let path: String
    /// The field of the format, for example `generation` or `header MAC`.
    public let field: String
    /// The value that should be there.
    public let expected: String
    /// The value that is there.
    public let found: String

    /// A fault of these parts.
    public init(_ kind: Kind, path: String, field: String, expected: String, found: String) {
        self.kind = kind
        self.path = path
        self.field = field
        self.expected = expected
        self.found = found
    }

    /// Path and field in one text, as `where` of `vault verify --json`.
    public var place: String { "\(path) (\(field))" }
}
