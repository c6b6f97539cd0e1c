// The version of SQLite, for `doctor`.
internal import CSQLite

/// What the process really runs with, as the library itself says.
public enum SQLiteLibrary {
    /// SQLite's version, such as `3.40.1`.
    public static var version: String { String(cString: sqlite3_libversion()) }
}
