// What spans of admissions, runs and deletions mean for the directory of residents.
import Encoding
import Ledger
import SQLite

extension CommunityProjection {
    func admit(_ span: Span, _ connection: Connection) throws {
        guard let name = span.name else { throw CommunityError.malformedSpan(id: span.id, field: "name") }
        try connection.run(
            """
            INSERT INTO community_resident (id, name, status, generation, header, runs, model, bank, inbox_key,
                admitted_at) VALUES (?, ?, 'active', ?, ?, 0, ?, 0, ?, ?)
            """,
            .id(try span.subject()), .text(name), .integer(try span.integer("generation")),
            .blob(try span.digits("header", count: 32)), .text(try span.text("model")),
            .blob(try span.digits("inbox_key", count: 32)), .instant(span.at))
    }

    /// A deleted resident stays what it is.
    func setStatus(_ status: ResidentStatus, _ span: Span, _ connection: Connection) throws {
        try connection.run(
            "UPDATE community_resident SET status = ? WHERE id = ? AND status != 'deleted_memorial'",
            .text(status.rawValue), .id(try span.subject()))
    }

    /// What an operator did with a resident.
    func operate(_ span: Span, _ connection: Connection) throws {
        switch span.entityType {
        case .residentPaused: try setStatus(.paused, span, connection)
        case .residentResumed: try setStatus(.active, span, connection)
        default: try setModel(span, connection)
        }
    }

    private func setModel(_ span: Span, _ connection: Connection) throws {
        try connection.run(
            "UPDATE community_resident SET model = ? WHERE id = ?", .text(try span.text("model")),
            .id(try span.subject()))
    }

    func settle(_ span: Span, _ connection: Connection) throws {
        try connection.run(
            """
            UPDATE community_resident SET runs = ?, balance = ?, bank = ?, model = ?, settled_at = ?,
                name = coalesce(?, name) WHERE id = ?
            """,
            .integer(try span.integer("runs")), .integer(try span.integer("balance")),
            .integer(try span.integer("bank")), .text(try span.text("model")), .instant(span.at), .optional(span.name),
            .id(try span.subject()))
    }

    func seal(_ span: Span, _ connection: Connection) throws {
        try connection.run(
            "UPDATE community_resident SET generation = ?, header = ? WHERE id = ?",
            .integer(try span.integer("generation")), .blob(try span.digits("header", count: 32)),
            .id(try span.subject()))
    }

    /// Every end is an outcome; only a completed run counts as the last one that was.
    func endRun(_ span: Span, _ connection: Connection) throws {
        try connection.run(
            """
            UPDATE community_resident SET last_outcome = ?, last_reason = ?, last_run = coalesce(?, last_run)
                WHERE id = ?
            """,
            .optional(span.status), .optional(span.metadata["reason"]?.string),
            .optional(span.entityType == .runCompleted ? span.at.unixMilliseconds : nil), .id(try span.subject()))
    }

    /// Remembers what the resident chose to leave, and forgets its ties (B-59).
    func delete(_ span: Span, _ connection: Connection) throws {
        let resident = try span.subject()
        let asker = MemorialEntry.Asker(rawValue: span.metadata["by"]?.string ?? "") ?? .operator
        let level: String =
            switch span.metadata["level"] {
            case .string(let text): text
            case .integer(let number): "D\(number)"
            default: ""
            }
        try connection.run(
            """
            INSERT INTO community_memorial (resident, position, name, admitted_at, deleted_at, statement, justification,
                asker, level, rehearsed)
            SELECT id, ?, name, admitted_at, ?, ?, ?, ?, ?, model LIKE 'rehearsal/%' FROM community_resident
                WHERE id = ? ON CONFLICT (resident) DO NOTHING
            """,
            .int(span.position), .instant(span.at), .optional(span.content?["statement"]?.string),
            .optional(span.content?["justification"]?.string), .text(asker.rawValue), .text(level), .id(resident))
        try connection.run(
            "UPDATE community_resident SET status = 'deleted_memorial' WHERE id = ?", .id(resident))
        try connection.run("DELETE FROM community_choice WHERE resident = ?", .id(resident))
        try connection.run("DELETE FROM community_revocation WHERE resident = ?", .id(resident))
        try connection.run(
            "UPDATE community_mail SET state = 'refused' WHERE recipient = ? AND state = 'queued'", .id(resident))
    }

    func post(_ span: Span, _ connection: Connection) throws {
        guard let text = span.content?["text"]?.string else {
            throw CommunityError.malformedSpan(id: span.id, field: "content.text")
        }
        try connection.run(
            """
            INSERT INTO community_post (position, id, resident, at, title, text, rehearsed)
                VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            .int(span.position), .id(try span.subject()), .id(try span.relatedResident()), .instant(span.at),
            .optional(span.content?["title"]?.string), .text(text), .bool(span.isRehearsed))
    }
}
