// The attempts of one round: journaled before they are made, settled after.
import Encoding
import Ledger
import Providers
import Vault

/// The attempts of one round: journaled before, settled after.
final class Asking {
    private let session: RunSession
    private let round: Int
    private let earlierAttempts: Int
    private var worstCase: Int64?
    /// What the run is taken to have spent on the attempt under way, until its outcome is known.
    private var presumed: Int64 = 0
    private(set) var refusal: BudgetRefusal?
    private var digest = ""
    /// The request of a batch that the attempt is.
    private var ticket: BatchTicket?
    /// Whether an earlier start made the attempt: what it was taken to cost stands in the run's row already.
    private var isResumed = false
    /// Where the text of the day waits with the run, while an attempt is under way.
    private var place: UInt64?

    init(session: RunSession, round: Int, earlierAttempts: Int) {
        self.session = session
        self.round = round
        self.earlierAttempts = earlierAttempts
    }

    private var engine: RunEngine { session.engine }

    /// Whether the attempt is made in a batch, at the batch's price.
    private var isBatched: Bool { ticket != nil }

    /// The attempt is to be made in the next batch.
    func handIn(as ticket: BatchTicket) { self.ticket = ticket }

    /// What the attempt is taken to cost at most, once it is granted.
    var presumption: Int64 { presumed }

    /// An earlier start handed the attempt in.
    func resume(_ entry: BatchEntry) {
        ticket = entry.ticket
        isResumed = true
        presumed = entry.presumed
        digest =
            session.journal.last("model.intent/\(round)/\(entry.attempt)")?["digest"]?.string ?? ""
    }

    private func price(of model: ModelName) -> Price? {
        isBatched ? engine.router.batchPrice(of: model) : engine.router.price(of: model)
    }

    /// Replaces what the attempt was taken to cost by what it did.
    private func settle(_ cost: Int64) {
        if isResumed {
            engine.night.correct(by: cost - presumed)
            session.cost = session.cost.saturatingSum(cost - presumed)
        } else {
            engine.night.settle(worstCase: worstCase, cost: cost)
            session.cost = session.cost.saturatingSum(cost)
        }
    }

    private func number(_ attempt: Attempt) -> Int { earlierAttempts + attempt.number }

    /// The clean room's question is short, and no part of the day; a batch has a copy of its own.
    private var waitsWithText: Bool { round > 0 && !isBatched }

    /// From now on the run waits: its text may be let go of after a while.
    private func wait() {
        guard waitsWithText else { return }
        place = engine.waiting.enter { [conversation = session.conversation, own = session.own] in
            conversation.release()
            own.release()
        }
    }

    /// The run waits no more.
    func goOn() {
        if let place { engine.waiting.leave(place) }
        place = nil
    }

    /// The conversation once more, where it was let go of.
    func restored() throws(RunEnd) -> Conversation? {
        do {
            try session.restore()
            return session.conversation
        } catch {
            throw .wrapping(error)
        }
    }

    /// Reserves the worst case and journals the intent; no key of the resident is held when this returns.
    func before(_ attempt: Attempt) async throws(RunEnd) -> AttemptPermission {
        guard !engine.stop.isRequested else { throw .interrupted }
        // Whatever comes of this, a provider or the end of the run is what follows.
        defer { waitsWithText ? session.own.putKeysAway() : session.own.release() }
        worstCase =
            isBatched
            ? engine.router.batchWorstCaseCost(of: session.conversation, with: attempt.model)
            : engine.router.worstCaseCost(of: session.conversation, with: attempt.model)
        do {
            let spent = session.claim.spent.saturatingSum(session.cost)
            try engine.night.reserve(
                worstCase: worstCase, runSpent: spent,
                residentDaySpent: session.spentElsewhere.saturatingSum(spent))
        } catch {
            refusal = error
            return .declined
        }
        do {
            let keys = try session.keys()
            digest = try session.digest(attempt.body, of: attempt.model, isDay: round > 0, keys: keys)
            session.conversation.keep(WrittenOpening(attempt.body, for: attempt.model))
            var content: JSONObject = [
                "provider": .string(attempt.model.provider), "model": .string(attempt.model.model),
                "digest": .string(digest),
            ]
            if isBatched { content["batched"] = true }
            let intent = try session.journal.seal(
                "model.intent/\(round)/\(number(attempt))", .object(content), keys: keys)
            // Who dies while the model speaks may have to pay for it: under a limit that counts as spent.
            presumed = engine.night.limits.needsPrices ? worstCase ?? 0 : 0
            try await session.write([intent], spending: presumed)
        } catch {
            engine.night.settle(worstCase: worstCase, cost: 0)
            session.unwrittenSpending = session.unwrittenSpending.saturatingSum(-presumed)
            throw .wrapping(error)
        }
        wait()
        return .granted
    }

