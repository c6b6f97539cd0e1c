// The public facts of a resident.
public import Encoding

/// Where a resident stands; the texts are those of the ledger and of scripts (C-58).
public enum ResidentStatus: String, Sendable, Hashable, CaseIterable {
    /// It takes part in the nights.
    case active
    /// It is out of the nights until it is resumed.
    case paused
    /// It is deleted; what it made public is remembered (S4-82).
    case deletedMemorial = "deleted_memorial"
}

/// What the ledger publicly says of a resident, brought together.
public struct ResidentRecord: Sendable, Hashable {
    /// Its id.
    public var id: Identifier
    /// Its display name.
    public var name: String
    /// Where it stands.
    public var status: ResidentStatus
    /// Its current generation.
    public var generation: UInt64
    /// The BLAKE3 hash of that generation's header, 32 bytes.
    ///
    /// A convenience: the vault asks the verified ledger.
    public var headerHash: [UInt8]
    /// How many runs it completed.
    public var runs: Int
    /// When its last run completed.
    public var lastRun: Instant?
    /// How its last run ended: `done`, `failed`, `parked`, `skipped` or `missed`.
    public var lastOutcome: String?
    /// The reason code of that end.
    public var lastReason: String?
    /// Its model, `PROVIDER/MODEL`.
    public var model: String
    /// Tokens in its balance when it last settled; nil before its first run.
    public var balance: Int?
    /// Tokens in its bank.
    public var bank: Int
    /// When its account was last settled.
    public var settledAt: Instant?
    /// The X25519 key that letters to it are sealed to, 32 bytes.
    public var inboxKey: [UInt8]
    /// When it was admitted.
    public var admittedAt: Instant

    /// Makes a record.
    public init(
        id: Identifier, name: String, status: ResidentStatus = .active, generation: UInt64 = 0,
        headerHash: [UInt8] = [], runs: Int = 0, lastRun: Instant? = nil, lastOutcome: String? = nil,
        lastReason: String? = nil, model: String, balance: Int? = nil, bank: Int = 0,
        settledAt: Instant? = nil, inboxKey: [UInt8] = [],
        admittedAt: Instant
    ) {
        self.id = id
        self.name = name
        self.status = status
        self.generation = generation
        self.headerHash = headerHash
        self.runs = runs
        self.lastRun = lastRun
        self.lastOutcome = lastOutcome
        self.lastReason = lastReason
        self.model = model
        self.balance = balance
        self.bank = bank
        self.settledAt = settledAt
        self.inboxKey = inboxKey
        self.admittedAt = admittedAt
    }

    /// The last eight digits of the id, by which tables name a resident: ids of one batch share their beginnings.
    public var shortID: String { String(id.hexDigits.suffix(8)) }
}
