// The rounds of a run: ask, journal, act, until the model stops or something is used up.
import Encoding
import HTTPClient
import Law
import Ledger
import Persona
import Providers
import Tools
import Vault

/// Why the rounds of a run ended well; the `reason` of `run.completed`.
enum ConversationEnd: String {
    case done
    case maximumRounds = "max_rounds"
    case maximumTokens = "max_tokens"
    case contentFilter = "content_filter"
    case refusal
    case tokens
    case budgetRun = "budget_run"
    case budgetResidentDay = "budget_resident_day"
    case budgetNight = "budget_night"
    case unpriced = "unpriced_model"
    case selfDeleted = "self_deleted"
}

extension BudgetRefusal {
    /// How a run ends that had begun to speak.
    var end: ConversationEnd {
        switch self {
        case .run: .budgetRun
        case .residentDay: .budgetResidentDay
        case .night: .budgetNight
        case .unpriced: .unpriced
        }
    }
}

extension RunSession {
    /// The least output that a round is worth asking for, in tokens.
    static let minimumOutput = 64

    /// Goes through the rounds, those of the journal first.
    func converse() async throws -> ConversationEnd {
        let limit = engine.settings.maximumRounds
        for round in 1...max(1, limit) {
            context.run.round = round
            conversation.toolUseAllowed = conversation.toolUseAllowed && round < limit
            conversation.carriesOn = conversation.toolUseAllowed
            let spoken: (reply: Reply, model: ModelName)
            if let recorded = try journal.reply(round: round) {
                spoken = recorded
                isPriced = isPriced && engine.router.price(of: recorded.model) != nil
                usedFallback = usedFallback || recorded.model != ownModel
            } else {
                if let end = prepareLimits(round: round) { return end }
                // Whoever spoke first in a run speaks on, as long as it can be asked.
                let order = (spokenBy.map { [$0] } ?? []) + models.filter { $0 != spokenBy }
                do {
                    spoken = try await ask(round: round, models: order)
                } catch RunEnd.overBudget(let refusal) where round > 1 {
                    // What was said and staged is paid for already: the day ends here, and nothing of it is lost.
                    return refusal.end
                }
            }
            replies.append(spoken.reply)
            spokenBy = spoken.model
            charge(spoken.reply)
            switch spoken.reply.stop {
            case .refusal: return .refusal
            case .maximumTokens, .contextExceeded: return .maximumTokens
            case .contentFilter: return .contentFilter
            case .pause:
                try say(spoken.reply.turn(from: spoken.model))
                continue
            case .endTurn, .stopSequence, .toolUse: break
            }
            guard !spoken.reply.toolUses.isEmpty else { return .done }
            try say(spoken.reply.turn(from: spoken.model))
            try await act(on: spoken.reply, round: round)
        }
        return .maximumRounds
    }

    /// Sets the output limit of the next round by what the purse holds; an end where it holds too little.
    private func prepareLimits(round: Int) -> ConversationEnd? {
        let own = max(0, TokenEstimate.inputTokens(of: conversation) - houseTokens)
        let wanted = models.first.flatMap { engine.router.capabilities(of: $0)?.maximumOutput } ?? 4_096
        let allowed = context.reservation.outputLimit(wanted: wanted, inputEstimate: own)
        // The first round always happens: the composer left room for it, and the minimum for a run was checked.
        guard round == 1 || allowed >= Self.minimumOutput else { return .tokens }
        conversation.maximumOutputTokens = max(allowed, Self.minimumOutput)
        return nil
    }

    /// Asks for one reply and makes it durable before anything is done with it.
    func ask(round: Int, models: [ModelName]) async throws -> (reply: Reply, model: ModelName) {
        guard !engine.stop.isRequested else { throw RunEnd.interrupted }
        // A provider that answers nobody is waited for before it is asked.
        if models.contains(where: engine.router.isStalled) { own.release() }
        if let spoken = try await askByBatch(round: round, models: models) { return spoken }
        let asking = Asking(session: self, round: round, earlierAttempts: journal.attempts(round: round))
        let started = time.monotonicNanoseconds()
        defer { asking.goOn() }
        let outcome = try await engine.router.exchange(
            conversation, with: models,
            restoring: { () async throws(RunEnd) in try asking.restored() },
            before: { (attempt) async throws(RunEnd) in try await asking.before(attempt) },
            after: { (attempt, error) async throws(RunEnd) in try await asking.after(attempt, error) })
        switch outcome {
        case .answered(let reply, let attempt):
            usedFallback = usedFallback || attempt.model != ownModel
            try await asking.record(reply, attempt, started: started)
            return (reply, attempt.model)
        case .parked(let error, _): throw RunEnd.park(reason: error.reasonCode)
        case .failed(let error, _): throw RunEnd.fail(reason: error.reasonCode)
        case .cancelled: throw RunEnd.interrupted
        case .unavailable:
            guard let refusal = asking.refusal else { throw RunEnd.park(reason: "no_provider") }
            throw RunEnd.overBudget(refusal)
        }
    }
}

