// Asking until there is an answer: retries of one model, then the next in the list.
internal import Cryptography
internal import HTTPClient

/// An attempt that is about to be made.
public struct Attempt: Sendable, Equatable {
    /// Whom it asks.
    public let model: ModelName
    /// Its number within the exchange, from 1.
    public let number: Int
    /// Whether another model than the first of the list would speak.
    public let isFallback: Bool
    /// The bytes that will be sent, the same for the same conversation and model: for the journal's digest.
    ///
    /// Gone a moment after they were sent.
    public var body: WrittenBody {
        payload.pieces.map { WrittenBody(opening: $0.beginning, rest: $0.rest) } ?? .none
    }
    let payload: RequestBody

    /// Describes an attempt; only the attempt holds the bytes of its body then.
    public init(model: ModelName, number: Int, isFallback: Bool, body: WrittenBody) {
        self.model = model
        self.number = number
        self.isFallback = isFallback
        payload = RequestBody(body.opening, then: body.rest)
    }

    /// Whether both are the same attempt.
    public static func == (one: Attempt, other: Attempt) -> Bool {
        one.model == other.model && one.number == other.number && one.isFallback == other.isFallback
            && one.body == other.body
    }
}

/// What came of asking.
public enum ExchangeOutcome: Sendable, Equatable {
    /// A whole reply, and which attempt brought it.
    case answered(Reply, Attempt)
    /// Nobody could answer now; it may work on another day. The error is that of the first model that was asked.
    case parked(ProviderError, ModelName)
    /// The request cannot be answered, however often it is sent.
    case failed(ProviderError, ModelName)
    /// There was no model to ask, or each was declined before it was asked.
    case unavailable
    /// Somebody wanted it to stop.
    case cancelled
}

/// Whether an attempt may be made.
public enum AttemptPermission: Sendable, Equatable {
    /// It may.
    case granted
    /// Not this model: unpriced or over budget, say; the next may be asked.
    case declined
}

extension ProviderRouter {
    /// Asks as the other form does, with a conversation that nobody lets go of meanwhile.
    public func exchange<Stop: Error>(
        _ conversation: Conversation, with models: [ModelName],
        before: (Attempt) async throws(Stop) -> AttemptPermission,
        after: (Attempt, ProviderError) async throws(Stop) -> Void
    ) async throws(Stop) -> ExchangeOutcome {
        try await exchange(
            conversation, with: models, restoring: { () async throws(Stop) -> Conversation? in nil }, before: before,
            after: after)
    }

    /// Asks the models in order, each with the retries of ``RetryPolicy``, until one has answered.
    ///
    /// - Parameters:
    ///   - conversation: what to ask.
    ///   - models: whom, in order; see ``order(preferred:fallback:)``.
    ///   - restoring: called where the conversation was let go of meanwhile and is needed for another attempt; gives it
    ///     again, saying the same.
    ///   - before: called before each attempt, for the journal and the budget; what it throws ends the exchange.
    ///   - after: called after each failed attempt.
    public func exchange<Stop: Error>(
        _ conversation: Conversation, with models: [ModelName],
        restoring: () async throws(Stop) -> Conversation?,
        before: (Attempt) async throws(Stop) -> AttemptPermission,
        after: (Attempt, ProviderError) async throws(Stop) -> Void
    ) async throws(Stop) -> ExchangeOutcome {
        var conversation = conversation
        var first: (error: ProviderError, model: ModelName)?
        var number = 0
        let exchange = nextExchange()
        for (place, model) in models.enumerated() {
            // A provider that answers nobody is not waited for where another one can speak.
            if isStalled(model.provider),
                models[(place + 1)...].contains(where: { isAvailable($0) && !isStalled($0.provider) })
            {
                first = first ?? (refusal(of: model.provider), model)
                continue
            }
            var state = RetryState()
            let breaker = breaker(of: model.provider)
            // Whoever was to probe a silent provider and did not lets the next one do it.
            defer { breaker?.withdraw(exchange) }
            asking: while true {
                switch await breaker?.enter(exchange) ?? .granted {
                case .granted: break
                case .cancelled: return .cancelled
                case .refused:
                    first = first ?? (refusal(of: model.provider), model)
                    break asking
                }
                if conversation.isReleased, let again = try await restoring() { conversation = again }
                let attempt: Attempt
                do throws(ProviderError) {
                    attempt = Attempt(
                        model: model, number: number + 1, isFallback: place > 0,
                        body: try requestBody(of: conversation, for: model))
                } catch {
                    guard error.isAboutTheModel else { return .failed(error, model) }
                    first = first ?? (error, model)
                    break asking
                }
                number += 1
                guard try await before(attempt) == .granted else { break asking }
                let failure: ProviderError
                do throws(ProviderError) {
                    return .answered(
                        try await send(attempt.payload, of: conversation, to: model, exchange: exchange), attempt)
                } catch {
                    failure = error
                }
                try await after(attempt, failure)
                let step = RetryPolicy.decide(after: failure, state: state, random: random.uint64())
                state = step.state
                switch step.decision {
                case .retry(let wait):
                    do { try await sleep(wait) } catch { return .cancelled }
                case .stop: return .cancelled
                case .fail where !failure.isAboutTheModel: return .failed(failure, model)
                case .fail, .park, .openBreaker:
                    first = first ?? (failure, model)
                    break asking
                }
            }
        }
        guard let first else { return .unavailable }
        return first.error.failureClass == .final
            ? .failed(first.error, first.model) : .parked(first.error, first.model)
    }
}

extension ProviderError {
    /// Whether the model or its provider is what is wrong, so that another may do where this one is final.
    var isAboutTheModel: Bool {
        switch self {
        case .unknownProvider, .invalidSettings, .rehearsalUnavailable: true
        case .refused(let refusal): refusal.status == 404
        default: false
        }
    }
}
