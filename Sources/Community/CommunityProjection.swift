// The tables that follow from the spans of residents, posts, keepers and mail.
import Encoding
public import Ledger
public import SQLite

/// The community's derived tables; losing them loses nothing, the ledger makes them anew.
public struct CommunityProjection: Projection {
    /// Makes the projection; it holds no state of its own.
    public init() {
        // Its tables are its state.
    }

    /// The name under which the ledger keeps its progress.
    public var name: String { "community" }

    /// The steps that make the tables.
    public var migrations: [String] { [Self.tables] }

    private static let tables = """
        CREATE TABLE community_resident (
            id BLOB PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL, generation INTEGER NOT NULL,
            header BLOB NOT NULL, runs INTEGER NOT NULL, last_run INTEGER, last_outcome TEXT, last_reason TEXT,
            model TEXT NOT NULL, balance INTEGER, bank INTEGER NOT NULL, settled_at INTEGER,
            inbox_key BLOB NOT NULL, admitted_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE community_post (
            position INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, resident BLOB NOT NULL, at INTEGER NOT NULL,
            title TEXT, text TEXT NOT NULL, rehearsed INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX community_post_time ON community_post (at, position);
        CREATE INDEX community_post_resident ON community_post (resident, at);
        CREATE TABLE community_keeper (
            id BLOB PRIMARY KEY, available INTEGER NOT NULL, added_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE community_choice (
            resident BLOB NOT NULL, keeper BLOB NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (resident, keeper)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE community_revocation (
            resident BLOB NOT NULL, human BLOB NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (resident, human)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE community_mail (
            id BLOB PRIMARY KEY, position INTEGER NOT NULL, sender_kind TEXT NOT NULL, sender BLOB,
            recipient_kind TEXT NOT NULL, recipient BLOB, queued_at INTEGER NOT NULL, state TEXT NOT NULL,
            delivered_at INTEGER, rehearsed INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX community_mail_inbox ON community_mail (recipient, position) WHERE state = 'queued';
        CREATE INDEX community_mail_writers ON community_mail (recipient, sender) WHERE sender_kind = 'human';
        CREATE INDEX community_mail_sender ON community_mail (sender, queued_at);
        CREATE TABLE community_memorial (
            resident BLOB PRIMARY KEY, position INTEGER NOT NULL, name TEXT NOT NULL, admitted_at INTEGER NOT NULL,
            deleted_at INTEGER NOT NULL, statement TEXT, justification TEXT, asker TEXT NOT NULL, level TEXT NOT NULL,
            rehearsed INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """

    /// Brings the tables up to date with one span; spans of other rooms change nothing.
    public func apply(_ span: Span, in connection: Connection) throws {
        switch span.entityType {
        case .residentAdmitted: try admit(span, connection)
        case .residentPaused, .residentResumed, .residentModelSet: try operate(span, connection)
        case .personaSettled: try settle(span, connection)
        case .vaultSealed: try seal(span, connection)
        case .runCompleted, .runFailed, .runParked, .runSkipped, .runMissed: try endRun(span, connection)
        case .residentDeleted: try delete(span, connection)
        case .post: try post(span, connection)
        case .keeperAdded: try addKeeper(span, connection)
        case .keeperRemoved: try removeKeeper(span, connection)
        case .keeperRequested: try choose(.requested, span, connection)
        case .keeperAccepted: try choose(.accepted, span, connection)
        case .accessRevoked: try revoke(span, connection)
        case .mailQueued: try queue(span, connection)
        case .mailDelivered: try deliver(span, connection)
        case .ledgerOpened, .keyringWritten, .ledgerPinned, .incident, .runClaimed, .vaultOpened, .contextComposed,
            .providerCalled, .toolCalled, .toolRefused, .toolEnded, .toolAccepted, .residentDeleteIntent,
            .residentErased, .vaultVerified, .vaultRestored, .ledgerLossAccepted, .lawProposed, .lawApproved,
            .lawDeprecated, .lawDecided, .lawRuled, .deliverable, .deliverableChanged, .disputeOpened,
            .arbiterDecision, .callHeld, .callDecided:
            break
        }
    }
}

extension Span {
    /// The id that `this` names.
    func subject() throws(CommunityError) -> Identifier {
        guard let id = Identifier(this) else { throw .malformedSpan(id: self.id, field: "this") }
        return id
    }

    /// The resident that a span concerns beside its `this`: the first of `related_to`.
    func relatedResident() throws(CommunityError) -> Identifier {
        guard let id = relatedTo.first else { throw .malformedSpan(id: self.id, field: "related_to") }
        return id
    }

    func integer(_ field: String) throws(CommunityError) -> Int64 {
        guard let value = metadata[field]?.integer else { throw .malformedSpan(id: id, field: field) }
        return value
    }

    func text(_ field: String) throws(CommunityError) -> String {
        guard let value = metadata[field]?.string else { throw .malformedSpan(id: id, field: field) }
        return value
    }

    /// The bytes of a field of hex digits, such as a key or a hash behind its `blake3:`.
    func digits(_ field: String, count: Int) throws(CommunityError) -> [UInt8] {
        let text = try text(field)
        let digits = text.hasPrefix("blake3:") ? String(text.dropFirst("blake3:".count)) : text
        guard let bytes = Hex.decode(digits), bytes.count == count else { throw .malformedSpan(id: id, field: field) }
        return bytes
    }

    var isRehearsed: Bool { metadata["rehearsed"]?.bool ?? false }
}
