// The clean room of a self-deletion: one question, one tool, nothing that an outsider wrote (vault.md, "Who may ask").
import Community
import Encoding
import Law
import Ledger
import Persona
import Providers
import Tools
import Vault

/// What became of a deletion request in a run.
enum DeletionCourse: Equatable {
    /// There was none to decide, or a technical failure left it for the next night.
    case untouched
    /// The resident answered in another way.
    case withdrawn
}

extension RunEngine {
    /// Holds the clean room where one is due; a report when it ended in the deletion.
    func cleanRoom(_ order: RunOrder, _ session: RunSession) async throws -> RunReport? {
        guard order.trigger != .manual, let request = session.opened.deletion,
            request.day < order.day.description,
            // The night of a later day may be played early; the ceremony keeps to the clock.
            request.day < house.dayOf(house.surroundings.time.now()).description, try session.mayAsk,
            let own = ModelName(order.resident.model)
        else { return nil }
        let keys = try house.openedVault().sealer(for: order.resident.id)
        let entropy = keys.digest(Array("clean room\0".utf8) + session.claim.run.bytes)
        guard let phrase = DeletionPhrase(entropy: entropy) else { return nil }
        let tools = house.residentTools.declarations(cleanRoom: true)
        let question = CleanRoom.question(phrase: phrase, requestedOn: request.day)
        let conversation = Conversation(
            system: [
                SystemBlock(text: house.preamble.text, cacheBreakpoint: true),
                SystemBlock(text: OwnEnvelope.wrap(request.systemPrompt, kind: .systemPrompt)),
            ], turns: [Turn(role: .user, blocks: [.text(question)])], tools: tools, maximumOutputTokens: 1_024)
        let outcome = try await session.answer(in: conversation, from: own, phrase: phrase)
        switch outcome {
        case .unanswered: return nil
        case .answered(let statement?):
            return try await selfDelete(session, statement: statement.text, started: order.started)
        case .answered(nil):
            session.withdrawDeletion(requestedOn: request.day)
            return nil
        }
    }

    /// Executes the resident's confirmed wish; the run's other staged effects are dropped.
    func selfDelete(_ session: RunSession, statement: String?, started: UInt64) async throws -> RunReport {
        // No key in memory while keys are destroyed (vault.md).
        session.own.release()
        let claim = session.claim
        let decided = DecidedDeletion(resident: session.resident, asker: .resident, words: statement)
        let spans = session.pending + [house.intentSpan(of: decided, run: claim.run)]
        session.pending = []
        try await house.record(spans) { connection in
            try RunStore.append([], of: claim, spending: 0, in: connection)
            try RunStore.decide(decided, in: connection)
        }
        try await house.execute(decided, run: claim.run)
        let elapsed = Int((house.surroundings.time.monotonicNanoseconds() &- started) / 1_000_000)
        try await house.record([session.completion(.selfDeleted, elapsed: elapsed)]) { connection in
            try RunStore.end(claim, by: .complete, reason: ConversationEnd.selfDeleted.rawValue, in: connection)
        }
        return session.report(.done, reason: ConversationEnd.selfDeleted.rawValue, elapsed: elapsed)
    }
}

/// What the clean room came to.
enum CleanRoomOutcome {
    /// Nobody could be asked; the request stays.
    case unanswered
    /// An answer came; the confirmed deletion with its statement, or nil for any other answer.
    case answered(ConfirmedDeletion?)
}

/// A deletion that the resident confirmed.
struct ConfirmedDeletion {
    let text: String?
}

extension RunSession {
    /// A run whose day began without the clean room, because nobody could be asked, does not open it when it resumes.
    fileprivate var mayAsk: Bool {
        get throws { try journal.reply(round: 0) != nil || !journal.hasBegunTheDay }
    }

    /// Asks the one question of the resident's own model, in round 0, and judges what it answers.
    fileprivate func answer(
        in room: Conversation, from model: ModelName, phrase: DeletionPhrase
    ) async throws -> CleanRoomOutcome {
        let daily = conversation
        let facts = context
        conversation = room
        context.run.isCleanRoom = true
        context.run.round = 0
        context.run.hasOutsideContent = false
        context.deletion.phrase = phrase
        defer {
            conversation = daily
            context.run = facts.run
            context.deletion.phrase = nil
        }
        let reply: Reply
        if let recorded = try journal.reply(round: 0) {
            reply = recorded.reply
        } else {
            do {
                reply = try await ask(round: 0, models: [model]).reply
            } catch RunEnd.park, RunEnd.fail, RunEnd.overBudget {
                return .unanswered
            }
        }
        // The house pays for the room, so nothing is charged; it was used all the same.
        usage = usage + reply.usage
        // A reply that a filter or a limit cut off is no answer of the resident's.
        guard [.endTurn, .toolUse, .stopSequence].contains(reply.stop) else { return .unanswered }
        return .answered(try await confirmation(in: reply))
    }

    /// The deletion that a reply of the room confirms; each of its calls is judged once, and journaled like any other.
    private func confirmation(in reply: Reply) async throws -> ConfirmedDeletion? {
        let keys = try house.openedVault().sealer(for: resident)
        var steps: [SealedStep] = []
        var confirmed: ConfirmedDeletion?
        for (index, use) in reply.toolUses.prefix(engine.settings.maximumToolCallsPerTurn).enumerated() {
            let number = index + 1
            roomCalls += 1
            let outcome: ToolOutcome
            if let recorded = try journal.outcome(round: 0, call: number) {
                outcome = recorded.outcome
            } else {
                let judged = tools.judge(use, in: context)
                outcome = tools.perform(judged, in: context)
                pending.append(try verdict(judged, call: number, isRefused: outcome.isError, keys: keys))
                if let violation = violation(judged) { pending.append(violation) }
                steps.append(
                    try journal.seal(outcome, round: 0, call: number, isRefused: outcome.isError, keys: keys))
            }
            if case .deletion(let statement) = outcome.effect {
                confirmed = ConfirmedDeletion(text: statement)
                break
            }
        }
        if !steps.isEmpty { try await write(steps) }
        return confirmed
    }

    private func verdict(
        _ judged: JudgedCall, call: Int, isRefused: Bool, keys: ResidentKeys
    ) throws -> SpanDraft {
        let id = house.surroundings.identifiers.next()
        var draft = verdictSpan(
            isRefused ? .toolRefused : .toolCalled, this: judged.nameOnLedger, verdict: judged.ruling.verdict,
            round: 0, call: call, id: id)
        draft.sealed = try sealedFields(["arguments": .object(judged.ruling.arguments)], of: id, keys: keys)
        return draft
    }

    fileprivate func withdrawDeletion(requestedOn day: String) {
        deletionCourse = .withdrawn
        context.deletion.requestedOn = nil
        context.requestedStatement = nil
    }
}
