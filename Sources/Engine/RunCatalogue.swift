// Looking runs up and giving them up: what the operator's commands ask of the run table.
public import Encoding
import Ledger
import SQLite

/// Which runs are meant.
public struct RunFilter: Sendable, Equatable {
    /// The night of this day, and the manual runs that were first claimed during it; nil for all.
    public var day: CivilDate?
    /// Of this resident alone.
    public var resident: Identifier?
    /// In this state alone.
    public var state: RunState?
    /// The most to give, the newest first.
    public var limit = 50

    /// All runs, at most 50.
    public init() {}
}

/// One step of a run's journal as a fact: what it is, not what it says.
public struct JournalFact: Sendable, Equatable {
    /// Its place, from 0.
    public let index: Int
    /// What it is, such as `model.result/2/1`.
    public let name: String
    /// The bytes of its sealed body.
    public let bytes: Int
}

extension House {
    /// The runs of a filter, the newest first.
    public func runs(_ filter: RunFilter) async throws(EngineError) -> [RunRow] {
        let hours = filter.day.map { instant(daysAfter: $0, count: 0)..<instant(daysAfter: $0, count: 1) }
        return try await asEngineError {
            try await ledger.read { try RunStore.list(filter, hours: hours, in: $0) }
        }
    }

    /// The runs whose id is, begins with or ends with these hex digits; hyphens do not count.
    public func runs(matching digits: String) async throws(EngineError) -> [RunRow] {
        let digits = digits.lowercased().filter { $0 != "-" }
        guard (4...32).contains(digits.utf8.count), digits.allSatisfy(\.isHexDigit) else { return [] }
        return try await asEngineError {
            try await ledger.read { try RunStore.matching(digits, in: $0) }
        }
    }

    /// The journal of an unfinished run, as facts; a finished run has none.
    public func journalFacts(of run: Identifier) async throws(EngineError) -> [JournalFact] {
        try await asEngineError {
            try await ledger.read { connection in
                try RunStore.journal(of: run, in: connection).map {
                    JournalFact(index: $0.index, name: $0.name, bytes: $0.body.count)
                }
            }
        }
    }

    /// Gives up a parked or queued run, on the record; its journal goes, its resident's next run begins anew.
    public func cancel(_ row: RunRow) async throws(EngineError) {
        guard row.state.after(.cancel) != nil else { throw .alreadyRun(row.state) }
        try await asEngineError {
            try await move(
                row, by: .cancel, type: .runFailed, reason: RunEngine.cancelled, who: .operator(operatorID))
        }
    }
}

extension RunEngine {
    /// Why a run failed that the operator gave up.
    public static let cancelled = "cancelled"
}

extension RunStore {
    static func list(
        _ filter: RunFilter, hours: Range<Instant>?, in connection: Connection
    ) throws -> [RunRow] {
        var conditions: [String] = []
        var values: [SQLiteValue] = []
        if let day = filter.day, let hours {
            conditions.append("(occurrence = ? OR (trigger = 'manual' AND claimed_at >= ? AND claimed_at < ?))")
            values += [
                .text(day.description), .integer(hours.lowerBound.unixMilliseconds),
                .integer(hours.upperBound.unixMilliseconds),
            ]
        }
        if let resident = filter.resident {
            conditions.append("resident = ?")
            values.append(.blob(resident.bytes))
        }
        if let state = filter.state {
            conditions.append("state = ?")
            values.append(.text(state.rawValue))
        }
        let selection = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return try connection.rows(
            "SELECT \(columns) FROM run \(selection) ORDER BY claimed_at DESC, id DESC LIMIT ?",
            values + [.integer(Int64(max(0, filter.limit)))], row)
    }

    /// At most two are of interest: one is meant, or several are.
    static func matching(_ digits: String, in connection: Connection) throws -> [RunRow] {
        try connection.rows(
            """
            SELECT \(columns) FROM run WHERE lower(hex(id)) LIKE ?1 || '%' OR lower(hex(id)) LIKE '%' || ?1
                ORDER BY claimed_at DESC, id DESC LIMIT 6
            """, [.text(digits)], row)
    }
}
