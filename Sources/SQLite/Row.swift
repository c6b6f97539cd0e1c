// The columns of the row that a running query stands on.
internal import CSQLite

/// One row of a result, readable until the closure that received it returns; columns count from 0.
public struct Row: ~Copyable {
    private let statement: OpaquePointer

    init(statement: OpaquePointer) { self.statement = statement }

    /// The number of columns.
    public var count: Int { Int(sqlite3_column_count(statement)) }

    /// Whether the column is NULL.
    public func isNull(_ column: Int) -> Bool { sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL }

    /// The column as an integer; NULL reads as 0.
    public func integer(_ column: Int) -> Int64 { sqlite3_column_int64(statement, Int32(column)) }

    /// The column as an integer of the platform's width.
    public func int(_ column: Int) -> Int { Int(integer(column)) }

    /// The column as a boolean: anything but 0 is true.
    public func bool(_ column: Int) -> Bool { integer(column) != 0 }

    /// The column as text; NULL reads as the empty text.
    public func text(_ column: Int) -> String {
        guard let bytes = sqlite3_column_text(statement, Int32(column)) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, Int32(column)))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    /// The column as bytes; NULL reads as none.
    public func blob(_ column: Int) -> [UInt8] { withBlob(column) { Array($0) } }

    /// Lends the column's bytes for the time of the closure, without a copy.
    public func withBlob<R, E: Error>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        let start = sqlite3_column_blob(statement, Int32(column))
        let count = Int(sqlite3_column_bytes(statement, Int32(column)))
        return try body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    /// The column as an integer, nil where it is NULL.
    public func optionalInteger(_ column: Int) -> Int64? { isNull(column) ? nil : integer(column) }
    /// The column as an integer of the platform's width, nil where it is NULL.
    public func optionalInt(_ column: Int) -> Int? { isNull(column) ? nil : int(column) }
    /// The column as text, nil where it is NULL.
    public func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }
    /// The column as bytes, nil where it is NULL.
    public func optionalBlob(_ column: Int) -> [UInt8]? { isNull(column) ? nil : blob(column) }

    /// The column as it is stored; a floating-point number reads as the integer part.
    public func value(_ column: Int) -> SQLiteValue {
        switch sqlite3_column_type(statement, Int32(column)) {
        case SQLITE_NULL: .null
        case SQLITE_INTEGER, SQLITE_FLOAT: .integer(integer(column))
        case SQLITE_TEXT: .text(text(column))
        default: .blob(blob(column))
        }
    }
}
