// The rows of runs and their journals: claims by unique occurrence, leases by epoch.
public import Encoding
import SQLite

/// A claimed run: its identity and the lease under which it writes.
public struct RunClaim: Sendable, Equatable {
    /// The run.
    public let run: Identifier
    /// Whose run it is.
    public let resident: Identifier
    /// The civil day of a nightly run, or the run's own id.
    public let occurrence: String
    /// Why it happens.
    public let trigger: RunTrigger
    /// Grows with every claim of this run; a writer with an older one is refused.
    public let epoch: Int64
    /// When the run was first claimed; what arrived later waits for the next run.
    public let claimedAt: Instant
    /// What the run had spent before this claim, in pico-USD.
    public let spent: Int64
    /// Whether an earlier worker had it.
    public let isResumed: Bool
}

/// Why a claim or a journal append was refused.
enum RunStoreError: Error, Equatable {
    /// Another run of this resident is going on.
    case residentBusy(run: Identifier)
    /// The occurrence has had its run.
    case alreadySettled(state: RunState)
    /// The lease went to another worker.
    case leaseLost
    /// A row is not of the form that this program writes.
    case malformedRow
}

/// SQL of the run tables; every function is called inside a transaction of the ledger's writer or reader.
enum RunStore {
    static let migrations =
        [
            """
            CREATE TABLE run (
                id BLOB PRIMARY KEY CHECK (length(id) = 16), resident BLOB NOT NULL CHECK (length(resident) = 16),
                occurrence TEXT NOT NULL, trigger TEXT NOT NULL, state TEXT NOT NULL, reason TEXT,
                epoch INTEGER NOT NULL, deaths INTEGER NOT NULL, claimed_at INTEGER NOT NULL, spent INTEGER NOT NULL,
                UNIQUE (occurrence, resident)
            ) STRICT
            """,
            "CREATE UNIQUE INDEX run_one_writer ON run (resident) WHERE state = 'running'",
            "CREATE INDEX run_unfinished ON run (state) WHERE state IN ('queued', 'running', 'parked')",
            """
            CREATE TABLE journal (
                run BLOB NOT NULL, step INTEGER NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL,
                PRIMARY KEY (run, step)
            ) STRICT, WITHOUT ROWID
            """,
            deletionTable,
            outlayTable,
        ] + BatchStore.migrations + [HeldCallStore.table]

    /// Takes the run of an occurrence for this worker, making its row where there is none.
    static func claim(
        _ fresh: Identifier, resident: Identifier, occurrence: String, trigger: RunTrigger, now: Instant,
        in connection: Connection
    ) throws -> RunClaim {
        if let busy = try connection.rows(
            "SELECT id FROM run WHERE resident = ? AND state = 'running'", [.blob(resident.bytes)],
            { try identifier($0.blob(0)) }
        ).first {
            throw RunStoreError.residentBusy(run: busy)
        }
        guard let row = try find(resident: resident, occurrence: occurrence, in: connection) else {
            try connection.run(
                "INSERT INTO run VALUES (?, ?, ?, ?, 'running', NULL, 1, 0, ?, 0)",
                .blob(fresh.bytes), .blob(resident.bytes), .text(occurrence), .text(trigger.rawValue),
                .integer(now.unixMilliseconds))
            return RunClaim(
                run: fresh, resident: resident, occurrence: occurrence, trigger: trigger, epoch: 1, claimedAt: now,
                spent: 0, isResumed: false)
        }
        guard row.state.after(.claim) == .running else { throw RunStoreError.alreadySettled(state: row.state) }
        guard row.epoch > 0 else { return try begin(row, as: fresh, trigger: trigger, now: now, in: connection) }
        try connection.run(
            "UPDATE run SET state = 'running', reason = NULL, epoch = epoch + 1 WHERE id = ?", .blob(row.run.bytes))
        return RunClaim(
            run: row.run, resident: resident, occurrence: occurrence, trigger: row.trigger, epoch: row.epoch + 1,
            claimedAt: row.claimedAt, spent: row.spent, isResumed: true)
    }

