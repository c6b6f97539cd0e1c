// Making a ledger, opening one, and the checks that stand before its first use.
public import Cryptography
public import Encoding
internal import Files
internal import SQLite

extension Ledger {
    /// The origin of a ledger that was given no name: `sanctuary.local/` and the first digits of its key's hash.
    public static func defaultOrigin(for publicKey: [UInt8]) -> String { "sanctuary.local/" + keyName(of: publicKey) }

    /// Makes a ledger with its genesis span; refused where there is one.
    ///
    /// - Parameters:
    ///   - paths: Where its files go.
    ///   - origin: Its name, for ever; `defaultOrigin` where nil.
    ///   - signingKey: The node's key, which signs every span.
    ///   - genesis: What the first span states.
    ///   - id: The identifier of the first span.
    ///   - at: Its time.
    ///   - projections: Derived tables to keep.
    ///   - schemas: Other rooms' own tables.
    public static func create(
        at paths: LedgerPaths, origin: String? = nil, signingKey: SigningKey, genesis: Genesis, id: Identifier,
        at instant: Instant, projections: [any Projection] = [], schemas: [LedgerSchema] = []
    ) async throws -> Ledger {
        let name = origin ?? defaultOrigin(for: signingKey.publicKey)
        var metadata: JSONObject = [
            "public_key": .string(Hex.encode(signingKey.publicKey)), "vault": .string(genesis.vault),
            "preamble": .string(genesis.preamble), "laws": .array(genesis.laws.map(JSON.string)),
            "program": .string(genesis.program),
        ]
        if let tools = genesis.tools { metadata["tools"] = .string(tools) }
        let draft = SpanDraft(
            id: id, entityType: .ledgerOpened, who: .node, this: name, at: instant, metadata: metadata)
        try draft.checkDeclared()
        let thread = SerialThread()
        let opened = try await thread.run {
            try converting {
                let lock = try HeldLock(path: paths.lock)
                // A head without its database tells of a ledger that was lost.
                guard !Files.exists(paths.head) else { throw LedgerError.exists(path: paths.head) }
                let connection = try Connection(path: paths.database, mode: .readWriteCreate)
                Files.handToFolderOwner(paths.database)
                try prepare(connection, schemas: schemas, projections: projections)
                // A database without spans is what an interrupted start left.
                guard try connection.spanCount() == 0 else { throw LedgerError.exists(path: paths.database) }
                return Opened(
                    committer: try committer(
                        connection, paths, origin: name, signingKey, projections, tip: .empty), lock: lock)
            }
        }
        let ledger = Ledger(
            paths: paths, origin: name, key: signingKey.verifyingKey,
            writing: Writing(
                thread: thread, queue: CommitQueue(capacity: queueCapacity), committer: opened.committer,
                lock: opened.lock))
        try await ledger.append([draft])
        return ledger
    }

    /// Opens a ledger for writing, after checking head, genesis and the last 256 spans.
    ///
    /// A head that is behind, as a crash between commit and head leaves it, is written anew. A head that is ahead,
    /// differs or is missing is refused with an error that `isIntegrityFailure`. With `quickCheckAfterCrash` the whole
    /// file's structure is checked too where the last writer did not close it, which reads all of it.
    public static func open(
        at paths: LedgerPaths, signingKey: SigningKey, projections: [any Projection] = [],
        schemas: [LedgerSchema] = [], quickCheckAfterCrash: Bool = false
    ) async throws -> Ledger {
        try await open(
            paths, signingKey, projections, schemas, acceptsLoss: false, quickCheckAfterCrash: quickCheckAfterCrash
        ).ledger
    }

    /// Opens a ledger whose head it does not reach, after an operator accepted that: the loss becomes a span.
    ///
    /// Altered spans are refused all the same. The span says in `from` and `to` how many spans the head named and how
    /// many there are; where nothing is wrong with the head no span is written.
    public static func acceptLoss(
        at paths: LedgerPaths, signingKey: SigningKey, projections: [any Projection] = [],
        schemas: [LedgerSchema] = [], by who: Actor, id: Identifier, at instant: Instant
    ) async throws -> Ledger {
        let (ledger, outcome) = try await open(paths, signingKey, projections, schemas, acceptsLoss: true)
        guard outcome.isHeadBehind else { return ledger }
        let (named, found) = (outcome.lost?.size ?? outcome.tip.size, outcome.tip.size)
        try await ledger.append([
            SpanDraft(
                id: id, entityType: .ledgerLossAccepted, who: who, this: ledger.origin, at: instant,
                metadata: [
                    "counts": .integer(Int64(max(0, named - found))), "from": .integer(Int64(named)),
                    "to": .integer(Int64(found)),
                ])
        ])
        return ledger
    }

