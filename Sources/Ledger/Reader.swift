// Reading beside the writer: a thread and a connection that cannot write.
internal import SQLite

/// One read-only connection on its own thread, opened when it is first needed.
final class Reader: Sendable {
    private let path: String
    private let thread: SerialThread
    private let connection = ThreadBound<Connection?>(nil)

    init(path: String) {
        self.path = path
        thread = SerialThread()
    }

    /// Runs the body on one unchanging state of the database.
    func run<R: Sendable>(_ body: @escaping @Sendable (Connection) throws -> R) async throws -> R {
        try await raw { connection in try connection.snapshot { try body(connection) } }
    }

    /// Runs the body on the connection without a transaction of its own.
    func raw<R: Sendable>(_ body: @escaping @Sendable (Connection) throws -> R) async throws -> R {
        try await thread.run { [path, connection] in
            do {
                let open = try connection.value ?? Connection(path: path, mode: .readOnly)
                connection.value = open
                return try body(open)
            } catch {
                throw LedgerError.known(error) ?? error
            }
        }
    }

    /// Closes the connection; a later read opens it again.
    func close() async {
        try? await thread.run { [connection] in connection.value = nil }
    }
}
