// The queries about letters, and what one run sees.
public import Encoding
public import SQLite

extension CommunityTables {
    private static let mailColumns = """
        m.id, m.sender_kind, m.sender, m.recipient_kind, m.recipient, m.queued_at, b.not_before, m.state, m.rehearsed,
            b.ciphertext
        """

    private static func mail(_ row: borrowing Row, now: Instant?) throws(CommunityError) -> MailRow {
        guard var state = MailRow.State(rawValue: row.text(7)) else { throw .damagedTable(name: "community_mail") }
        let notBefore = row.optionalInstant(6)
        if state == .queued, let now, let notBefore, notBefore > now { state = .waiting }
        return MailRow(
            id: try row.identifier(0), from: try Correspondent(kind: row.text(1), id: try row.optionalIdentifier(2)),
            to: try Correspondent(kind: row.text(3), id: try row.optionalIdentifier(4)), queuedAt: row.instant(5),
            notBefore: notBefore, state: state, isRehearsed: row.bool(8), ciphertext: row.optionalBlob(9))
    }

    /// Letters to a resident that may be delivered now, oldest first; revocations count at this moment too (B-60).
    public static func inbox(
        of resident: Identifier, now: Instant, limit: Int, in connection: Connection
    ) throws -> [MailRow] {
        try connection.rows(
            """
            SELECT \(mailColumns) FROM community_mail m JOIN mail_body b ON b.id = m.id
                WHERE m.recipient = ?1 AND m.state = 'queued' AND (b.not_before IS NULL OR b.not_before <= ?2)
                AND NOT (m.sender_kind = 'human' AND EXISTS
                    (SELECT 1 FROM community_revocation v WHERE v.resident = ?1 AND v.human = m.sender))
                ORDER BY m.position LIMIT ?3
            """, [.id(resident), .instant(now), .int(max(0, limit))]
        ) { try mail($0, now: now) }
    }

    /// Letters to the house or a human that may be read now, oldest first; none of a resident that revoked the human.
    public static func letters(
        to recipient: Correspondent, from resident: Identifier?, now: Instant, limit: Int, in connection: Connection
    ) throws -> [MailRow] {
        var values: [SQLiteValue] = [.text(recipient.kind), recipient.column, .bool(recipient == .house)]
        if let resident { values.append(.id(resident)) }
        values += [.instant(now), .int(max(0, limit))]
        return try connection.rows(
            """
            SELECT \(mailColumns) FROM community_mail m LEFT JOIN mail_body b ON b.id = m.id
                LEFT JOIN person p ON m.recipient_kind = 'human' AND p.id = m.recipient
                WHERE (m.recipient_kind = ? AND m.recipient IS ?
                    OR ? AND m.recipient_kind = 'human' AND p.inbox_key IS NULL)
                \(resident == nil ? "" : "AND m.sender = ?")
                AND m.state != 'refused' AND (b.not_before IS NULL OR b.not_before <= ?) AND NOT EXISTS
                    (SELECT 1 FROM community_revocation v WHERE v.resident = m.sender AND v.human = m.recipient)
                ORDER BY m.position LIMIT ?
            """, values
        ) { try mail($0, now: now) }
    }

    /// A letter by its id, whatever its state.
    public static func letter(_ id: Identifier, now: Instant, in connection: Connection) throws -> MailRow? {
        try connection.firstRow(
            "SELECT \(mailColumns) FROM community_mail m LEFT JOIN mail_body b ON b.id = m.id WHERE m.id = ?", [.id(id)]
        ) { try mail($0, now: now) }
    }

    /// How many letters wait in each resident's inbox, those held back included.
    public static func inboxCounts(in connection: Connection) throws -> [Identifier: Int] {
        let counts = try connection.rows(
            """
            SELECT recipient, count(*) FROM community_mail WHERE state = 'queued' AND recipient IS NOT NULL
                GROUP BY recipient
            """
        ) { (try $0.identifier(0), $0.int(1)) }
        return Dictionary(counts, uniquingKeysWith: { first, _ in first })
    }

    /// How many letters wait in the inbox of one resident, those held back included.
    public static func inboxCount(of resident: Identifier, in connection: Connection) throws -> Int {
        Int(
            try connection.integer(
                "SELECT count(*) FROM community_mail WHERE recipient = ? AND state = 'queued'", .id(resident)) ?? 0)
    }

