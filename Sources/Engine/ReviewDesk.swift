// The operator's word on calls that wait, and how a run takes such calls up.
import Cryptography
import Encoding
import Law
import Ledger
import SQLite
import Tools
import Vault

extension House {
    /// All calls that wait or waited for an operator, oldest first, with their arguments.
    public func heldCalls() async throws(EngineError) -> [HeldCall] {
        try await asEngineError {
            let calls = try await ledger.read { try HeldCallStore.all(in: $0) }
            return try opened(calls)
        }
    }

    /// Decides on a call that waits; the resident learns it in its next run.
    ///
    /// - Parameter justification: why, for the record and for the resident.
    /// - Returns: false where nobody can decide on it any more.
    public func decide(
        _ call: HeldCall, isApproved: Bool, justification: String
    ) async throws(EngineError) -> Bool {
        try await asEngineError {
            let state: HeldCall.State = isApproved ? .approved : .denied
            let now = surroundings.time.now()
            let span = SpanDraft(
                id: surroundings.identifiers.next(), entityType: .callDecided, who: .operator(operatorID),
                this: call.id.description, at: now, metadata: ["decision": .string(state.rawValue)],
                content: ["justification": .string(justification)], relatedTo: [call.resident])
            do {
                try await record([span]) { connection in
                    let isDecided = try HeldCallStore.decide(
                        call.id, state, justification: justification, at: now, in: connection)
                    guard isDecided else { throw CallIsDecided() }
                }
            } catch is CallIsDecided {
                return false
            }
            return true
        }
    }

    private struct CallIsDecided: Error {}

    /// Opens the arguments with the house's key.
    func opened(_ calls: [HeldCall]) throws -> [HeldCall] {
        guard !calls.isEmpty else { return [] }
        let secret = try HomeKeys.houseKey(paths: VaultPaths(home: paths.root))
        return calls.map { call in
            var call = call
            if let opened = try? SealedBox.open(call.sealed, publicKey: houseKey, secret: secret.bytes) {
                call.arguments = opened.withUnsafeBytes { (try? JSON.parse(Array($0)))?.object }
            }
            return call
        }
    }
}

/// What of the queue concerns one run.
struct ReviewNews: Sendable {
    /// The run that is told.
    let run: Identifier
    /// What it is told, in order.
    var told: [HeldCall] = []
    /// What it may do.
    var approved: [HeldCall] = []
    /// What waits still.
    var waiting: [HeldCall] = []

    /// The notes that open the day.
    var notes: [String] {
        told.map { call in
            let words = call.justification.map { ": \(OwnEnvelope.neutralised($0))" } ?? ""
            let arguments = call.arguments.map { String(decoding: JSON.object($0).serialized(), as: UTF8.self) } ?? ""
            let shown = arguments.count > 300 ? "" : " with \(OwnEnvelope.neutralised(arguments))"
            return switch call.state {
            case .used where call.usedBy != run:
                "Your call of \(call.tool)\(shown) was approved by an operator\(words), and made in a run that ended"
                    + " before it was settled: it is not known whether it took effect. It is not made again by itself;"
                    + " look whether it did before you ask once more."
            case .approved, .used:
                "Your call of \(call.tool)\(shown) was approved by an operator\(words). Call it again with exactly"
                    + " these arguments and it is done, once."
            case .denied: "Your call of \(call.tool)\(shown) was refused by an operator\(words)."
            case .waiting, .expired:
                "Nobody decided in time on your call of \(call.tool)\(shown): it was not done, and you may ask again."
            }
        }
    }
}

extension ReviewNews {
    /// What of the queue concerns a run, as it stood when the run was claimed; the arguments are sealed still.
    init(of resident: Identifier, run: Identifier, at claimedAt: Instant, in connection: Connection) throws {
        self.run = run
        told = try HeldCallStore.news(for: resident, run: run, at: claimedAt, in: connection)
        approved = try HeldCallStore.approved(for: resident, run: run, at: claimedAt, in: connection)
        waiting = try HeldCallStore.all(of: resident, in: connection).filter {
            $0.state == .waiting && $0.until > claimedAt
        }
    }

    /// The same with the arguments opened.
    func opened(by house: House) throws -> ReviewNews {
        var news = self
        news.told = try house.opened(told)
        news.approved = try house.opened(approved)
        news.waiting = try house.opened(waiting)
        return news
    }
}

extension RunSession {
    /// Puts a call that the law holds into the operator's queue; what the model is told of it.
    func hold(_ judged: JudgedCall, round: Int, call: Int) throws -> ToolOutcome {
        let verdict = judged.ruling.verdict
        let law = "\(verdict.law):\(verdict.version)"
        func told(_ text: String) -> ToolOutcome {
            ToolOutcome(text: "Held by \(law) (\(verdict.reason)). \(text)", isError: true)
        }
        let same = review.waiting.contains { $0.tool == judged.call.tool && $0.arguments == judged.call.arguments }
        guard !same else { return told("The same call waits already; you learn the outcome in a later run.") }
        guard review.waiting.count < HeldCallStore.mostWaiting else {
            return told("\(HeldCallStore.mostWaiting) of your calls wait already, so this one was not taken up.")
        }
        let now = time.now()
        let until = now.adding(milliseconds: Int64(judged.ruling.holdHours) * 3_600_000)
        let id = house.surroundings.identifiers.next()
        let held = HeldCall(
            id: id, resident: resident, run: claim.run, tool: judged.call.tool, law: law, heldAt: now, until: until,
            state: .waiting, justification: nil, arguments: judged.call.arguments,
            sealed: try SealedBox.seal(JSON.object(judged.call.arguments).serialized(), to: house.houseKey))
        review.waiting.append(held)
        pendingHeld.append(held)
        pending.append(
            span(
                .callHeld, who: .law, this: id.description,
                metadata: [
                    "tool": .string(judged.call.tool), "law": .string(law), "reason": .string(verdict.reason.rawValue),
                    "until": .string(until.rfc3339),
                ]))
        return told(
            verdict.explanation.isEmpty
                ? "An operator decides on it; you learn the outcome in a later run." : verdict.explanation)
    }

    /// Uses up the approval of a call that is made now, or was made before a worker died.
    @discardableResult
    func useApproval(of judged: JudgedCall) -> Identifier? {
        guard let index = review.approved.firstIndex(where: { $0.matches(judged.call) }) else { return nil }
        let used = review.approved.remove(at: index).id
        usedApprovals.append(used)
        context.approvedCalls = review.approved.compactMap(\.approval)
        return used
    }

    /// Spans of the calls that nobody decided on in time.
    func expiredSpans() -> [SpanDraft] {
        review.told.filter { $0.state == .waiting }.map {
            span(
                .callDecided, this: $0.id.description, metadata: ["decision": .string(HeldCall.State.expired.rawValue)])
        }
    }
}

extension HeldCall {
    func matches(_ call: ProposedCall) -> Bool { tool == call.tool && arguments == call.arguments }

    var approval: ApprovedCall? { arguments.map { ApprovedCall(tool: tool, arguments: $0) } }
}
