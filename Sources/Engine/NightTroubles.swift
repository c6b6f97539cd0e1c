// Who goes without a run night after night: told by the run table, so that it does not go unseen.
import Community
public import Encoding
import Ledger
import SQLite

/// A resident whose last nights came to nothing.
public struct NightTrouble: Sendable, Equatable {
    /// Whose nights they are.
    public let resident: Identifier
    /// How many of its last nights in a row, at least two; at most as many as were looked at.
    public let nights: Int
    /// How the last of them ended.
    public let state: RunState
    /// Why, as a code.
    public let reason: String?
    /// The day of the first of them.
    public let since: CivilDate
}

extension House {
    /// So many days are looked back.
    static let troubleDays = 30

    /// Active residents of which the last two nights or more were skipped, failed, parked or missed.
    ///
    /// Days without a night at all do not count, neither way. Who is well costs one look-up, who is not at most 30.
    ///
    /// - Parameter suspects: only these are looked at; nil for all.
    public func troubledNights(among suspects: Set<Identifier>? = nil) async throws(EngineError) -> [NightTrouble] {
        if let suspects, suspects.isEmpty { return [] }
        return try await asEngineError {
            try await ledger.read { connection in
                guard let newest = try RunStore.newestNight(in: connection) else { return [] }
                let days = try (0..<Self.troubleDays).map {
                    CivilDate(daysSinceEpoch: newest.daysSinceEpoch - Int64($0))
                }.filter { try RunStore.hasNight($0, in: connection) }
                guard days.count > 1 else { return [] }
                return try CommunityTables.residents(in: connection)
                    .filter { $0.status == .active && suspects?.contains($0.id) ?? true }
                    .compactMap { try Self.trouble(of: $0.id, days: days, in: connection) }
            }
        }
    }

    private static func trouble(
        of resident: Identifier, days: [CivilDate], in connection: Connection
    ) throws -> NightTrouble? {
        var bad: [(day: CivilDate, row: RunRow)] = []
        for day in days {
            guard let row = try RunStore.find(resident: resident, occurrence: day.description, in: connection) else {
                continue
            }
            switch row.state {
            case .skipped, .failed, .parked, .missed: bad.append((day, row))
            case .done: return Self.trouble(bad)
            // Tonight's may be under way.
            case .queued, .running: continue
            }
        }
        return trouble(bad)
    }

    private static func trouble(_ bad: [(day: CivilDate, row: RunRow)]) -> NightTrouble? {
        guard bad.count > 1, let last = bad.first, let first = bad.last else { return nil }
        return NightTrouble(
            resident: last.row.resident, nights: bad.count, state: last.row.state, reason: last.row.reason,
            since: first.day)
    }
}

extension RunStore {
    /// The newest civil day that has a run; the ids of manual runs sort below every day of this century.
    static func newestNight(in connection: Connection) throws -> CivilDate? {
        try connection.text("SELECT max(occurrence) FROM run").flatMap { CivilDate($0) }
    }

    static func hasNight(_ day: CivilDate, in connection: Connection) throws -> Bool {
        try connection.exists("SELECT 1 FROM run WHERE occurrence = ? LIMIT 1", .text(day.description))
    }
}