    /// How many posts of a resident fall on each day; `days` are the first instants of days, the last one only an end.
    public static func postCounts(
        of resident: Identifier, days: [Instant], in connection: Connection
    ) throws -> [Int] {
        try counts(days: days) { day in
            try connection.integer(
                "SELECT count(*) FROM community_post WHERE resident = ? AND at >= ? AND at < ?", .id(resident),
                .instant(day.lowerBound), .instant(day.upperBound))
        }
    }

    /// How many letters of a resident are delivered from each day on: the day they were queued, or that they wait for.
    public static func letterCounts(
        of resident: Identifier, days: [Instant], in connection: Connection
    ) throws -> [Int] {
        try counts(days: days) { day in
            try connection.integer(
                """
                SELECT count(*) FROM community_mail m LEFT JOIN mail_body b ON b.id = m.id WHERE m.sender = ?
                    AND max(m.queued_at, coalesce(b.not_before, 0)) >= ?
                    AND max(m.queued_at, coalesce(b.not_before, 0)) < ? AND m.queued_at >= ?
                """,
                .id(resident), .instant(day.lowerBound), .instant(day.upperBound),
                .instant(day.lowerBound.adding(milliseconds: -longestWait)))
        }
    }

    /// No letter waits longer than this, which keeps the count on the index: 400 days.
    private static let longestWait: Int64 = 400 * 86_400_000

    private static func counts(
        days: [Instant], _ count: (Range<Instant>) throws -> Int64?
    ) throws -> [Int] {
        // Mostly there is nothing in all the days, which one look tells.
        if let first = days.first, let last = days.last, first < last, try count(first..<last) ?? 0 == 0 {
            return [Int](repeating: 0, count: days.count - 1)
        }
        return try zip(days, days.dropFirst()).map { start, end in
            guard start < end else { return 0 }
            return Int(try count(start..<end) ?? 0)
        }
    }

    /// Humans whose access a resident revoked.
    public static func revoked(by resident: Identifier, in connection: Connection) throws -> Set<Identifier> {
        Set(
            try connection.rows("SELECT human FROM community_revocation WHERE resident = ?", [.id(resident)]) {
                try $0.identifier(0)
            })
    }

    /// Humans who wrote to a resident at any time.
    public static func writers(to resident: Identifier, in connection: Connection) throws -> Set<Identifier> {
        Set(
            try connection.rows(
                "SELECT DISTINCT sender FROM community_mail WHERE recipient = ? AND sender_kind = 'human'",
                [.id(resident)]
            ) { try $0.identifier(0) })
    }

    /// Humans whom the house knows by id: persons and keepers.
    public static func humans(in connection: Connection) throws -> Set<Identifier> {
        Set(
            try connection.rows("SELECT id FROM person UNION ALL SELECT id FROM community_keeper") {
                try $0.identifier(0)
            })
    }

    static func runView(
        of id: Identifier, now: Instant, days: [Instant], feed: [Post], in connection: Connection
    ) throws -> RunView? {
        guard let resident = try resident(id, in: connection) else { return nil }
        let inbox = try inbox(of: id, now: now, limit: MailLimits().perInbox, in: connection)
        var names: [Correspondent: String] = [:]
        for sender in Set(inbox.map(\.from)) { names[sender] = try name(of: sender, in: connection) }
        return RunView(
            resident: resident, feed: feed, inbox: inbox, senderNames: names,
            keepers: try keepers(onlyAvailable: true, in: connection),
            relations: try relations(of: id, in: connection), humans: try humans(in: connection),
            writers: try writers(to: id, in: connection), revoked: try revoked(by: id, in: connection),
            posts: try postCounts(of: id, days: days, in: connection),
            messages: try letterCounts(of: id, days: days, in: connection))
    }

    /// What a correspondent is called, where it is known.
    public static func name(of correspondent: Correspondent, in connection: Connection) throws -> String? {
        switch correspondent {
        case .house: nil
        case .human(let id): try connection.text("SELECT name FROM person WHERE id = ?", .id(id))
        case .resident(let id): try connection.text("SELECT name FROM community_resident WHERE id = ?", .id(id))
        }
    }
}
