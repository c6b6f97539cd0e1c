// A round that is asked in a batch: handed in, or found under way from an earlier start.
import Encoding
import Providers

extension RunSession {
    /// Asks for one reply by a batch; nil where the round is to be asked directly, also after a batch brought none.
    func askByBatch(round: Int, models: [ModelName]) async throws -> (reply: Reply, model: ModelName)? {
        let desk = engine.batches
        let ticket = BatchTicket(run: claim.run, round: round)
        let asking = Asking(session: self, round: round, earlierAttempts: journal.attempts(round: round))
        let started = time.monotonicNanoseconds()
        let attempt: Attempt
        let outcome: BatchOutcome
        if let entry = desk.entry(of: ticket) {
            asking.resume(entry)
            attempt = Attempt(
                model: entry.model, number: entry.attempt - journal.attempts(round: round),
                isFallback: entry.model != models.first, body: .none)
            // Hours may pass: neither package nor keys stay open.
            own.release()
            outcome = await desk.wait(for: ticket)
        } else {
            guard desk.collects, let model = models.first, engine.router.takesBatches(model),
                engine.router.isAvailable(model)
            else { return nil }
            asking.handIn(as: ticket)
            let body = try engine.router.batchBody(of: conversation, for: model)
            attempt = Attempt(model: model, number: 1, isFallback: false, body: body)
            guard try await asking.before(attempt) == .granted else {
                // A direct call would cost more still.
                throw RunEnd.overBudget(asking.refusal ?? .night)
            }
            let entry = BatchEntry(
                ticket: ticket, attempt: journal.attempts(round: round), model: model, presumed: asking.presumption)
            own.release()
            outcome = await desk.submit(BatchSubmission(entry: entry, body: body.bytes))
        }
        return try await take(outcome, of: ticket, attempt, asking, started: started)
    }

    private func take(
        _ outcome: BatchOutcome, of ticket: BatchTicket, _ attempt: Attempt, _ asking: Asking, started: UInt64
    ) async throws -> (reply: Reply, model: ModelName)? {
        switch outcome {
        case .reply(var reply):
            reply.estimateInput(of: conversation)
            if reply.model.isEmpty { reply.model = attempt.model.model }
            usedFallback = usedFallback || attempt.model != ownModel
            try await asking.record(reply, attempt, started: started)
            engine.batches.settled(ticket)
            return (reply, attempt.model)
        case .failed(let error, let mayBeCharged):
            try await asking.after(attempt, error, mayBeCharged: mayBeCharged)
            engine.batches.settled(ticket)
            return nil
        case .pending: throw RunEnd.park(reason: "batch_pending")
        case .stopped: throw RunEnd.interrupted
        case .broken(let error): throw RunEnd.engine(error)
        }
    }
}
