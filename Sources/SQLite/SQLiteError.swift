// The one error of the room: SQLite's extended result code with a text that is safe to show.
internal import CSQLite

/// What SQLite refused or failed at; it never carries a bound value.
public struct SQLiteError: Error, Equatable, Sendable {
    /// SQLite's extended result code (sqlite.org/rescode.html).
    public let code: Int32
    /// SQLite's description, or a trigger's own text; free of values.
    public let message: String

    /// An error with this code and text.
    public init(code: Int32, message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the disk (or the page limit) has no room left.
    public var isFull: Bool { primaryCode == SQLITE_FULL || code == Codes.sharedMemorySize }
    /// Whether there was no memory left.
    public var isOutOfMemory: Bool { primaryCode == SQLITE_NOMEM || code == Codes.noMemoryForFile }
    /// Whether the database or its file cannot be written.
    public var isReadOnly: Bool { primaryCode == SQLITE_READONLY }
    /// Whether the file is damaged or no database at all.
    public var isCorrupt: Bool { primaryCode == SQLITE_CORRUPT || primaryCode == SQLITE_NOTADB }
    /// Whether a constraint or a trigger refused the change.
    public var isConstraint: Bool { primaryCode == SQLITE_CONSTRAINT }
    /// Whether a trigger refused the change by `RAISE`.
    public var isTriggerRefusal: Bool { code == Codes.constraintTrigger }
    /// Whether a value that must be unique is there already.
    public var isUniqueViolation: Bool { code == Codes.constraintUnique || code == Codes.constraintPrimaryKey }
    /// Whether another connection holds the lock that was needed.
    public var isBusy: Bool { primaryCode == SQLITE_BUSY || primaryCode == SQLITE_LOCKED }
    /// Whether the authorizer denied the statement.
    public var isDenied: Bool { primaryCode == SQLITE_AUTH }
    /// Whether the file could not be opened.
    public var isCannotOpen: Bool { primaryCode == SQLITE_CANTOPEN }

    private var primaryCode: Int32 { code & 0xff }

    /// Extended codes that `sqlite3.h` builds with macros that Swift does not import.
    private enum Codes {
        /// The index of the write-ahead log could not be made as large as it must be.
        static let sharedMemorySize: Int32 = SQLITE_IOERR | (19 << 8)
        static let noMemoryForFile: Int32 = SQLITE_IOERR | (12 << 8)
        static let constraintTrigger: Int32 = SQLITE_CONSTRAINT | (7 << 8)
        static let constraintUnique: Int32 = SQLITE_CONSTRAINT | (8 << 8)
        static let constraintPrimaryKey: Int32 = SQLITE_CONSTRAINT | (6 << 8)
    }
}

extension SQLiteError {
    /// The failure of opening or preparing: SQLite's own message, which can quote SQL but no value.
    static func preparing(_ code: Int32, on database: OpaquePointer?) -> SQLiteError {
        guard let database, let text = sqlite3_errmsg(database) else { return plain(code) }
        return SQLiteError(code: code, message: String(cString: text))
    }

    /// The failure of a step: only constraint messages name our own tables and texts, so only they are passed on.
    static func stepping(_ code: Int32, on database: OpaquePointer) -> SQLiteError {
        code & 0xff == SQLITE_CONSTRAINT ? preparing(code, on: database) : plain(code)
    }

    /// The general description of a code.
    static func plain(_ code: Int32) -> SQLiteError {
        SQLiteError(code: code, message: String(cString: sqlite3_errstr(code)))
    }
}