extension RunSession {
    /// The keyed digest of a request; with the first of the day, that of its opening.
    ///
    /// Requests of one run begin alike, with nearly all their bytes: those are hashed once.
    func digest(_ body: WrittenBody, of model: ModelName, isDay: Bool, keys: ResidentKeys) throws -> String {
        if hashedOpening?.model != model || hashedOpening?.count != body.openingCount {
            hashedOpening = body.openingCount > 0 ? (model, body.openingCount, keys.prefix(body.opening)) : nil
        }
        if isDay, openingDigest == nil || isOpeningUnproven {
            let digest = hashedOpening.map { keys.digestText($0.hash, rest: []) } ?? keys.digestText(body.bytes)
            if let known = openingDigest, known.model == model, known.count == body.openingCount {
                // What was composed once more is what was said before, or it is not sent.
                guard body.openingCount == 0 || known.text == digest else { throw EngineError.storeMalformed }
                isOpeningUnproven = false
            }
            openingDigest = openingDigest ?? (model, body.openingCount, digest)
        }
        return hashedOpening.map { keys.digestText($0.hash, rest: body.rest) } ?? keys.digestText(body.bytes)
    }

    /// The span of the context, as it was put into a model's form.
    func composedSpan(of model: ModelName, keys: ResidentKeys) throws -> SpanDraft {
        if openingDigest == nil {
            // The request was made by an earlier start.
            let body = try engine.router.requestBody(of: conversation, for: model)
            _ = try digest(body, of: model, isDay: true, keys: keys)
        }
        return span(
            .contextComposed,
            metadata: [
                "digest": .string(openingDigest?.text ?? ""), "preamble": .string(house.preamble.hashText),
                "bytes": .integer(Int64(composed.bytes)), "left_out": .integer(Int64(composed.leftOut)),
                "untrusted": .bool(composed.isUntrusted),
            ])
    }
}

extension Journal {
    /// The reply that a round already brought, with the model that gave it.
    func reply(round: Int) throws -> (reply: Reply, model: ModelName)? {
        guard let step = steps.last(where: { $0.name.hasPrefix("model.result/\(round)/") })?.body else { return nil }
        guard let reply = step["reply"].flatMap({ Reply(json: $0) }), let provider = step["provider"]?.string,
            let name = step["model"]?.string, let model = ModelName(provider: provider, model: name)
        else { throw EngineError.journalBroken(run: run, step: steps.count) }
        return (reply, model)
    }

    /// Whether a round of the day itself, after any clean room, has its reply.
    var hasBegunTheDay: Bool {
        steps.contains { $0.name.hasPrefix("model.result/") && !$0.name.hasPrefix("model.result/0/") }
    }

    /// How often a round's reply was asked for.
    func attempts(round: Int) -> Int { steps.count { $0.name.hasPrefix("model.intent/\(round)/") } }
}

extension ProviderError {
    /// Whether a provider may have spoken, and so charge, although no reply came of it.
    var mayBeCharged: Bool {
        switch self {
        case .malformed, .cancelled: true
        case .transport(let error):
            switch error {
            case .timedOut(.connect), .connectFailed, .resolveFailed, .tls, .insecureURL, .invalidURL, .invalidMethod,
                .invalidHeader, .overloaded, .closed:
                false
            default: true
            }
        case .unknownProvider, .invalidSettings, .noKey, .breakerOpen, .invalidRequest, .refused,
            .rehearsalUnavailable, .notSent:
            false
        }
    }

    /// A code for the ledger and for reports: never text that a provider wrote.
    var reasonCode: String {
        switch self {
        case .unknownProvider: "unknown_provider"
        case .invalidSettings: "invalid_settings"
        case .noKey: "no_key"
        case .breakerOpen: "breaker_open"
        case .invalidRequest: "invalid_request"
        case .refused(let refusal): "http_\(refusal.status)"
        case .transport(let error): error.reasonCode
        case .malformed: "malformed_reply"
        case .rehearsalUnavailable: "rehearsal_unavailable"
        case .cancelled: "cancelled"
        case .notSent: "not_sent"
        }
    }
}

extension HTTPError {
    /// A code for the ledger and for reports.
    var reasonCode: String {
        switch self {
        case .timedOut(let phase): "timeout_\(phase.rawValue)"
        case .truncated: "truncated"
        case .connectFailed, .resolveFailed, .connectionLost: "unreachable"
        case .tls: "tls"
        case .insecureURL, .invalidURL, .invalidMethod, .invalidHeader: "invalid_url"
        case .tooLarge, .headersTooLarge: "too_large"
        case .malformedResponse: "malformed_response"
        case .cancelled, .closed: "cancelled"
        case .overloaded: "overloaded"
        case .libraryFailure: "transport"
        }
    }
}