    /// Opens a ledger for reading alone, beside a process that writes it or without one; checks nothing yet.
    ///
    /// Derived tables are read as the writer left them. A store that an earlier version of the program made is refused
    /// until a writer of this one has brought it up to date.
    ///
    /// - Parameter acceptsOlder: whether an earlier store is read all the same: spans alone, as in a backup, which no
    ///   writer ever opens.
    public static func openForReading(
        at paths: LedgerPaths, key: VerifyingKey, acceptsOlder: Bool = false
    ) async throws -> Ledger {
        guard Files.exists(paths.database) else { throw LedgerError.notFound(path: paths.database) }
        let origin = try await Reader(path: paths.database).run { connection in
            guard try connection.hasTable(Schema.spanTable) else { throw LedgerError.notFound(path: paths.database) }
            try connection.checkMigrated(Schema.name, steps: Schema.steps, acceptsOlder: acceptsOlder)
            return try connection.spans("WHERE position = 0").first?.ledger
        }
        guard let origin else { throw LedgerError.notFound(path: paths.database) }
        return Ledger(paths: paths, origin: origin, key: key, writing: nil)
    }

    /// What the writer's thread hands back when it has opened the store.
    private struct Opened: Sendable {
        let committer: ThreadBound<Committer?>
        let lock: HeldLock
        var origin = ""
        var outcome = StartCheck.Outcome(tip: .empty, isHeadBehind: false, lost: nil)
    }

    private static func open(
        _ paths: LedgerPaths, _ signingKey: SigningKey, _ projections: [any Projection], _ schemas: [LedgerSchema],
        acceptsLoss: Bool, quickCheckAfterCrash: Bool = false
    ) async throws -> (ledger: Ledger, outcome: StartCheck.Outcome) {
        let thread = SerialThread()
        let opened = try await thread.run {
            try converting {
                guard Files.exists(paths.database) else { throw LedgerError.notFound(path: paths.database) }
                let lock = try HeldLock(path: paths.lock)
                // Closing empties and removes the write-ahead log: one with content is what a crash left.
                let isUnclean = ((try? Files.size(paths.database + "-wal")) ?? 0) > 0
                let connection = try Connection(path: paths.database, mode: .readWriteCreate)
                if quickCheckAfterCrash, isUnclean {
                    let faults = try connection.quickCheck()
                    guard faults.isEmpty else { throw LedgerError.damaged(faults) }
                }
                try connection.migrate(Schema.name, steps: Schema.steps)
                let check = StartCheck(
                    verification: StoreVerification(
                        key: signingKey.verifyingKey, headFile: HeadFile(path: paths.head)),
                    acceptsLoss: acceptsLoss)
                let outcome = try check.run(connection)
                try StoreGuards(connection).restore(in: connection)
                try prepare(connection, schemas: schemas, projections: projections)
                let origin = try connection.spans("WHERE position = 0").first?.ledger ?? ""
                let committer = try committer(
                    connection, paths, origin: origin, signingKey, projections, tip: outcome.tip)
                // An accepted loss is vouched for by its own span; the head follows with that.
                if outcome.isHeadBehind, outcome.lost == nil { try committer.value?.repairHead() }
                return Opened(committer: committer, lock: lock, origin: origin, outcome: outcome)
            }
        }
        let ledger = Ledger(
            paths: paths, origin: opened.origin, key: signingKey.verifyingKey,
            writing: Writing(
                thread: thread, queue: CommitQueue(capacity: queueCapacity), committer: opened.committer,
                lock: opened.lock))
        return (ledger, opened.outcome)
    }

    private static func prepare(
        _ connection: Connection, schemas: [LedgerSchema], projections: [any Projection]
    ) throws {
        try connection.migrate(Schema.name, steps: Schema.steps)
        for schema in schemas { try connection.migrate("schema \(schema.name)", steps: schema.steps) }
        protectSpans(connection)
        try Projector(projections: projections).prepare(connection)
    }

    private static func committer(
        _ connection: Connection, _ paths: LedgerPaths, origin: String, _ signingKey: SigningKey,
        _ projections: [any Projection], tip: ChainTip
    ) throws -> ThreadBound<Committer?> {
        ThreadBound(
            Committer(
                connection: connection, writer: try SpanWriter(ledger: origin, signingKey: signingKey),
                projector: Projector(projections: projections), head: HeadWriter(path: paths.head), tip: tip))
    }

    /// The writer's own connection cannot change what was written, whatever an effect or a projection tries.
    private static func protectSpans(_ connection: Connection) {
        let tables: Set<String> = [Schema.spanTable, Schema.payloadTable]
        connection.authorize { act in
            switch act {
            case .update(let table, _), .dropTable(let table), .alterTable(let table): !tables.contains(table)
            case .delete(let table): table != Schema.spanTable
            case .dropTrigger(_, let table), .dropIndex(_, let table), .createTrigger(_, let table):
                !tables.contains(table)
            case .attach: false
            case .pragma(let name, let value): value == nil || name == "defer_foreign_keys" || name == "max_page_count"
            case .insert, .dropView, .other: true
            }
        }
    }

    /// Runs the body; what SQLite or a file operation threw comes out as the ledger's own error.
    private static func converting<R>(_ body: () throws -> R) throws -> R {
        do {
            return try body()
        } catch {
            throw LedgerError.known(error) ?? error
        }
    }
}
