// The one writer: assigns positions, signs, inserts a group in one transaction, and answers every caller.
internal import Cryptography
internal import Files
internal import SQLite

/// Writes groups of requests; lives on the writer's thread alone.
final class Committer {
    private typealias Outcome = Result<[Span], any Error>

    let connection: Connection
    let projector: Projector
    private let writer: SpanWriter
    private let head: HeadWriter
    private var tip: ChainTip
    private var isUnusable = false
    /// Whether the head file is behind, since putting it in place failed after a commit.
    private var isHeadBehind = false

    init(connection: Connection, writer: SpanWriter, projector: Projector, head: HeadWriter, tip: ChainTip) {
        self.connection = connection
        self.writer = writer
        self.projector = projector
        self.head = head
        self.tip = tip
    }

    /// Commits a group in one transaction, then the head, then answers every caller.
    func commit(_ group: [AppendRequest]) {
        guard !isUnusable else {
            for request in group { request.answer(.failure(LedgerError.unusable)) }
            return
        }
        let before = tip
        do {
            let outcomes = try write(group)
            if tip != before || isHeadBehind { publishHead() }
            for (request, outcome) in zip(group, outcomes) { request.answer(outcome) }
        } catch {
            tip = before
            isUnusable = !isStored(before)
            let answer = LedgerError.known(error) ?? error
            for request in group { request.answer(.failure(answer)) }
        }
    }

    /// Writes a group as one whole, since a request is seldom refused.
    ///
    /// Where one is, all is undone and written once more, each request in a savepoint of its own: savepoints cost a
    /// copy of every page that is changed in them.
    private func write(_ group: [AppendRequest]) throws -> [Outcome] {
        let before = tip
        var isRefused = false
        do {
            return try inTransaction {
                try group.map { request in
                    do {
                        return .success(try apply(request))
                    } catch {
                        isRefused = true
                        throw error
                    }
                }
            }
        } catch  where isRefused && group.count > 1 {
            tip = before
            return try inTransaction { try group.map { try perform($0) } }
        }
    }

    private func inTransaction(_ body: () throws -> [Outcome]) throws -> [Outcome] {
        let before = tip
        return try connection.transaction {
            let outcomes = try body()
            if tip != before { try projector.keep(size: tip.size, in: connection) }
            if tip != before || isHeadBehind { try prepareHead() }
            return outcomes
        }
    }

    /// Signs the head anew where it is behind what is stored.
    func repairHead() throws {
        try prepareHead()
        try head.publish()
    }

    /// One request in its savepoint.
    ///
    /// Its refusal is a result; an error ends the whole group.
    private func perform(_ request: AppendRequest) throws -> Outcome {
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
        try head.prepare(LedgerHead(size: tip.size, hash: tip.hash, key: writer.signingKey))
    }

    /// After the commit the spans are durable whatever happens here: a head that stays behind is written next time.
    private func publishHead() {
        isHeadBehind = (try? head.publish()) == nil
    }

    /// Whether what the disk holds is what it held before the group that failed.
    private func isStored(_ expected: ChainTip) -> Bool { (try? connection.chainTip()) == expected }
}
