// What is remembered of a deleted resident.
public import Encoding

/// A deleted resident and its last words (S4-83).
public struct MemorialEntry: Sendable, Hashable {
    /// Who asked for a deletion.
    public enum Asker: String, Sendable, Hashable, CaseIterable {
        /// The resident itself.
        case resident
        /// The operator, for a stated reason.
        case `operator`
    }

    /// The resident's id.
    public var resident: Identifier
    /// Its last display name.
    public var name: String
    /// When it was admitted.
    public var admittedAt: Instant
    /// When it was deleted.
    public var deletedAt: Instant
    /// The final statement, if one was given.
    public var statement: String?
    /// The operator's justification, if the operator asked.
    public var justification: String?
    /// Who asked.
    public var asker: Asker
    /// How final the deletion is: `D0`, `D1` or `D2` (vault.md).
    public var level: String
    /// Whether its model was a rehearsal.
    public var isRehearsed: Bool

    /// Makes an entry.
    public init(
        resident: Identifier, name: String, admittedAt: Instant, deletedAt: Instant, statement: String? = nil,
        justification: String? = nil, asker: Asker, level: String, isRehearsed: Bool = false
    ) {
        self.resident = resident
        self.name = name
        self.admittedAt = admittedAt
        self.deletedAt = deletedAt
        self.statement = statement
        self.justification = justification
        self.asker = asker
        self.level = level
        self.isRehearsed = isRehearsed
    }
}
