// A thing with a deadline, as the record tells of it up to an instant.
public import Encoding
import Law
import Ledger
import SQLite

/// A thing that somebody agreed to bring about until an instant.
public struct Deliverable: Sendable, Equatable {
    /// Where it stands.
    public enum Status: String, Sendable, CaseIterable {
        /// It is due, or will be.
        case active
        /// Its deadline passed, and evidence is asked for.
        case underReview = "under_review"
        /// Doubt lasted: frozen until an arbiter decides.
        case disputed
        /// The obligation is met.
        case accepted
        /// It ended unmet.
        case terminated
    }

    /// One decision of a law on it.
    struct Decision: Sendable, Equatable {
        let law: String
        let day: CivilDate
        let triage: Triage
        let heldUntil: Instant?
        let boundary: Instant?
        /// The roles that it told.
        let notified: [String]
    }

    /// The kind of a thing of which nothing else is said.
    public static let usualKind = ["deliverable"]

    /// Its id.
    public let id: Identifier
    /// What it is called.
    public let name: String
    /// What kind of thing it is, in the words that the scopes of laws are written in.
    public let kind: [String]
    /// When it was agreed.
    public let createdAt: Instant
    /// When it is due; nil where the record does not say so in a form that can be read.
    public let deadline: Instant?
    /// How many different people must approve it.
    public let quorum: Int
    /// Whether it was accepted.
    public private(set) var isAccepted: Bool
    /// Who approved it.
    public private(set) var approvals: Set<String> = []
    /// Whether evidence was given.
    public private(set) var hasEvidence = false
    /// Where it stands.
    public private(set) var status = Status.active
    /// What laws decided, oldest first.
    private(set) var decisions: [Decision] = []

    /// Reads what its spans say, as far as people had said it before an instant; nil where they do not begin one.
    ///
    /// What laws and arbiters decided counts whenever it was written.
    init?(_ spans: [Span], saidBefore instant: Instant) {
        guard let first = spans.first, first.entityType == .deliverable, let id = Identifier(first.this) else {
            return nil
        }
        self.id = id
        name = first.name ?? ""
        kind = first.metadata["kind"]?.string?.split(separator: ".").map(String.init) ?? Self.usualKind
        createdAt = first.at
        deadline = first.metadata["deadline_at"]?.string.flatMap { Instant(rfc3339: $0) }
        quorum = Int(clamping: first.metadata["quorum"]?.integer ?? 1)
        isAccepted = first.metadata["accepted"]?.bool ?? false
        for span in spans.dropFirst() { take(span, before: instant) }
    }

    private mutating func take(_ span: Span, before instant: Instant) {
        switch span.entityType {
        case .deliverableChanged where span.at < instant:
            switch span.metadata["change"]?.string {
            case Change.accepted.rawValue: isAccepted = true
            case Change.approved.rawValue: approvals.insert(span.who.text)
            case Change.evidence.rawValue: hasEvidence = true
            default: break
            }
        case .lawDecided:
            guard let day = span.metadata["day"]?.string.flatMap({ CivilDate($0) }),
                let triage = span.metadata["triage"]?.string.flatMap({ Triage(rawValue: $0) }),
                let law = span.metadata["law"]?.string.flatMap({ LawID($0)?.name })
            else { return }
            let boundary = span.metadata["boundary"]?.string.flatMap { Instant(rfc3339: $0) }
            let hours = span.metadata["hours"]?.integer ?? 0
            decisions.append(
                Decision(
                    law: law, day: day, triage: triage,
                    heldUntil: hours > 0 ? boundary?.adding(milliseconds: hours * 3_600_000) : nil, boundary: boundary,
                    notified: span.metadata["notified"]?.string?.split(separator: " ").map(String.init) ?? []))
            switch span.metadata["transition"]?.string {
            case "accept": status = .accepted
            case "terminate": status = .terminated
            case "hold": status = .underReview
            default: break
            }
        case .disputeOpened: status = .disputed
        case .arbiterDecision:
            status = span.metadata["decision"]?.string == "accept" ? .accepted : .terminated
        default: break
        }
    }

    /// Whether nothing more is decided on it.
    public var isOver: Bool { status == .accepted || status == .terminated }

    /// What people say of a thing.
    public enum Change: String, Sendable, CaseIterable {
        /// It was accepted.
        case accepted
        /// A person approves it.
        case approved
        /// Evidence was given.
        case evidence
    }

    /// The facts that a law sees at an instant (S1-90, S1-91).
    func facts(at now: Instant) -> FactTable {
        var values: [String: FactValue] = [
            "now": .instant(now), "created_at": .instant(createdAt), "accepted": .truth(isAccepted),
            "evidence.missing": .truth(!hasEvidence), "status": .text(status.rawValue),
        ]
        if let deadline { values["deadline_at"] = .instant(deadline) }
        if let count = FactValue.whole(approvals.count) { values["approvals.count"] = count }
        if let quorum = FactValue.whole(quorum) { values["quorum"] = quorum }
        return FactTable(values)
    }
}

/// Which things with deadlines there are, so that a midnight finds those that are not over.
struct DeliverableProjection: Projection {
    var name: String { "deliverable" }
    var migrations: [String] {
        ["CREATE TABLE deliverable (id BLOB PRIMARY KEY, is_over INTEGER NOT NULL) STRICT, WITHOUT ROWID"]
    }

    func apply(_ span: Span, in connection: Connection) throws {
        guard let id = Identifier(span.this) else { return }
        switch span.entityType {
        case .deliverable:
            try connection.run(
                "INSERT INTO deliverable VALUES (?, 0) ON CONFLICT (id) DO NOTHING", .blob(id.bytes))
        case .lawDecided:
            guard ["accept", "terminate"].contains(span.metadata["transition"]?.string) else { return }
            try connection.run("UPDATE deliverable SET is_over = 1 WHERE id = ?", .blob(id.bytes))
        case .arbiterDecision:
            try connection.run("UPDATE deliverable SET is_over = 1 WHERE id = ?", .blob(id.bytes))
        default: break
        }
    }

    /// The ids of all things, or of those that are not over, in their order.
    static func ids(onlyOpen: Bool, in connection: Connection) throws -> [Identifier] {
        // A reader may meet the tables of an older program.
        let isThere = try connection.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'deliverable'")
        guard isThere == 1 else { return [] }
        return try connection.rows(
            "SELECT id FROM deliverable \(onlyOpen ? "WHERE is_over = 0" : "") ORDER BY id", []
        ) { Identifier(bytes: $0.blob(0)) }.compactMap { $0 }
    }
}
