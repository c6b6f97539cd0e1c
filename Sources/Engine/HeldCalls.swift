// Calls of tools that wait for an operator: their rows, and what the next run is told of them.
import Cryptography
public import Encoding
import Law
import SQLite
import Tools

/// A tool call that waits, or waited, for an operator.
public struct HeldCall: Sendable, Equatable {
    /// Where it stands.
    public enum State: String, Sendable, CaseIterable {
        /// Nobody decided yet.
        case waiting
        /// It may be made once.
        case approved
        /// It may not.
        case denied
        /// It was made.
        case used
        /// Nobody decided in time.
        case expired
    }

    /// Its id.
    public let id: Identifier
    /// Whose call it is.
    public let resident: Identifier
    /// The run in which it was asked for.
    public let run: Identifier
    /// The tool.
    public let tool: String
    /// The law that holds it, with its version.
    public let law: String
    /// When it was asked for.
    public let heldAt: Instant
    /// Until when somebody can decide; for an approved call until when it can be made.
    public let until: Instant
    /// Where it stands.
    public let state: State
    /// Why the operator decided so.
    public let justification: String?
    /// The arguments; nil where they do not open.
    public var arguments: JSONObject?
    /// The arguments, sealed to the house's key: what is asked of the house is the house's to read.
    let sealed: [UInt8]
    /// The run that made it.
    var usedBy: Identifier?
}

/// SQL of the table of held calls.
enum HeldCallStore {
    /// How many calls of one resident may wait.
    static let mostWaiting = 20
    /// Days for which an approved call can be made.
    static let approvedDays: Int64 = 14

    static let table = """
        CREATE TABLE held_call (
            id BLOB PRIMARY KEY CHECK (length(id) = 16), resident BLOB NOT NULL CHECK (length(resident) = 16),
            run BLOB NOT NULL CHECK (length(run) = 16), tool TEXT NOT NULL, law TEXT NOT NULL,
            held_at INTEGER NOT NULL, until INTEGER NOT NULL, state TEXT NOT NULL, decided_at INTEGER,
            justification TEXT, told BLOB, used BLOB, arguments BLOB NOT NULL
        ) STRICT, WITHOUT ROWID
        """

    private static let columns = "id, resident, run, tool, law, held_at, until, state, justification, arguments, used"

    static func insert(_ call: HeldCall, in connection: Connection) throws {
        try connection.run(
            "INSERT INTO held_call VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', NULL, NULL, NULL, NULL, ?)",
            .blob(call.id.bytes), .blob(call.resident.bytes), .blob(call.run.bytes), .text(call.tool),
            .text(call.law), .integer(call.heldAt.unixMilliseconds), .integer(call.until.unixMilliseconds),
            .blob(call.sealed))
    }

    /// All calls, the oldest first; of one resident where one is named.
    static func all(of resident: Identifier? = nil, in connection: Connection) throws -> [HeldCall] {
        let filter = resident == nil ? "" : "WHERE resident = ?"
        return try connection.rows(
            "SELECT \(columns) FROM held_call \(filter) ORDER BY id", resident.map { [.blob($0.bytes)] } ?? [], row)
    }

    /// What a run of a resident is told and may do: decided or out of time by then, and told to no other run.
    static func news(
        for resident: Identifier, run: Identifier, at instant: Instant, in connection: Connection
    ) throws -> [HeldCall] {
        try connection.rows(
            """
            SELECT \(columns) FROM held_call WHERE resident = ?1 AND (told IS NULL OR told = ?2)
                AND (decided_at <= ?3 OR (state = 'waiting' AND until <= ?3))
                ORDER BY id
            """, [.blob(resident.bytes), .blob(run.bytes), .integer(instant.unixMilliseconds)], row)
    }

    /// Calls that were approved by then, can still be made, and were made in no other run.
    static func approved(
        for resident: Identifier, run: Identifier, at instant: Instant, in connection: Connection
    ) throws -> [HeldCall] {
        try connection.rows(
            """
            SELECT \(columns) FROM held_call WHERE resident = ?1 AND decided_at <= ?3 AND until > ?3
                AND (state = 'approved' OR (state = 'used' AND used = ?2)) ORDER BY id
            """, [.blob(resident.bytes), .blob(run.bytes), .integer(instant.unixMilliseconds)], row)
    }

    /// Decides a call that waits; false where it waits no more.
    static func decide(
        _ id: Identifier, _ state: HeldCall.State, justification: String, at now: Instant, in connection: Connection
    ) throws -> Bool {
        try connection.run(
            """
            UPDATE held_call SET state = ?, justification = ?, decided_at = ?, until = ?
                WHERE id = ? AND state = 'waiting' AND until > ?
            """, .text(state.rawValue), .text(justification), .integer(now.unixMilliseconds),
            .integer(now.unixMilliseconds + approvedDays * 86_400_000), .blob(id.bytes),
            .integer(now.unixMilliseconds))
        return connection.changes == 1
    }

    /// Keeps what a run did with its news: told, made, out of time.
    static func settle(
        told: [Identifier], used: [Identifier], run: Identifier, in connection: Connection
    ) throws {
        for id in told {
            try connection.run(
                """
                UPDATE held_call SET told = ?, state = CASE state WHEN 'waiting' THEN 'expired' ELSE state END
                    WHERE id = ?
                """, .blob(run.bytes), .blob(id.bytes))
        }
        for id in used { try use(id, in: run, connection) }
    }

    /// Spends an approval in a run: no other may make the call any more.
    static func use(_ id: Identifier, in run: Identifier, _ connection: Connection) throws {
        try connection.run(
            "UPDATE held_call SET state = 'used', used = ? WHERE id = ? AND (state = 'approved' OR used = ?)",
            .blob(run.bytes), .blob(id.bytes), .blob(run.bytes))
        guard connection.changes == 1 else { throw RunStoreError.malformedRow }
    }

    private static func row(_ row: borrowing Row) throws -> HeldCall {
        guard let id = Identifier(bytes: row.blob(0)), let resident = Identifier(bytes: row.blob(1)),
            let run = Identifier(bytes: row.blob(2)), let state = HeldCall.State(rawValue: row.text(7))
        else { throw RunStoreError.malformedRow }
        return HeldCall(
            id: id, resident: resident, run: run, tool: row.text(3), law: row.text(4),
            heldAt: Instant(unixMilliseconds: row.integer(5)), until: Instant(unixMilliseconds: row.integer(6)),
            state: state, justification: row.isNull(8) ? nil : row.text(8), arguments: nil, sealed: row.blob(9),
            usedBy: row.isNull(10) ? nil : Identifier(bytes: row.blob(10)))
    }
}
