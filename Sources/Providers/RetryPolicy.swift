// When to send a failed request again: a pure function, so that its whole table is tested.

/// What a request has been through so far.
public struct RetryState: Sendable, Equatable {
    /// Attempts that failed and count.
    public var failedAttempts: Int
    /// Answers that asked to come back later and cost no attempt.
    public var busyAnswers: Int
    /// How long it has waited for busy providers, in milliseconds.
    public var busyMilliseconds: Int64

    /// A state; without arguments that of a request never sent.
    public init(failedAttempts: Int = 0, busyAnswers: Int = 0, busyMilliseconds: Int64 = 0) {
        self.failedAttempts = failedAttempts
        self.busyAnswers = busyAnswers
        self.busyMilliseconds = busyMilliseconds
    }
}

/// What to do after a failure.
public enum RetryDecision: Sendable, Equatable {
    /// Send it again after that time.
    case retry(afterMilliseconds: Int64)
    /// It may work on another day: the run is parked.
    case park
    /// It will not work: the run fails.
    case fail
    /// The provider is left alone for the night.
    case openBreaker
    /// Stop, as was asked; nothing counts.
    case stop
}

/// How failures are answered (engine.md, "Providers, money, failure").
public enum RetryPolicy {
    /// So many attempts may fail before a request is given up.
    public static let maximumAttempts = 5
    /// So many times a busy provider is asked again.
    public static let maximumBusyAnswers = 20
    /// So long a request waits for busy providers in all, in milliseconds: half an hour.
    public static let maximumBusyMilliseconds: Int64 = 1_800_000
    /// The first ceiling of the back-off, in milliseconds; it doubles each time.
    public static let firstCeilingMilliseconds: Int64 = 2_000
    /// The last ceiling of the back-off, in milliseconds: 5 minutes.
    public static let lastCeilingMilliseconds: Int64 = 300_000

    /// What to do after a failure, and what the request has then been through.
    ///
    /// 429 and 529 burn no attempt but are bounded in number and in time. 5xx, time-outs, broken connections and broken
    /// replies are tried five times in all, with full jitter below a ceiling that doubles from 2 s to 5 min. A wait
    /// that the provider names is kept. Other 4xx are final; key, account and spend cap open the provider's breaker.
    ///
    /// - Parameters:
    ///   - failure: how bad it was.
    ///   - hints: what the headers said.
    ///   - state: what the request went through before this failure.
    ///   - random: any number, spread over the whole range; it decides the jitter.
    public static func decide(
        after failure: FailureClass, hints: RetryHints = RetryHints(), state: RetryState, random: UInt64
    ) -> (decision: RetryDecision, state: RetryState) {
        var next = state
        switch failure {
        case .cancelled: return (.stop, state)
        case .final: return (.fail, state)
        case .providerDown: return (.openBreaker, state)
        case .busy:
            next.busyAnswers += 1
            let wait =
                hints.afterMilliseconds ?? jitter(ceiling: ceiling(step: state.busyAnswers), random: random)
            let (waited, overflow) = state.busyMilliseconds.addingReportingOverflow(wait)
            guard next.busyAnswers < maximumBusyAnswers, !overflow, waited <= maximumBusyMilliseconds else {
                return (.park, next)
            }
            next.busyMilliseconds = waited
            return (.retry(afterMilliseconds: wait), next)
        case .transient, .conflict:
            next.failedAttempts += 1
            guard next.failedAttempts < (failure == .conflict ? 2 : maximumAttempts) else {
                return (failure == .conflict ? .fail : .park, next)
            }
            let wait = hints.afterMilliseconds ?? jitter(ceiling: ceiling(step: state.failedAttempts), random: random)
            guard wait <= maximumBusyMilliseconds else { return (.park, next) }
            return (.retry(afterMilliseconds: wait), next)
        }
    }

    /// The same for an error as the router throws it.
    public static func decide(
        after error: ProviderError, state: RetryState, random: UInt64
    ) -> (decision: RetryDecision, state: RetryState) {
        decide(after: error.failureClass, hints: error.hints, state: state, random: random)
    }

    /// The ceiling of the back-off after so many waits.
    static func ceiling(step: Int) -> Int64 {
        step >= 8 ? lastCeilingMilliseconds : min(lastCeilingMilliseconds, firstCeilingMilliseconds << max(0, step))
    }

    /// A wait from nothing to the ceiling, both included.
    static func jitter(ceiling: Int64, random: UInt64) -> Int64 {
        Int64((UInt64(ceiling) + 1).multipliedFullWidth(by: random).high)
    }
}