    /// A failed attempt costs nothing where nothing was said; a reply that was lost on its way counts as spent.
    ///
    /// - Parameter mayBeCharged: where somebody knows better than the error whether the provider may have worked on it.
    func after(_ attempt: Attempt, _ error: ProviderError, mayBeCharged: Bool? = nil) async throws(RunEnd) {
        goOn()
        // Minutes may pass before the next attempt.
        session.own.release()
        // Nobody was called where the request never left; the journal's intent alone tells that it was meant to.
        if error != .notSent {
            session.pending.append(
                span(attempt, usage: TokenUsage(), cost: 0, milliseconds: 0, stop: error.reasonCode))
        }
        let lost = mayBeCharged ?? error.mayBeCharged ? presumed : 0
        settle(lost)
        if error != .notSent {
            var failed = ModelSpending(model: attempt.model)
            failed.failures = 1
            failed.costPicoUSD = lost
            session.spending[attempt.model, default: ModelSpending(model: attempt.model)].add(failed)
        }
        guard presumed > lost || isBatched else { return }
        do {
            try await session.write([], spending: lost - presumed, settling: ticket)
        } catch {
            throw .wrapping(error)
        }
    }

    /// Journals the reply with the spans of the round.
    func record(_ reply: Reply, _ attempt: Attempt, started: UInt64) async throws {
        let price = price(of: attempt.model)
        let cost = price?.cost(of: reply.usage) ?? 0
        if price == nil { session.isPriced = false }
        settle(cost)
        var spent = ModelSpending(model: attempt.model)
        spent.replies = 1
        spent.usage = reply.usage
        spent.costPicoUSD = cost
        spent.isPriced = price != nil
        session.spending[attempt.model, default: ModelSpending(model: attempt.model)].add(spent)
        let elapsed = Int((session.time.monotonicNanoseconds() &- started) / 1_000_000)
        let keys = try session.keys()
        let result = try session.journal.seal(
            "model.result/\(round)/\(number(attempt))",
            [
                "provider": .string(attempt.model.provider), "model": .string(attempt.model.model),
                "reply": reply.json, "cost": .integer(cost), "priced": .bool(price != nil),
            ], keys: keys)
        // The clean room is not the context that was composed; its own digest stands on its call.
        if round > 0, !session.isComposedRecorded {
            session.isComposedRecorded = true
            session.pending.insert(try session.composedSpan(of: attempt.model, keys: keys), at: 0)
        }
        var called = span(
            attempt, usage: reply.usage, cost: cost, milliseconds: elapsed, stop: reply.stop.rawValue)
        called.sealed = try session.sealedFields(
            ["reply": .array(reply.blocks.map(\.json))], of: called.id, keys: keys)
        session.pending.append(called)
        try await session.write([result], spending: cost - presumed, settling: ticket)
    }

    /// The largest cost that a span can hold, in pico-USD: 2^53-1, some 9,007 USD.
    ///
    /// The run's row holds it all.
    private static let largestRecorded: Int64 = 9_007_199_254_740_991

    private func span(
        _ attempt: Attempt, usage: TokenUsage, cost: Int64, milliseconds: Int, stop: String
    ) -> SpanDraft {
        session.span(
            .providerCalled,
            metadata: [
                "provider": .string(attempt.model.provider), "model": .string(attempt.model.model),
                "round": .integer(Int64(round)), "attempt": .integer(Int64(number(attempt))),
                "digest": .string(digest), "input": .integer(Int64(usage.input)),
                "cacheRead": .integer(Int64(usage.cacheRead)), "cacheWrite": .integer(Int64(usage.cacheWrite)),
                "output": .integer(Int64(usage.output)), "house": .integer(Int64(session.houseTokens)),
                "costPicoUSD": .integer(min(cost, Self.largestRecorded)), "ms": .integer(Int64(milliseconds)),
                "stop": .string(stop),
            ])
    }
}
