// What lies beside the spans and can be deleted: the ciphertexts of letters, and who people are.
public import Encoding
public import Ledger
public import SQLite

/// Tables that are no projection; every function runs in the caller's transaction, as an effect of an append.
public enum CommunityStore {
    /// The tables, for the ledger to make at opening.
    public static let schema = LedgerSchema(
        name: "community",
        steps: [
            """
            CREATE TABLE mail_body (
                id BLOB PRIMARY KEY, ciphertext BLOB NOT NULL, not_before INTEGER
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE person (
                id BLOB PRIMARY KEY, name TEXT NOT NULL, inbox_key BLOB, created_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """
        ])

    /// The longest name of a person, in bytes.
    public static let maximumNameBytes = 400

    /// Keeps a sealed letter; `notBefore` holds its delivery back.
    public static func putLetter(
        _ id: Identifier, ciphertext: [UInt8], notBefore: Instant? = nil, in connection: Connection
    ) throws {
        try connection.run(
            "INSERT INTO mail_body (id, ciphertext, not_before) VALUES (?, ?, ?)", .id(id), .blob(ciphertext),
            .optional(notBefore?.unixMilliseconds))
    }

    /// Overwrites and removes a sealed letter; nothing where there is none.
    public static func removeLetter(_ id: Identifier, in connection: Connection) throws {
        try remove("id = ?", [.id(id)], connection)
    }

    /// Overwrites and removes every sealed letter to a resident, and those of it that no other resident has read yet.
    ///
    /// What it wrote to the house or to a keeper is theirs. For a deletion; safe to repeat.
    public static func removeLetters(of resident: Identifier, in connection: Connection) throws {
        try remove(
            """
            id IN (SELECT id FROM community_mail WHERE recipient = ?1
                OR (sender = ?1 AND recipient_kind = 'resident' AND state != 'delivered'))
            """, [.id(resident)], connection)
    }

    /// SQLite's secure_delete zeroes what it frees; overwriting first does not depend on that setting.
    private static func remove(_ condition: String, _ values: [SQLiteValue], _ connection: Connection) throws {
        try connection.run(
            "UPDATE mail_body SET ciphertext = zeroblob(length(ciphertext)) WHERE \(condition)", values)
        try connection.run("DELETE FROM mail_body WHERE \(condition)", values)
    }

    /// Writes down who a person is, or what they are called now; the key is that of their letters, 32 bytes.
    public static func putPerson(
        _ id: Identifier, name: String, inboxKey: [UInt8]? = nil, at: Instant, in connection: Connection
    ) throws {
        guard (1...maximumNameBytes).contains(name.utf8.count), inboxKey.map({ $0.count == 32 }) ?? true else {
            throw CommunityError.malformedPerson
        }
        try connection.run(
            """
            INSERT INTO person (id, name, inbox_key, created_at) VALUES (?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET name = excluded.name, inbox_key = excluded.inbox_key
            """, .id(id), .text(name), .optional(inboxKey), .instant(at))
    }

    /// Forgets who a person was; the ledger keeps an id that says nothing.
    public static func removePerson(_ id: Identifier, in connection: Connection) throws {
        try connection.run(
            "UPDATE person SET name = printf('%*s', length(name), ''), inbox_key = NULL WHERE id = ?", .id(id))
        try connection.run("DELETE FROM person WHERE id = ?", .id(id))
    }

    /// Refuses a letter of a human or the house that may not be taken in; the effect of its `mail.queued` span.
    ///
    /// The projection already counts the letter when effects run after it, so the caller says which letter it is.
    ///
    /// - Parameters:
    ///   - letter: the letter that is being taken in.
    ///   - sender: its author: a human or the house.
    ///   - day: the civil day of now, from its first instant to that of the next.
    /// - Throws: ``CommunityError`` `.residentDeleted`, `.accessRevoked`, `.tooManyLetters` or `.inboxFull`.
    public static func checkLetter(
        _ letter: Identifier, from sender: Correspondent, to resident: Identifier, day: Range<Instant>,
        limits: MailLimits = MailLimits(), in connection: Connection
    ) throws {
        guard let status = try connection.text("SELECT status FROM community_resident WHERE id = ?", .id(resident)),
            status != ResidentStatus.deletedMemorial.rawValue
        else { throw CommunityError.residentDeleted(resident) }
        if case .human(let human) = sender,
            try connection.exists(
                "SELECT 1 FROM community_revocation WHERE resident = ? AND human = ?", .id(resident), .id(human))
        {
            throw CommunityError.accessRevoked(resident: resident)
        }
        let today = try connection.integer(
            """
            SELECT count(*) FROM community_mail WHERE sender_kind = ? AND sender IS ? AND queued_at >= ?
                AND queued_at < ? AND id != ?
            """,
            .text(sender.kind), sender.column, .instant(day.lowerBound), .instant(day.upperBound), .id(letter))
        if (today ?? 0) >= limits.perSenderAndDay {
            throw CommunityError.tooManyLetters(limit: limits.perSenderAndDay)
        }
        let waiting = try connection.integer(
            "SELECT count(*) FROM community_mail WHERE recipient = ? AND state = 'queued' AND id != ?", .id(resident),
            .id(letter))
        if (waiting ?? 0) >= limits.perInbox {
            throw CommunityError.inboxFull(resident: resident, limit: limits.perInbox)
        }
    }
}

/// How many letters there may be (vault.md, "Mail").
public struct MailLimits: Sendable, Hashable {
    /// Letters that wait in one inbox.
    public var perInbox: Int
    /// Letters of one sender on one civil day.
    public var perSenderAndDay: Int

    /// Makes limits; the house's own where none are given.
    public init(perInbox: Int = 200, perSenderAndDay: Int = 20) {
        self.perInbox = perInbox
        self.perSenderAndDay = perSenderAndDay
    }
}