    /// Begins what was skipped before, under an id of its own.
    private static func begin(
        _ row: RunRow, as fresh: Identifier, trigger: RunTrigger, now: Instant, in connection: Connection
    ) throws -> RunClaim {
        try connection.run(
            """
            UPDATE run SET id = ?, trigger = ?, state = 'running', reason = NULL, epoch = 1, claimed_at = ?
                WHERE id = ?
            """, .blob(fresh.bytes), .text(trigger.rawValue), .integer(now.unixMilliseconds), .blob(row.run.bytes))
        return RunClaim(
            run: fresh, resident: row.resident, occurrence: row.occurrence, trigger: trigger, epoch: 1, claimedAt: now,
            spent: 0, isResumed: false)
    }

    /// Appends sealed journal steps and adds to what the run has spent; each statement looks at the lease.
    static func append(
        _ steps: [SealedStep], of claim: RunClaim, spending cost: Int64, in connection: Connection
    ) throws {
        if cost != 0 || steps.isEmpty {
            try connection.run(
                """
                UPDATE run SET spent = CASE
                    WHEN ?1 > 0 AND spent > 9223372036854775807 - ?1 THEN 9223372036854775807 ELSE spent + ?1 END
                WHERE id = ?2 AND epoch = ?3 AND state = 'running'
                """,
                .integer(cost), .blob(claim.run.bytes), .integer(claim.epoch))
            guard connection.changes == 1 else { throw RunStoreError.leaseLost }
        }
        for step in steps {
            try connection.run(
                """
                INSERT INTO journal SELECT id, ?, ?, ? FROM run WHERE id = ? AND epoch = ? AND state = 'running'
                """,
                .integer(Int64(step.index)), .text(step.name), .blob(step.body), .blob(claim.run.bytes),
                .integer(claim.epoch))
            guard connection.changes == 1 else { throw RunStoreError.leaseLost }
        }
    }

    /// Ends the claim: the run moves by `event`; a final state drops the journal.
    static func end(
        _ claim: RunClaim, by event: RunState.Event, reason: String?, in connection: Connection
    ) throws {
        guard let state = RunState.running.after(event) else { throw RunStoreError.malformedRow }
        try connection.run(
            "UPDATE run SET state = ?, reason = ? WHERE id = ? AND epoch = ? AND state = 'running'",
            .text(state.rawValue), reason.map { .text($0) } ?? .null, .blob(claim.run.bytes), .integer(claim.epoch))
        guard connection.changes == 1 else { throw RunStoreError.leaseLost }
        if state.isFinal { try dropJournal(of: claim.run, in: connection) }
    }

    /// The sealed journal of a run, in order.
    static func journal(of run: Identifier, in connection: Connection) throws -> [SealedStep] {
        try connection.rows("SELECT step, name, body FROM journal WHERE run = ? ORDER BY step", [.blob(run.bytes)]) {
            SealedStep(index: Int($0.integer(0)), name: $0.text(1), body: $0.blob(2))
        }
    }

    static func dropJournal(of run: Identifier, in connection: Connection) throws {
        try connection.run("DELETE FROM journal WHERE run = ?", .blob(run.bytes))
    }

    private static func identifier(_ bytes: [UInt8]) throws -> Identifier {
        guard let identifier = Identifier(bytes: bytes) else { throw RunStoreError.malformedRow }
        return identifier
    }
}

/// A row of the run table.
public struct RunRow: Sendable, Equatable {
    /// The run.
    public let run: Identifier
    /// Whose run it is.
    public let resident: Identifier
    /// The civil day, or the run's own id.
    public let occurrence: String
    /// Why it happens.
    public let trigger: RunTrigger
    /// Where it stands.
    public let state: RunState
    /// Why it stands there, as a code.
    public let reason: String?
    /// How many workers died inside it.
    public let deaths: Int
    /// What it has spent, in pico-USD.
    public let spent: Int64
    /// When it was first claimed, or recorded as not begun.
    public let claimedAt: Instant
    let epoch: Int64

