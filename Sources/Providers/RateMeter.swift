// The rates of one key: requests, input and output tokens, taken before a request and corrected by its answer.
internal import Encoding
internal import Synchronization

/// What one request takes from the rates of its key.
struct RateUse: Equatable, Sendable {
    var requests = 1
    var input: Int
    var output: Int

    /// So much output a request is taken to have before it is known; real answers are mostly shorter.
    static let expectedOutput = 1_024

    /// Input and output; a provider that keeps one rate for both has them all in `input`.
    init(input: Int, output: Int, isJoint: Bool) {
        self.input = isJoint ? input + output : input
        self.output = isJoint ? 0 : output
    }

    /// What a reply turned out to take: reads of the provider's cache are free of a separate input rate.
    init(_ usage: TokenUsage, isJoint: Bool) {
        self.init(
            input: isJoint ? usage.totalInput : usage.input + usage.cacheWrite, output: usage.output, isJoint: isJoint)
    }
}

/// One key's buckets: those of the settings, and those that the provider says it keeps.
///
/// Providers of one host and one key share a meter, since they share the limits.
final class RateMeter: Sendable {
    private struct Rate: Sendable {
        var configured: TokenBucket?
        var reported: TokenBucket?
        var underWay = 0

        mutating func take(_ units: Int, at now: UInt64) -> UInt64 {
            underWay += units
            return max(configured?.take(units, at: now) ?? 0, reported?.take(units, at: now) ?? 0)
        }

        /// Ends a request that took `expected` units and used `actual`; nil: nobody knows, what was taken stays taken.
        mutating func settle(expected: Int, actual: Int?, at now: UInt64) {
            underWay = max(0, underWay - expected)
            guard let actual else { return }
            if actual < expected {
                configured?.giveBack(expected - actual, at: now)
                reported?.giveBack(expected - actual, at: now)
            } else if actual > expected {
                _ = configured?.take(actual - expected, at: now)
                _ = reported?.take(actual - expected, at: now)
            }
        }

        /// Believes the provider; `own` units are the answered request's, which it has counted.
        mutating func correct(by report: RateReport?, own: Int, at now: UInt64) {
            guard let report else { return }
            reported = TokenBucket(reported: report, underWay: max(0, underWay - own), at: now)
        }
    }

    private struct State: Sendable {
        var requests = Rate()
        var input = Rate()
        var output = Rate()
    }

    private let state: Mutex<State>
    private let time: TimeSource
    /// Whether the provider keeps one rate for input and output together.
    let isJoint: Bool

    init(settings: ProviderSettings, time: TimeSource) {
        var state = State()
        state.requests.configured = settings.requestsPerMinute.map { TokenBucket(perMinute: $0) }
        state.input.configured = settings.tokensPerMinute.map { TokenBucket(perMinute: $0) }
        state.output.configured = settings.outputTokensPerMinute.map { TokenBucket(perMinute: $0) }
        self.state = Mutex(state)
        self.time = time
        isJoint = settings.dialect == .openai
    }

    /// Takes what a request will use and says how long it must wait first, in milliseconds.
    func take(_ use: RateUse) -> Int64 {
        let now = time.monotonicNanoseconds()
        let wait = state.withLock { state in
            max(
                state.requests.take(use.requests, at: now), state.input.take(use.input, at: now),
                state.output.take(use.output, at: now))
        }
        return min(Int64(clamping: (wait + 999_999) / 1_000_000), RateHeaders.longestMilliseconds)
    }

    /// Ends a request: what it did not use is there for others.
    func settle(_ expected: RateUse, actual: RateUse?) {
        let now = time.monotonicNanoseconds()
        state.withLock { state in
            state.requests.settle(expected: expected.requests, actual: nil, at: now)
            state.input.settle(expected: expected.input, actual: actual?.input, at: now)
            state.output.settle(expected: expected.output, actual: actual?.output, at: now)
        }
    }

    /// Corrects the rates by what an answer's headers say is left of them.
    func correct(by headers: (String) -> String?, own: RateUse) {
        let reports = RateHeaders(now: time.now(), header: headers)
        guard reports.requests != nil || reports.input != nil || reports.output != nil else { return }
        let now = time.monotonicNanoseconds()
        state.withLock { state in
            state.requests.correct(by: reports.requests, own: own.requests, at: now)
            state.input.correct(by: reports.input, own: own.input, at: now)
            state.output.correct(by: reports.output, own: own.output, at: now)
        }
    }
}
