// The rows of a night before it begins: who is due, and a queued run for each, however many there are.
import Community
public import Encoding
import Ledger
import SQLite

/// Who is due on a day.
public struct NightDue: Sendable {
    /// Active residents whose run of the day may still happen, in the order of their ids.
    public internal(set) var residents: [Identifier] = []
    /// How many active residents had their run of that day already.
    public internal(set) var settled = 0
    /// Runs of active residents that failed that day, or were parked for what would happen again.
    public internal(set) var failed: [RunRow] = []
}

extension RunEngine {
    /// How many rows are made in one transaction, so that none is large, however many residents there are.
    static let queuedAtOnce = 10_000

    /// Who is due on a day: active, and without a finished run of it.
    ///
    /// Of each only the id is held: sixteen bytes.
    public func due(on day: CivilDate, only: Set<Identifier>? = nil) async throws(EngineError) -> NightDue {
        try await asEngineError {
            try await house.ledger.read { try RunStore.due(occurrence: day.description, only: only, in: $0) }
        }
    }

    /// Makes the rows of a night, `queued`; who has one already keeps it, so that a restart makes none twice.
    ///
    /// - Parameter only: whose; nil for every active resident, who is then found by the database itself.
    /// - Returns: how many rows were made.
    @discardableResult
    public func queue(
        on day: CivilDate, trigger: RunTrigger, only: [Identifier]? = nil
    ) async throws(EngineError) -> Int {
        try await asEngineError {
            let batch = QueueBatch(
                occurrence: day.description, trigger: trigger, now: house.surroundings.time.now(),
                prefix: Array(house.surroundings.identifiers.next().bytes.prefix(9)))
            guard let only else { return try await queueAll(batch) }
            var made = 0
            for first in stride(from: 0, to: only.count, by: Self.queuedAtOnce) {
                let part = Array(only[first..<min(first + Self.queuedAtOnce, only.count)])
                made += try await house.ledger.write { try RunStore.queue(batch, part, numbered: first, in: $0) }
            }
            return made
        }
    }

    private func queueAll(_ batch: QueueBatch) async throws -> Int {
        var made = 0
        var seen = 0
        var last: Identifier?
        while true {
            let (after, number) = (last, seen)
            let part = try await house.ledger.write {
                try RunStore.queueActive(
                    batch, after: after, numbered: number, limit: Self.queuedAtOnce, in: $0)
            }
            made += part.made
            guard let end = part.last else { return made }
            last = end
            seen += Self.queuedAtOnce
        }
    }

    /// Tells of the runs of older nights that were planned and never begun that their night was cut short.
    ///
    /// The book of nights tells of its own first (``House/miss(_:dueAt:trigger:reason:)``); here is the rest, above all
    /// where no book is kept. Who is no longer active has no row.
    func missUnbegun(before day: CivilDate) async throws {
        try await house.record([]) { try RunStore.dropUnbegun(before: day, in: $0) }
        while true {
            let rows = try await house.ledger.read {
                try RunStore.unbegun(before: day, limit: House.missesAtOnce, in: $0)
            }
            guard let first = rows.first else { return }
            let same = rows.filter { $0.occurrence == first.occurrence && $0.trigger == first.trigger }
            guard let night = CivilDate(first.occurrence) else { throw EngineError.storeMalformed }
            try await house.record(
                missed: same.map(\.resident), of: night, trigger: first.trigger, reason: .cutShort)
        }
    }
}

/// What the rows of one planning have in common.
struct QueueBatch: Sendable {
    let occurrence: String
    let trigger: RunTrigger
    let now: Instant
    /// The first nine bytes of every row's id, a UUIDv7's; a number of seven digits follows until the run is claimed.
    let prefix: [UInt8]
}

extension RunStore {
    private static let queued = "INSERT OR IGNORE INTO run"

