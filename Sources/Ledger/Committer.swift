// The one writer: assigns positions, signs, inserts a group in one transaction, and answers every caller.
internal import Cryptography
internal import Files
internal import SQLite

/// Writes groups of requests; lives on the writer's thread alone.
final class Committer {
    let connection: Connection
    let projector: Projector
    private let writer: SpanWriter
    private let headFile: HeadFile
    private var tip: ChainTip
    private var isUnusable = false
    /// Whether the head file is behind, since putting it in place failed after a commit.
    private var isHeadBehind = false

    init(connection: Connection, writer: SpanWriter, projector: Projector, headFile: HeadFile, tip: ChainTip) {
        self.connection = connection
        self.writer = writer
        self.projector = projector
        self.headFile = headFile
        self.tip = tip
    }

    /// Commits a group: each request in its own savepoint, one commit, the head, then every answer.
    func commit(_ group: [AppendRequest]) {
        guard !isUnusable else {
            for request in group { request.answer(.failure(LedgerError.unusable)) }
            return
        }
        let before = tip
        var outcomes: [Result<[Span], any Error>] = []
        do {
            try connection.transaction {
                if group.count == 1 {
                    // Alone in its transaction a request needs no savepoint: its error undoes the transaction.
                    outcomes.append(.success(try apply(group[0])))
                } else {
                    for request in group { outcomes.append(try perform(request)) }
                }
                if tip != before { try projector.keep(size: tip.size, in: connection) }
                if tip != before || isHeadBehind { try prepareHead() }
            }
        } catch {
            tip = before
            isUnusable = !isStored(before)
            let answer = LedgerError.known(error) ?? error
            for request in group { request.answer(.failure(answer)) }
            return
        }
        if tip != before || isHeadBehind { publishHead() }
        for (request, outcome) in zip(group, outcomes) { request.answer(outcome) }
    }

    /// Signs the head anew where it is behind what is stored.
    func repairHead() throws {
        try prepareHead()
        try headFile.publish()
    }

    /// One request in its savepoint.
    ///
    /// Its refusal is a result; an error ends the whole group.
    private func perform(_ request: AppendRequest) throws -> Result<[Span], any Error> {
        let before = tip
        do {
            return .success(try connection.savepoint { try apply(request) })
        } catch {
            tip = before
            // SQLite ends the whole transaction on some failures: then the other requests are undone as well.
            guard connection.isInTransaction else { throw error }
            return .failure(LedgerError.known(error) ?? error)
        }
    }

    /// The effects of a request, its spans, and what the projections make of them.
    private func apply(_ request: AppendRequest) throws -> [Span] {
        try request.effects?(connection)
        let spans = try request.drafts.map { try append($0) }
        try projector.apply(spans, in: connection)
        return spans
    }

    private func append(_ draft: SpanDraft) throws -> Span {
        let lifecycle = LifecycleGuard(connection: connection)
        try lifecycle.check(draft)
        let span = try writer.span(from: draft, after: tip)
        do throws(SQLiteError) {
            try connection.insert(span, payload: draft.sealed)
        } catch {
            // The table refuses a used identifier or key; what refused it is only looked up then.
            if error.isConstraint, connection.isInTransaction { try lifecycle.checkUnused(draft) }
            throw error
        }
        tip = ChainTip(size: span.position + 1, hash: span.hash)
        return span
    }

    private func prepareHead() throws {
        try headFile.prepare(LedgerHead(size: tip.size, hash: tip.hash, key: writer.signingKey))
    }

    /// After the commit the spans are durable whatever happens here: a head that stays behind is written next time.
    private func publishHead() {
        isHeadBehind = (try? headFile.publish()) == nil
    }

    /// Whether what the disk holds is what it held before the group that failed.
    private func isStored(_ expected: ChainTip) -> Bool { (try? connection.chainTip()) == expected }
}