    /// Whether a worker may take the run by itself, in the night or for a manual run.
    ///
    /// What killed its workers, or has a journal that does not open, would do so again: it waits for the next night,
    /// which closes it, or for an operator who asks for this very run.
    public var mayGoOn: Bool { Self.mayGoOn(state, reason: reason) }

    /// Whether it is a row of a night's plan that no worker has claimed.
    var isUnbegun: Bool { state == .queued && epoch == 0 }

    static func mayGoOn(_ state: RunState, reason: String?) -> Bool {
        guard state == .parked else { return state.isClaimable }
        return reason != RunEngine.workerDeaths && reason != RunEngine.journalBroken
    }
}

extension RunStore {
    static let columns =
        "id, resident, occurrence, trigger, state, reason, deaths, spent, epoch, claimed_at"

    static func find(resident: Identifier, occurrence: String, in connection: Connection) throws -> RunRow? {
        try connection.rows(
            "SELECT \(columns) FROM run WHERE occurrence = ? AND resident = ?",
            [.text(occurrence), .blob(resident.bytes)], row
        ).first
    }

    static func of(occurrence: String, in connection: Connection) throws -> [RunRow] {
        try connection.rows("SELECT \(columns) FROM run WHERE occurrence = ?", [.text(occurrence)], row)
    }

    static func unfinished(in connection: Connection) throws -> [RunRow] {
        try connection.rows(
            "SELECT \(columns) FROM run WHERE state IN ('queued', 'running', 'parked') AND epoch > 0 ORDER BY id", [],
            row)
    }

    /// Moves a run that nobody holds; used by recovery and by the next night.
    static func move(_ found: RunRow, by event: RunState.Event, reason: String?, in connection: Connection) throws {
        guard let state = found.state.after(event) else { throw RunStoreError.malformedRow }
        var deaths = found.deaths
        if case .die(let count) = event { deaths = count }
        try connection.run(
            "UPDATE run SET state = ?, reason = ?, deaths = ? WHERE id = ? AND state = ?",
            .text(state.rawValue), reason.map { .text($0) } ?? .null, .integer(Int64(deaths)), .blob(found.run.bytes),
            .text(found.state.rawValue))
        guard connection.changes == 1 else { throw RunStoreError.leaseLost }
        if state.isFinal { try dropJournal(of: found.run, in: connection) }
    }

    /// Records a run that never began, under the id that its span names, in place of a row that was only planned.
    static func insert(
        _ run: Identifier, resident: Identifier, occurrence: String, trigger: RunTrigger, state: RunState,
        reason: String, now: Instant, in connection: Connection
    ) throws {
        try connection.run(
            """
            INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?, 0)
            ON CONFLICT (occurrence, resident)
                DO UPDATE SET id = excluded.id, state = excluded.state, reason = excluded.reason
                WHERE epoch = 0 AND state IN ('queued', excluded.state)
            """,
            .blob(run.bytes), .blob(resident.bytes), .text(occurrence), .text(trigger.rawValue),
            .text(state.rawValue), .text(reason), .integer(now.unixMilliseconds))
    }

    static func row(_ row: borrowing Row) throws -> RunRow {
        guard let trigger = RunTrigger(rawValue: row.text(3)), let state = RunState(rawValue: row.text(4)) else {
            throw RunStoreError.malformedRow
        }
        return RunRow(
            run: try identifier(row.blob(0)), resident: try identifier(row.blob(1)), occurrence: row.text(2),
            trigger: trigger, state: state, reason: row.isNull(5) ? nil : row.text(5), deaths: Int(row.integer(6)),
            spent: row.integer(7), claimedAt: Instant(unixMilliseconds: row.integer(9)), epoch: row.integer(8))
    }
}
