// Where a ledger's files are.

/// The files of one ledger.
public struct LedgerPaths: Sendable, Hashable {
    /// The SQLite database.
    public let database: String
    /// The head, apart from the database.
    public let head: String
    /// The lock that the one writer holds.
    public let lock: String

    /// The files in a home directory: `ledger.sqlite`, `ledger.head`, `ledger.lock`.
    public init(home: String) {
        database = home + "/ledger.sqlite"
        head = home + "/ledger.head"
        lock = home + "/ledger.lock"
    }
}

/// What the genesis span states.
public struct Genesis: Sendable {
    /// The vault, 32 hex digits.
    public let vault: String
    /// The hash of the preamble, `blake3:` text.
    public let preamble: String
    /// The hashes of the laws, `blake3:` texts.
    public let laws: [String]
    /// The hash of the tools' argument schemas, `blake3:` text; nil where nothing pins them.
    public let tools: String?
    /// The program and its version.
    public let program: String

    /// What a new ledger starts from.
    public init(vault: String, preamble: String, laws: [String], tools: String? = nil, program: String) {
        self.vault = vault
        self.preamble = preamble
        self.laws = laws
        self.tools = tools
        self.program = program
    }
}
