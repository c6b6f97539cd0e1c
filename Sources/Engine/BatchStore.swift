// The rows of batches under way: written before anything is sent, so that no start pays for one twice.
import Encoding
import Providers
import SQLite

/// A round of a run, which has at most one request in a batch that is not settled.
struct BatchTicket: Sendable, Hashable {
    let run: Identifier
    let round: Int
}

/// A request of a batch as its row has it.
struct BatchEntry: Sendable, Equatable {
    let ticket: BatchTicket
    /// The number of the attempt in the run's journal.
    let attempt: Int
    let model: ModelName
    /// What its run is taken to have spent on it, in pico-USD, until the outcome is known.
    let presumed: Int64

    /// Its name in the batch, which no other request of this house has ever had: 32 + 1 + 3 + 1 + 3 characters.
    var name: String { "\(ticket.run.hexDigits)-\(ticket.round)-\(attempt)" }
}

/// A batch of requests to one model.
struct BatchRow: Sendable {
    let id: Identifier
    let model: ModelName
    let madeAt: Instant
    /// The file that was uploaded for it, where the provider wants one.
    var file: String?
    /// The provider's name for it; nil where it is not known whether there is one.
    var handle: String?
    /// How many requests it was made of.
    let count: Int
    /// The entries whose outcome no run has journaled.
    var open: [BatchEntry]
    /// Whether a run may still ask for one of them.
    var isWanted: Bool

    /// The mark by which some providers let it be found again.
    var mark: String { id.hexDigits }
}

/// SQL of the batch tables; every function is called inside a transaction of the ledger's writer or reader.
enum BatchStore {
    static let migrations = [
        """
        CREATE TABLE batch (
            id BLOB PRIMARY KEY CHECK (length(id) = 16), provider TEXT NOT NULL, model TEXT NOT NULL,
            made_at INTEGER NOT NULL, file TEXT, handle TEXT, count INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE batch_entry (
            run BLOB NOT NULL, round INTEGER NOT NULL, batch BLOB NOT NULL, attempt INTEGER NOT NULL,
            presumed INTEGER NOT NULL, PRIMARY KEY (run, round)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX batch_entry_batch ON batch_entry (batch)",
    ]

    /// Writes a batch down that is about to be made.
    static func insert(_ row: BatchRow, in connection: Connection) throws {
        try connection.run(
            "INSERT INTO batch VALUES (?, ?, ?, ?, NULL, NULL, ?)", .blob(row.id.bytes), .text(row.model.provider),
            .text(row.model.model), .integer(row.madeAt.unixMilliseconds), .integer(Int64(row.count)))
        for entry in row.open {
            try connection.run(
                "INSERT INTO batch_entry VALUES (?, ?, ?, ?, ?)", .blob(entry.ticket.run.bytes),
                .integer(Int64(entry.ticket.round)), .blob(row.id.bytes), .integer(Int64(entry.attempt)),
                .integer(entry.presumed))
        }
    }

    /// Writes down what the provider calls the uploaded file.
    static func set(file: String?, of batch: Identifier, in connection: Connection) throws {
        try connection.run(
            "UPDATE batch SET file = ? WHERE id = ?", file.map { .text($0) } ?? .null, .blob(batch.bytes))
    }

    /// Writes down what the provider calls the batch.
    static func set(handle: String, of batch: Identifier, in connection: Connection) throws {
        try connection.run("UPDATE batch SET handle = ? WHERE id = ?", .text(handle), .blob(batch.bytes))
    }

    /// The run has journaled what became of its request.
    static func settle(_ ticket: BatchTicket, in connection: Connection) throws {
        try connection.run(
            "DELETE FROM batch_entry WHERE run = ? AND round = ?", .blob(ticket.run.bytes),
            .integer(Int64(ticket.round)))
    }

    /// Nothing of the batch is left, here or there.
    static func drop(_ batch: Identifier, in connection: Connection) throws {
        try connection.run("DELETE FROM batch_entry WHERE batch = ?", .blob(batch.bytes))
        try connection.run("DELETE FROM batch WHERE id = ?", .blob(batch.bytes))
    }

    /// The provider's names for all batches of a provider that the house knows.
    static func handles(at provider: String, in connection: Connection) throws -> Set<String> {
        Set(
            try connection.rows(
                "SELECT handle FROM batch WHERE provider = ? AND handle IS NOT NULL", [.text(provider)], { $0.text(0) })
        )
    }

    /// All batches of which something is left.
    static func all(in connection: Connection) throws -> [BatchRow] {
        var rows = try connection.rows(
            "SELECT id, provider, model, made_at, file, handle, count FROM batch ORDER BY id", []
        ) { row -> BatchRow in
            guard let id = Identifier(bytes: row.blob(0)),
                let model = ModelName(provider: row.text(1), model: row.text(2))
            else { throw RunStoreError.malformedRow }
            return BatchRow(
                id: id, model: model, madeAt: Instant(unixMilliseconds: row.integer(3)),
                file: row.isNull(4) ? nil : row.text(4), handle: row.isNull(5) ? nil : row.text(5),
                count: Int(row.integer(6)), open: [], isWanted: false)
        }
        for index in rows.indices {
            let model = rows[index].model
            let entries = try connection.rows(
                """
                SELECT e.run, e.round, e.attempt, e.presumed, coalesce(r.state, 'done') FROM batch_entry e
                    LEFT JOIN run r ON r.id = e.run WHERE e.batch = ?
                """, [.blob(rows[index].id.bytes)]
            ) { row -> (BatchEntry, Bool) in
                guard let run = Identifier(bytes: row.blob(0)), let state = RunState(rawValue: row.text(4)) else {
                    throw RunStoreError.malformedRow
                }
                let ticket = BatchTicket(run: run, round: Int(row.integer(1)))
                let entry = BatchEntry(
                    ticket: ticket, attempt: Int(row.integer(2)), model: model, presumed: row.integer(3))
                return (entry, !state.isFinal)
            }
            rows[index].open = entries.map(\.0)
            rows[index].isWanted = entries.contains(where: \.1)
        }
        return rows
    }
}
