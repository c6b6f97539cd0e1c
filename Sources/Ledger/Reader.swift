// Reading beside the writer: a thread and a connection that cannot write.
internal import SQLite
internal import Synchronization

/// One read-only connection on its own thread, opened when it is first needed.
final class Reader: Sendable {
    private let path: String
    private let thread: SerialThread
    private let connection = ThreadBound<Connection?>(nil)
    private let waiting = Mutex<[@Sendable (Result<Connection, any Error>) -> Void]>([])

    init(path: String) {
        self.path = path
        thread = SerialThread()
    }

    /// Runs the body on one unchanging state of the database, that of this call or a later one.
    ///
    /// Who waits at the same time reads the same state: a new one costs the pages that are kept of the one before.
    func run<R: Sendable>(_ body: @escaping @Sendable (Connection) throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            let isFirst = waiting.withLock { waiting in
                waiting.append { connection in
                    continuation.resume(with: Result { try Self.known { try body(connection.get()) } })
                }
                return waiting.count == 1
            }
            if isFirst { thread.submit { self.serve() } }
        }
    }

    private func serve() {
        let readings = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        var served = 0
        while served < readings.count {
            let before = served
            do {
                let connection = try opened()
                try connection.snapshot {
                    // Where an error made SQLite end the transaction, the next begins another.
                    while served < readings.count, connection.isInTransaction {
                        served += 1
                        readings[served - 1](.success(connection))
                    }
                }
            } catch {
                // A state that served somebody and did not end well costs nobody else anything.
                guard served == before else { continue }
                served += 1
                readings[served - 1](.failure(error))
            }
        }
    }

    /// Runs the body on the connection without a transaction of its own.
    func raw<R: Sendable>(_ body: @escaping @Sendable (Connection) throws -> R) async throws -> R {
        try await thread.run { try Self.known { try body(self.opened()) } }
    }

    /// The connection; on the reader's thread.
    private func opened() throws -> Connection {
        let open = try connection.value ?? Connection(path: path, mode: .readOnly)
        connection.value = open
        return open
    }

    private static func known<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch { throw LedgerError.known(error) ?? error }
    }

    /// Closes the connection; a later read opens it again.
    func close() async {
        try? await thread.run { [connection] in connection.value = nil }
    }
}
