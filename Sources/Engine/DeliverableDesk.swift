// What people do with things that have deadlines: agree them, approve, accept, give evidence, settle disputes.
public import Encoding
import Law
import Ledger

extension House {
    /// All things with deadlines as the record has them now; only those that are not over, where asked for.
    public func deliverables(onlyOpen: Bool = false) async throws(EngineError) -> [Deliverable] {
        try await asEngineError {
            var things: [Deliverable] = []
            let ids = try await ledger.read { try DeliverableProjection.ids(onlyOpen: onlyOpen, in: $0) }
            for id in ids {
                if let thing = try await deliverable(id, saidBefore: Instant(unixMilliseconds: .max)) {
                    things.append(thing)
                }
            }
            return things
        }
    }

    func deliverable(_ id: Identifier, saidBefore instant: Instant) async throws -> Deliverable? {
        let spans = try await ledger.spans(
            Ledger.Query(
                types: [.deliverable, .deliverableChanged, .lawDecided, .disputeOpened, .arbiterDecision],
                subject: id.description, limit: 10_000))
        return Deliverable(spans, saidBefore: instant)
    }

    /// Agrees a thing with a deadline (S1-107).
    ///
    /// - Parameter kind: the words by which the scopes of laws find it.
    public func addDeliverable(
        _ name: String, kind: [String] = Deliverable.usualKind, deadline: Instant, quorum: Int
    ) async throws(EngineError) -> Identifier {
        try await asEngineError {
            let id = surroundings.identifiers.next()
            var metadata: JSONObject = [
                "deadline_at": .string(deadline.rfc3339), "quorum": .integer(Int64(quorum)), "accepted": false,
            ]
            if kind != Deliverable.usualKind { metadata["kind"] = .string(kind.joined(separator: ".")) }
            try await record([
                SpanDraft(
                    id: surroundings.identifiers.next(), entityType: .deliverable, who: .operator(operatorID),
                    this: id.description, at: surroundings.time.now(),
                    metadata: metadata, name: name)
            ])
            return id
        }
    }

    /// Records what a person says of a thing; nil for the operator of the node.
    ///
    /// - Returns: false where it is over, or was said by that person already.
    public func change(
        _ thing: Deliverable, _ change: Deliverable.Change, as name: String?, words: String?
    ) async throws(EngineError) -> Bool {
        try await asEngineError {
            let who: Actor = .operator(try name.map { try newPersonID(named: $0) } ?? operatorID)
            guard !thing.isOver, change != .approved || !thing.approvals.contains(who.text),
                change != .accepted || !thing.isAccepted
            else { return false }
            try await record([
                SpanDraft(
                    id: surroundings.identifiers.next(), entityType: .deliverableChanged, who: who,
                    this: thing.id.description, at: surroundings.time.now(),
                    metadata: ["change": .string(change.rawValue)], content: words.map { ["words": .string($0)] })
            ])
            return true
        }
    }

    /// An arbiter's decision on a thing in dispute (S1-105); false where it is in none.
    public func arbitrate(
        _ thing: Deliverable, isAccepted: Bool, justification: String, as name: String?
    ) async throws(EngineError) -> Bool {
        try await asEngineError {
            guard thing.status == .disputed else { return false }
            let who: Actor = .operator(try name.map { try newPersonID(named: $0) } ?? operatorID)
            try await record([
                SpanDraft(
                    id: surroundings.identifiers.next(), entityType: .arbiterDecision, who: who,
                    this: thing.id.description, at: surroundings.time.now(),
                    metadata: ["decision": .string(isAccepted ? "accept" : "terminate")],
                    content: ["justification": .string(justification)])
            ])
            return true
        }
    }
}
