// Keepers, and who is whose.
public import Encoding

/// A human who may be chosen by residents.
public struct Keeper: Sendable, Hashable {
    /// The keeper's id: all that the ledger knows of them.
    public var id: Identifier
    /// Their name, from the deletable table of persons; nil once it was deleted.
    public var name: String?
    /// The X25519 key that letters to them are sealed to, 32 bytes; nil where they have none and the house's is used.
    public var inboxKey: [UInt8]?
    /// Whether they may be chosen now.
    public var isAvailable: Bool
    /// When they were added.
    public var addedAt: Instant

    /// Makes a keeper.
    public init(
        id: Identifier, name: String?, inboxKey: [UInt8]? = nil, isAvailable: Bool = true, addedAt: Instant
    ) {
        self.id = id
        self.name = name
        self.inboxKey = inboxKey
        self.isAvailable = isAvailable
        self.addedAt = addedAt
    }
}

/// A resident's choice of a keeper and how far it came.
public struct KeeperRelation: Sendable, Hashable {
    /// How far it came.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// The resident asked.
        case requested
        /// The keeper accepted.
        case accepted
    }

    /// Who chose.
    public var resident: Identifier
    /// Who was chosen.
    public var keeper: Identifier
    /// How far it came.
    public var state: State
    /// Since when.
    public var at: Instant

    /// Makes a relation.
    public init(resident: Identifier, keeper: Identifier, state: State, at: Instant) {
        self.resident = resident
        self.keeper = keeper
        self.state = state
        self.at = at
    }
}
