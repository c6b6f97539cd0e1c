// A hook that sees what each statement is about to do and may deny it.
internal import CSQLite

/// One thing that a statement would do, told to the hook while the statement is prepared.
public enum AuthorizedAct: Sendable, Equatable {
    /// Rows inserted into the table.
    case insert(table: String)
    /// A column of the table updated.
    case update(table: String, column: String)
    /// Rows of the table deleted.
    case delete(table: String)
    /// A table dropped.
    case dropTable(String)
    /// An index of the table dropped.
    case dropIndex(String, table: String)
    /// A trigger of the table dropped.
    case dropTrigger(String, table: String)
    /// A view dropped.
    case dropView(String)
    /// A table altered.
    case alterTable(String)
    /// A trigger made on the table.
    case createTrigger(String, table: String)
    /// Another database attached or detached.
    case attach
    /// A pragma read (no value) or set.
    case pragma(String, value: String?)
    /// Anything else, by SQLite's action code.
    case other(Int32)
}

/// Holds the closure for the C callback.
final class AuthorizerHook {
    let allows: (AuthorizedAct) -> Bool
    init(_ allows: @escaping (AuthorizedAct) -> Bool) { self.allows = allows }
}

extension Connection {
    /// Sets the hook: false makes preparing the statement fail with an error that `isDenied`.
    public func authorize(_ allows: @escaping (AuthorizedAct) -> Bool) {
        let hook = AuthorizerHook(allows)
        statements.finalizeAll()
        sqlite3_set_authorizer(database, decide, Unmanaged.passUnretained(hook).toOpaque())
        authorizer = hook
    }
}

/// The C callback; at file scope so that no executor is assumed.
private func decide(
    _ context: UnsafeMutableRawPointer?, _ action: Int32, _ first: UnsafePointer<CChar>?,
    _ second: UnsafePointer<CChar>?, _ database: UnsafePointer<CChar>?, _ trigger: UnsafePointer<CChar>?
) -> Int32 {
    guard let context else { return SQLITE_DENY }
    let hook = Unmanaged<AuthorizerHook>.fromOpaque(context).takeUnretainedValue()
    return hook.allows(act(action, text(first), second.map { String(cString: $0) })) ? SQLITE_OK : SQLITE_DENY
}

private func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }

private func act(_ action: Int32, _ first: String, _ second: String?) -> AuthorizedAct {
    switch action {
    case SQLITE_INSERT: .insert(table: first)
    case SQLITE_UPDATE: .update(table: first, column: second ?? "")
    case SQLITE_DELETE: .delete(table: first)
    case SQLITE_DROP_TABLE, SQLITE_DROP_TEMP_TABLE, SQLITE_DROP_VTABLE: .dropTable(first)
    case SQLITE_DROP_INDEX, SQLITE_DROP_TEMP_INDEX: .dropIndex(first, table: second ?? "")
    case SQLITE_DROP_TRIGGER, SQLITE_DROP_TEMP_TRIGGER: .dropTrigger(first, table: second ?? "")
    case SQLITE_DROP_VIEW, SQLITE_DROP_TEMP_VIEW: .dropView(first)
    // For ALTER TABLE the first argument is the database, the second the table.
    case SQLITE_ALTER_TABLE: .alterTable(second ?? "")
    case SQLITE_CREATE_TRIGGER, SQLITE_CREATE_TEMP_TRIGGER: .createTrigger(first, table: second ?? "")
    case SQLITE_ATTACH, SQLITE_DETACH: .attach
    case SQLITE_PRAGMA: .pragma(first, value: second)
    default: .other(action)
    }
}
