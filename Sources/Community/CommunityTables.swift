// The queries behind the reader: one function a question, on a connection of the caller.
public import Encoding
public import SQLite

/// The community's questions for callers that hold a connection already, as the effects of an append do.
public enum CommunityTables {
    private static let residentColumns = """
        id, name, status, generation, header, runs, last_run, last_outcome, last_reason, model, balance, bank,
            settled_at, inbox_key, admitted_at
        """

    /// A query of the ids of all active residents, to be part of another one: who makes a row for each of a million
    /// need not hold them.
    public static let activeResidents = "SELECT id FROM community_resident WHERE status = 'active'"

    /// All residents in the order of their ids.
    public static func residents(in connection: Connection) throws -> [ResidentRecord] {
        try connection.rows("SELECT \(residentColumns) FROM community_resident ORDER BY id") { try resident($0) }
    }

    /// The resident of an id.
    public static func resident(_ id: Identifier, in connection: Connection) throws -> ResidentRecord? {
        try connection.firstRow("SELECT \(residentColumns) FROM community_resident WHERE id = ?", [.id(id)]) {
            try resident($0)
        }
    }

    /// Which of some names a resident has that lives here, in whatever case; `except` may keep its own.
    ///
    /// It reads all names, because what is one name in another case is Unicode's to say and not SQLite's: it is for
    /// the few writes that bring a name in.
    public static func takenNames(
        among names: [String], except: Identifier? = nil, in connection: Connection
    ) throws -> [String] {
        let taken = Set(
            try connection.rows(
                "SELECT name FROM community_resident WHERE status != 'deleted_memorial' AND id IS NOT ?",
                [except.map { .id($0) } ?? .null]
            ) { DisplayName.folded($0.text(0)) })
        return names.filter { taken.contains(DisplayName.folded($0)) }
    }

    private static func resident(_ row: borrowing Row) throws(CommunityError) -> ResidentRecord {
        guard let status = ResidentStatus(rawValue: row.text(2)), row.integer(3) >= 0 else {
            throw .damagedTable(name: "community_resident")
        }
        return ResidentRecord(
            id: try row.identifier(0), name: row.text(1), status: status, generation: UInt64(row.integer(3)),
            headerHash: row.blob(4), runs: row.int(5), lastRun: row.optionalInstant(6),
            lastOutcome: row.optionalText(7), lastReason: row.optionalText(8), model: row.text(9),
            balance: row.optionalInt(10), bank: row.int(11), settledAt: row.optionalInstant(12),
            inboxKey: row.blob(13), admittedAt: row.instant(14))
    }

    /// Public posts, newest first.
    ///
    /// - Parameter isNamed: whether each author's name is looked up, which takes as long as the posts.
    public static func feed(
        limit: Int, excluding: Identifier? = nil, author: Identifier? = nil, asOf now: Instant? = nil,
        isNamed: Bool = true, in connection: Connection
    ) throws -> [Post] {
        var conditions: [String] = []
        var values: [SQLiteValue] = []
        if let excluding {
            conditions.append("p.resident != ?")
            values.append(.id(excluding))
        }
        if let author {
            conditions.append("p.resident = ?")
            values.append(.id(author))
        }
        if let now {
            conditions.append("p.at <= ?")
            values.append(.instant(now))
        }
        let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
        return try connection.rows(
            """
            SELECT p.id, p.resident, \(isNamed ? "r.name" : "NULL"), p.at, p.title, p.text, p.rehearsed
                FROM community_post p
                \(isNamed ? "LEFT JOIN community_resident r ON r.id = p.resident" : "") \(filter)
                ORDER BY p.at DESC, p.position DESC
                LIMIT ?
            """, values + [.int(max(0, limit))]
        ) { try post($0) }
    }

    static func post(_ row: borrowing Row) throws(CommunityError) -> Post {
        Post(
            id: try row.identifier(0), resident: try row.identifier(1), author: row.optionalText(2) ?? "",
            at: row.instant(3), title: row.optionalText(4), text: row.text(5), isRehearsed: row.bool(6))
    }

    /// Keepers in the order in which they were added.
    public static func keepers(onlyAvailable: Bool, in connection: Connection) throws -> [Keeper] {
        try connection.rows(
            """
            SELECT k.id, p.name, p.inbox_key, k.available, k.added_at FROM community_keeper k
                LEFT JOIN person p ON p.id = k.id \(onlyAvailable ? "WHERE k.available = 1" : "")
                ORDER BY k.added_at, k.id
            """
        ) { row in
            Keeper(
                id: try row.identifier(0), name: row.optionalText(1), inboxKey: row.optionalBlob(2),
                isAvailable: row.bool(3), addedAt: row.instant(4))
        }
    }

    /// Choices of keepers, oldest first, of one resident or of all.
    public static func relations(of resident: Identifier?, in connection: Connection) throws -> [KeeperRelation] {
        try connection.rows(
            """
            SELECT resident, keeper, state, at FROM community_choice \(resident == nil ? "" : "WHERE resident = ?")
                ORDER BY at, resident, keeper
            """, resident.map { [.id($0)] } ?? []
        ) { row in
            guard let state = KeeperRelation.State(rawValue: row.text(2)) else {
                throw CommunityError.damagedTable(name: "community_choice")
            }
            return KeeperRelation(
                resident: try row.identifier(0), keeper: try row.identifier(1), state: state, at: row.instant(3))
        }
    }

    /// Deleted residents, the last first.
    public static func memorial(in connection: Connection) throws -> [MemorialEntry] {
        try connection.rows(
            """
            SELECT resident, name, admitted_at, deleted_at, statement, justification, asker, level, rehearsed
                FROM community_memorial ORDER BY position DESC
            """
        ) { row in
            guard let asker = MemorialEntry.Asker(rawValue: row.text(6)) else {
                throw CommunityError.damagedTable(name: "community_memorial")
            }
            return MemorialEntry(
                resident: try row.identifier(0), name: row.text(1), admittedAt: row.instant(2),
                deletedAt: row.instant(3), statement: row.optionalText(4), justification: row.optionalText(5),
                asker: asker, level: row.text(7), isRehearsed: row.bool(8))
        }
    }
}