    /// Makes rows for the next active residents in the order of their ids; the last of them, or nil where none is left.
    static func queueActive(
        _ batch: QueueBatch, after last: Identifier?, numbered first: Int, limit: Int, in connection: Connection
    ) throws -> (made: Int, last: Identifier?) {
        let part = "SELECT id FROM (\(CommunityTables.activeResidents)) WHERE id > ?1 ORDER BY id LIMIT ?2"
        let after = SQLiteValue.blob(last?.bytes ?? [])
        try connection.run(
            """
            \(queued) SELECT CAST(?3 || printf('%07d', row_number() OVER (ORDER BY id) + ?4) AS BLOB), id, ?5, ?6,
                'queued', NULL, 0, 0, ?7, 0 FROM (\(part))
            """,
            after, .integer(Int64(limit)), .blob(batch.prefix), .integer(Int64(first)), .text(batch.occurrence),
            .text(batch.trigger.rawValue), .integer(batch.now.unixMilliseconds))
        let made = connection.changes
        let end = try connection.firstRow("SELECT max(id) FROM (\(part))", [after, .integer(Int64(limit))]) {
            $0.isNull(0) ? nil : Identifier(bytes: $0.blob(0))
        }
        return (made, end.flatMap { $0 })
    }

    /// Makes rows for some residents; how many had none before.
    static func queue(
        _ batch: QueueBatch, _ residents: [Identifier], numbered first: Int, in connection: Connection
    ) throws -> Int {
        var made = 0
        for (index, resident) in residents.enumerated() {
            try connection.run(
                "\(queued) VALUES (CAST(? || printf('%07d', ?) AS BLOB), ?, ?, ?, 'queued', NULL, 0, 0, ?, 0)",
                .blob(batch.prefix), .integer(Int64(first + index + 1)), .blob(resident.bytes),
                .text(batch.occurrence), .text(batch.trigger.rawValue), .integer(batch.now.unixMilliseconds))
            made += connection.changes
        }
        return made
    }

    static func due(occurrence: String, only: Set<Identifier>?, in connection: Connection) throws -> NightDue {
        var due = NightDue()
        try connection.forEachRow(
            """
            SELECT a.id, r.state, r.reason FROM (\(CommunityTables.activeResidents)) AS a
                LEFT JOIN run AS r ON r.occurrence = ? AND r.resident = a.id ORDER BY a.id
            """, [.text(occurrence)]
        ) { row in
            guard let id = row.withBlob(0, { Identifier(bytes: Array($0)) }) else { throw RunStoreError.malformedRow }
            guard only?.contains(id) ?? true else { return }
            if row.isNull(1) { return due.residents.append(id) }
            guard let state = RunState(rawValue: row.text(1)) else { throw RunStoreError.malformedRow }
            if RunRow.mayGoOn(state, reason: row.isNull(2) ? nil : row.text(2)) {
                due.residents.append(id)
            } else if state == .failed || state == .parked {
                guard let run = try find(resident: id, occurrence: occurrence, in: connection) else {
                    throw RunStoreError.malformedRow
                }
                due.failed.append(run)
            } else {
                due.settled += 1
            }
        }
        return due
    }

    /// Forgets the runs of a resident that were planned and never begun: there is nobody left to have them.
    static func dropUnbegun(of resident: Identifier, in connection: Connection) throws {
        try connection.run(
            "DELETE FROM run WHERE resident = ? AND state = 'queued' AND epoch = 0", .blob(resident.bytes))
    }

    /// Forgets what was planned of nights before a day for residents who are not active now: they have no nights.
    static func dropUnbegun(before day: CivilDate, in connection: Connection) throws {
        try connection.run(
            """
            DELETE FROM run WHERE state = 'queued' AND epoch = 0 AND trigger != 'manual' AND occurrence < ?
                AND resident NOT IN (\(CommunityTables.activeResidents))
            """, .text(day.description))
    }

    /// Runs of nights before a day that nobody ever began.
    static func unbegun(before day: CivilDate, limit: Int, in connection: Connection) throws -> [RunRow] {
        try connection.rows(
            """
            SELECT \(columns) FROM run WHERE state = 'queued' AND epoch = 0 AND trigger != 'manual' AND occurrence < ?
                ORDER BY occurrence LIMIT ?
            """, [.text(day.description), .integer(Int64(limit))], row)
    }
}
