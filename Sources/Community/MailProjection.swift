// What spans of keepers, revocations and letters mean.
import Encoding
import Ledger
import SQLite

extension CommunityProjection {
    func addKeeper(_ span: Span, _ connection: Connection) throws {
        try connection.run(
            """
            INSERT INTO community_keeper (id, available, added_at) VALUES (?, 1, ?)
                ON CONFLICT (id) DO UPDATE SET available = 1, added_at = excluded.added_at
            """, .id(try span.subject()), .instant(span.at))
    }

    /// Who is no keeper any more is nobody's keeper any more.
    func removeKeeper(_ span: Span, _ connection: Connection) throws {
        let keeper = try span.subject()
        try connection.run("UPDATE community_keeper SET available = 0 WHERE id = ?", .id(keeper))
        try connection.run("DELETE FROM community_choice WHERE keeper = ?", .id(keeper))
    }

    /// A resident has one keeper: an acceptance ends its other choices.
    ///
    /// Nothing binds a revoked human.
    func choose(_ state: KeeperRelation.State, _ span: Span, _ connection: Connection) throws {
        let resident = try span.relatedResident()
        let keeper = try span.subject()
        guard try !Self.isRevoked(keeper, by: resident, connection) else { return }
        if state == .accepted {
            try connection.run(
                "DELETE FROM community_choice WHERE resident = ? AND keeper != ?", .id(resident), .id(keeper))
        }
        try connection.run(
            """
            INSERT INTO community_choice (resident, keeper, state, at) VALUES (?, ?, ?, ?)
                ON CONFLICT (resident, keeper) DO UPDATE SET state = excluded.state, at = excluded.at
                WHERE community_choice.state != 'accepted'
            """, .id(resident), .id(keeper), .text(state.rawValue), .instant(span.at))
    }

    /// Ends the tie, and takes what the human wrote out of the way before it is read (B-60).
    func revoke(_ span: Span, _ connection: Connection) throws {
        let resident = try span.relatedResident()
        let human = try span.subject()
        try connection.run(
            """
            INSERT INTO community_revocation (resident, human, at) VALUES (?, ?, ?)
                ON CONFLICT (resident, human) DO NOTHING
            """, .id(resident), .id(human), .instant(span.at))
        try connection.run(
            "DELETE FROM community_choice WHERE resident = ? AND keeper = ?", .id(resident), .id(human))
        for (from, to) in [(human, resident), (resident, human)] {
            try connection.run(
                "UPDATE community_mail SET state = 'refused' WHERE sender = ? AND recipient = ? AND state = 'queued'",
                .id(from), .id(to))
        }
    }

    func queue(_ span: Span, _ connection: Connection) throws {
        let (sender, recipient) = try Self.ends(of: span, connection)
        var state = MailRow.State.queued
        if case (.human(let human), .resident(let resident)) = (sender, recipient),
            try Self.isRevoked(human, by: resident, connection)
        {
            state = .refused
        }
        if case (.resident(let resident), .human(let human)) = (sender, recipient),
            try Self.isRevoked(human, by: resident, connection)
        {
            state = .refused
        }
        if case .resident(let id) = recipient, try Self.isDeleted(id, connection) { state = .refused }
        try connection.run(
            """
            INSERT INTO community_mail (id, position, sender_kind, sender, recipient_kind, recipient, queued_at, state,
                rehearsed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            .id(try span.subject()), .int(span.position), .text(sender.kind), sender.column, .text(recipient.kind),
            recipient.column, .instant(span.at), .text(state.rawValue), .bool(span.isRehearsed))
    }

    func deliver(_ span: Span, _ connection: Connection) throws {
        try connection.run(
            "UPDATE community_mail SET state = 'delivered', delivered_at = ? WHERE id = ? AND state = 'queued'",
            .instant(span.at), .id(try span.subject()))
    }

    /// Who writes to whom, by the convention of `CommunitySpans.letter`.
    ///
    /// `related_to` is the resident that writes, if one does, then whoever receives it; a resident alone writes to the
    /// house.
    private static func ends(of span: Span, _ connection: Connection) throws -> (Correspondent, Correspondent) {
        let first = try span.relatedResident()
        switch span.who {
        case .resident(let id):
            guard id == first else { throw CommunityError.malformedSpan(id: span.id, field: "related_to") }
            guard span.relatedTo.count > 1 else { return (.resident(id), .house) }
            let other = span.relatedTo[1]
            let isResident = try connection.exists("SELECT 1 FROM community_resident WHERE id = ?", .id(other))
            return (.resident(id), isResident ? .resident(other) : .human(other))
        case .human(let id): return (.human(id), .resident(first))
        case .operator, .node: return (.house, .resident(first))
        case .scheduler, .engine, .law: throw CommunityError.malformedSpan(id: span.id, field: "who")
        }
    }

    private static func isRevoked(
        _ human: Identifier, by resident: Identifier, _ connection: Connection
    ) throws -> Bool {
        try connection.exists(
            "SELECT 1 FROM community_revocation WHERE resident = ? AND human = ?", .id(resident), .id(human))
    }

    private static func isDeleted(_ resident: Identifier, _ connection: Connection) throws -> Bool {
        try connection.exists(
            "SELECT 1 FROM community_resident WHERE id = ? AND status = 'deleted_memorial'", .id(resident))
    }
}
