// The ledger: the signed, hash-chained record of every step. This file is the overview of the room.
//
// `Ledger`             one ledger: append (group-committed), read, look up, verify, export, rebuild
// `SpanDraft`, `Span`  what a caller hands over, and what then stands there; `EntityType` and `Actor` are their words
// `Projection`         derived tables, kept up in the same transaction, made anew by `rebuild`
// `ResidentTruth`      what the spans, not a projection, say of a resident: generation, header, model, status
// `VerificationReport`, `Fault`   what a verification found, one kind for each way of being wrong
// `LedgerHead`         the signed statement of size and last hash that lies apart from the ledger
// `LedgerError`        every refusal and failure, as data
//
// The format is fixed in docs/format.md; the declared fields of every kind of span stand in `Declaration.swift`.
public import Cryptography
internal import Files
public import SQLite
internal import Synchronization

/// An open ledger.
///
/// One value in one process writes; its reads run beside on a connection that cannot write.
///
/// Blocking work runs on two threads of the ledger's own. Spans are ordered by position; their clocks may step back.
public final class Ledger: Sendable {
    /// Where its files are.
    public let paths: LedgerPaths
    /// The name of the ledger, its origin.
    public let origin: String
    /// The node's public key, which every span is checked with.
    public let key: VerifyingKey

    let writing: Writing?
    let reader: Reader

    /// What only a ledger opened for writing has.
    struct Writing: Sendable {
        let thread: SerialThread
        let queue: CommitQueue
        let committer: ThreadBound<Committer?>
        let lock: HeldLock
    }

    init(paths: LedgerPaths, origin: String, key: VerifyingKey, writing: Writing?) {
        self.paths = paths
        self.origin = origin
        self.key = key
        self.writing = writing
        reader = Reader(path: paths.database)
    }

    /// How many requests wait at most for the writer; further callers wait before the queue.
    static let queueCapacity = 1024

    var verification: StoreVerification { StoreVerification(key: key, headFile: HeadFile(path: paths.head)) }

    /// Appends spans in one group-committed transaction; returns once they and the head are durable.
    ///
    /// `effects` runs first, on the writer and in the same transaction; if it throws, or a span is refused, nothing of
    /// this request is kept, the other requests of the group are not touched, and the error is thrown here. Without
    /// drafts it is a durable write of the effects alone. At most 256 spans a request. Cancelling does not take back.
    ///
    /// `effects` may run twice, the first time undone, where another request of its group was refused: what it leaves
    /// elsewhere than in the database is to be what its last time says.
    @discardableResult
    public func append(
        _ drafts: [SpanDraft], effects: (@Sendable (Connection) throws -> Void)? = nil
    ) async throws -> [Span] {
        guard let writing else { throw LedgerError.readOnly }
        guard drafts.count <= CommitQueue.groupLimit else {
            throw LedgerError.tooMany(spans: drafts.count, limit: CommitQueue.groupLimit)
        }
        for draft in drafts { try draft.checkDeclared() }
        // The answer comes once from the writer, or not at all where the queue is closed before the request is in.
        let answer = OneAnswer<[Span]>()
        let request = AppendRequest(drafts: drafts, effects: effects, answer: answer.give)
        if try await writing.queue.put(request) { Self.drain(writing) }
        return try await answer.value()
    }

    /// Changes tables that are no spans, durably and in order with the appends; an error undoes the change.
    ///
    /// The body may run twice, as the effects of an append; the result is that of its last time.
    public func write<R: Sendable>(_ body: @escaping @Sendable (Connection) throws -> R) async throws -> R {
        let result = LastValue<R>()
        try await append([]) { connection in
            let value = try body(connection)
            result.value.withLock { $0 = value }
        }
        guard let value = result.value.withLock(\.self) else { throw LedgerError.closed }
        return value
    }

    /// Reads on one unchanging state of the database, on a connection that cannot write.
    public func read<R: Sendable>(_ body: @escaping @Sendable (Connection) throws -> R) async throws -> R {
        try await reader.run(body)
    }

    /// Ends writing after what is queued, moves the write-ahead log into the database and frees the lock.
    public func close() async {
        await reader.close()
        guard let writing else { return }
        writing.queue.close()
        try? await writing.thread.run {
            Self.commitGroups(writing)
            _ = try? writing.committer.value?.connection.checkpoint()
            writing.committer.value = nil
            writing.lock.release()
        }
    }

    /// Wakes the writer: it commits a group and goes on as long as more has gathered.
    private static func drain(_ writing: Writing) {
        writing.thread.submit {
            writing.queue.awaitCompany()
            commitGroup(writing)
            if writing.queue.hasMore() { drain(writing) }
        }
    }

    private static func commitGroups(_ writing: Writing) {
        while commitGroup(writing) {}
    }

    @discardableResult
    private static func commitGroup(_ writing: Writing) -> Bool {
        let group = writing.queue.takeGroup()
        guard !group.isEmpty else { return false }
        guard let committer = writing.committer.value else {
            for request in group { request.answer(.failure(LedgerError.closed)) }
            return true
        }
        committer.commit(group)
        return true
    }
}

/// What the last run of a body made.
private final class LastValue<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}
