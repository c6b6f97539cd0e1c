// One open database: opening it with every protection on, and closing it.
internal import CSQLite
internal import Glibc

/// An open SQLite database, used by one thread at a time; it closes when it goes.
public final class Connection {
    /// Whether a connection may write.
    public enum Mode: Sendable {
        /// Reads only; the file must exist.
        case readOnly
        /// Reads and writes; the file is made (0600) where there is none. Write-ahead log, every commit flushed.
        ///
        /// One connection at a time may write a file; the caller sees to it, across processes too.
        case readWriteCreate
    }

    let database: OpaquePointer
    let statements = StatementCache()
    /// Keeps the hook alive that SQLite holds a plain pointer to.
    var authorizer: AuthorizerHook?
    var savepointDepth = 0

    /// Settings of the library as a whole, made before its first use; without effect where somebody used it before.
    private static let library: Int32 = shim_sqlite3_config_no_memory_statistics()

    /// Whether there is the file system that writes a log's frames in few pieces, for connections that flush commits.
    private static let joinsFrames = shim_sqlite3_register_joining() == SQLITE_OK

    /// Opens the file, or memory for `:memory:`; another's lock is waited for at most `busyTimeoutMilliseconds`.
    public init(path: String, mode: Mode, busyTimeoutMilliseconds: Int32 = 5_000) throws(SQLiteError) {
        _ = Self.library
        if mode == .readWriteCreate, path != ":memory:" { Self.createPrivately(path) }
        let access = mode == .readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        var opened: OpaquePointer?
        let isFixed = mode == .readOnly && Self.isFixed(path)
        let code = sqlite3_open_v2(
            isFixed ? Self.immutableURI(path) : path, &opened,
            access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE
                | (isFixed ? SQLITE_OPEN_URI : 0),
            mode == .readWriteCreate && Self.joinsFrames ? shim_sqlite3_joining : nil)
        guard code == SQLITE_OK, let opened else {
            let error = SQLiteError.preparing(code, on: opened)
            sqlite3_close_v2(opened)
            throw error
        }
        database = opened
        sqlite3_busy_timeout(opened, busyTimeoutMilliseconds)
        try protect()
        if mode == .readWriteCreate { try makeDurable() } else { try execute("PRAGMA query_only = ON") }
    }

    /// Whether a database lies whole in its file, on a file system that is mounted read-only.
    ///
    /// There SQLite cannot make the files beside it that even readers of a write-ahead log need, nor are they needed. A
    /// log with content is the mark of a writer, or of a crash: such a database is not taken to stand still.
    private static func isFixed(_ path: String) -> Bool {
        var system = statvfs()
        guard path != ":memory:", statvfs(path, &system) == 0, system.f_flag & UInt(ST_RDONLY) != 0 else {
            return false
        }
        var log = stat()
        return stat(path + "-wal", &log) != 0 || log.st_size == 0
    }

    /// The path as a URI that asks for no locks and no log (sqlite.org/uri.html, `immutable`).
    private static func immutableURI(_ path: String) -> String {
        var uri = "file:"
        for scalar in path.unicodeScalars {
            switch scalar {
            case "%": uri += "%25"
            case "?": uri += "%3f"
            case "#": uri += "%23"
            default: uri.unicodeScalars.append(scalar)
            }
        }
        return uri + "?immutable=1"
    }

    deinit {
        statements.finalizeAll()
        sqlite3_close_v2(database)
    }

    /// SQLite would make the file readable to all; an empty private file is a valid empty database.
    private static func createPrivately(_ path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }

    private func protect() throws(SQLiteError) {
        let switches: [(option: Int32, value: Int32)] = [
            (SQLITE_DBCONFIG_DEFENSIVE, 1), (SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0), (SQLITE_DBCONFIG_ENABLE_FKEY, 1),
            (SQLITE_DBCONFIG_DQS_DDL, 0), (SQLITE_DBCONFIG_DQS_DML, 0), (SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0),
        ]
        for (option, value) in switches {
            let code = shim_sqlite3_db_config_int(database, option, value)
            guard code == SQLITE_OK else { throw .plain(code) }
        }
        sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0)
        try execute("PRAGMA recursive_triggers = ON; PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON")
        // Savepoints keep the pages before a change in a temporary file otherwise: slow, and private text on the disk.
        try execute("PRAGMA temp_store = MEMORY")
    }

    private func makeDurable() throws(SQLiteError) {
        // A log of some 16 MB before it is moved into the database: pages that change often are moved once.
        try execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000")
    }
}

@available(*, unavailable)
extension Connection: Sendable {}
