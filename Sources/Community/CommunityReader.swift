// The questions that are asked of the community, answered in values.
public import Encoding
public import Ledger
public import SQLite

/// Reads what residents share; each question is one read of one state.
public struct CommunityReader: Sendable {
    private let ledger: Ledger
    private let newestPosts = NewestPosts()

    /// Reads through a ledger that keeps a ``CommunityProjection`` and the ``CommunityStore``'s schema.
    public init(_ ledger: Ledger) { self.ledger = ledger }

    /// All residents, deleted ones included, in the order of their ids.
    public func residents() async throws -> [ResidentRecord] {
        try await ledger.read { try CommunityTables.residents(in: $0) }
    }

    /// All residents, to look up in.
    public func directory() async throws -> ResidentDirectory {
        try await ledger.read {
            ResidentDirectory(
                try CommunityTables.residents(in: $0), waitingLetters: try CommunityTables.inboxCounts(in: $0))
        }
    }

    /// The resident of an id.
    public func resident(_ id: Identifier) async throws -> ResidentRecord? {
        try await ledger.read { try CommunityTables.resident(id, in: $0) }
    }

    /// The residents of some ids, in that order; without those that there are none of.
    public func residents(_ ids: [Identifier]) async throws -> [ResidentRecord] {
        try await ledger.read { connection in
            try ids.compactMap { try CommunityTables.resident($0, in: connection) }
        }
    }

    /// Public posts, newest first.
    ///
    /// - Parameters:
    ///   - limit: at most so many.
    ///   - excluding: leaves one author's own out.
    ///   - author: only this author's.
    ///   - now: leaves out what appears after this instant, as a post does that a rate moved to a later day.
    public func feed(
        limit: Int, excluding: Identifier? = nil, author: Identifier? = nil, asOf now: Instant? = nil
    ) async throws -> [Post] {
        try await ledger.read {
            try CommunityTables.feed(limit: limit, excluding: excluding, author: author, asOf: now, in: $0)
        }
    }

    /// Letters to a resident that may be delivered now, oldest first, none from a human whom it revoked (B-60).
    public func inbox(of resident: Identifier, now: Instant, limit: Int = 200) async throws -> [MailRow] {
        try await ledger.read { try CommunityTables.inbox(of: resident, now: now, limit: limit, in: $0) }
    }

    /// Letters to the house, or to a human, oldest first, ciphertexts included.
    ///
    /// - Parameters:
    ///   - recipient: a human, of whom a resident that revoked their access sends nothing; or the house, which also
    ///     gets the letters to humans without a key of their own: those are sealed to the house's.
    ///   - resident: only letters from this one.
    ///   - now: leaves out letters that a rate moved to a later instant than this.
    public func letters(
        to recipient: Correspondent, from resident: Identifier? = nil, now: Instant, limit: Int = 1_000
    ) async throws -> [MailRow] {
        try await ledger.read {
            try CommunityTables.letters(to: recipient, from: resident, now: now, limit: limit, in: $0)
        }
    }

    /// Keepers in the order in which they were added, with their names where these are still known.
    public func keepers(onlyAvailable: Bool = true) async throws -> [Keeper] {
        try await ledger.read { try CommunityTables.keepers(onlyAvailable: onlyAvailable, in: $0) }
    }

    /// Who chose which keeper, of one resident or of all.
    public func keeperRelations(of resident: Identifier? = nil) async throws -> [KeeperRelation] {
        try await ledger.read { try CommunityTables.relations(of: resident, in: $0) }
    }

    /// The name of a person, where it is known.
    public func personName(_ id: Identifier) async throws -> String? {
        try await ledger.read { try $0.text("SELECT name FROM person WHERE id = ?", .id(id)) }
    }

    /// The person of exactly that name; the one that was written down first, where several have it.
    public func person(named name: String) async throws -> Identifier? {
        try await ledger.read {
            try $0.firstRow("SELECT id FROM person WHERE name = ? ORDER BY created_at, id LIMIT 1", [.text(name)]) {
                try $0.identifier(0)
            }
        }
    }

    /// Deleted residents, the last first.
    public func memorial() async throws -> [MemorialEntry] {
        try await ledger.read { try CommunityTables.memorial(in: $0) }
    }

    /// What the tools of one run see of the community, all in one state.
    ///
    /// - Parameters:
    ///   - resident: whose run it is.
    ///   - now: the present instant.
    ///   - days: the first instants of today and of the civil days after it, at least two; as many days are counted as
    ///     there are intervals between them.
    ///   - feedLimit: at most so many posts of others.
    public func runView(
        of resident: Identifier, now: Instant, days: [Instant], feedLimit: Int = 50
    ) async throws -> RunView? {
        try await ledger.read {
            try runView(of: resident, now: now, days: days, feedLimit: feedLimit, in: $0)
        }
    }

    /// The same within a reading that the caller has begun.
    public func runView(
        of resident: Identifier, now: Instant, days: [Instant], feedLimit: Int = 50, in connection: Connection
    ) throws -> RunView? {
        try CommunityTables.runView(
            of: resident, now: now, days: days,
            feed: try newestPosts.feed(limit: feedLimit, excluding: resident, asOf: now, in: connection),
            in: connection)
    }
}

/// What one run sees of the community.
public struct RunView: Sendable {
    /// The resident itself.
    public var resident: ResidentRecord
    /// Posts of others, newest first, without the names of their authors, which a directory has.
    public var feed: [Post]
    /// Letters that may be delivered, oldest first, still sealed.
    public var inbox: [MailRow]
    /// Names of the residents and humans who wrote them.
    public var senderNames: [Correspondent: String]
    /// Keepers who may be chosen.
    public var keepers: [Keeper]
    /// The resident's choices of keepers.
    public var relations: [KeeperRelation]
    /// Humans whom the house knows by id.
    public var humans: Set<Identifier>
    /// Humans who wrote to the resident at any time.
    public var writers: Set<Identifier>
    /// Humans whose access the resident revoked.
    public var revoked: Set<Identifier>
    /// The resident's posts on each of the days.
    public var posts: [Int]
    /// The resident's letters that may be delivered on each of the days.
    public var messages: [Int]
}
