// The breaker of a provider that does not answer: who waits for it, who probes, who is let go on.
internal import Encoding
internal import HTTPClient
internal import Synchronization

/// Holds the requests to a provider back while it is silent, and lets one probe.
final class ProviderBreaker: Sendable {
    private struct State: Sendable {
        var health: ProviderHealth
        var waiting: [AsyncStream<Void>.Continuation] = []
    }

    /// What came of waiting.
    enum Entry: Sendable, Equatable {
        /// It may be asked; what becomes of it must be reported, or withdrawn.
        case granted
        /// The night's patience is at its end.
        case refused
        /// The task was cancelled.
        case cancelled
    }

    private let state: Mutex<State>
    private let patience: UInt64
    private let time: TimeSource
    private let sleep: Sleep

    init(patienceMilliseconds: Int64, time: TimeSource, sleep: @escaping Sleep) {
        patience = UInt64(max(0, patienceMilliseconds)) &* 1_000_000
        state = Mutex(State(health: ProviderHealth(patience: patience)))
        self.time = time
        self.sleep = sleep
    }

    /// Whether somebody who asked now would have to wait.
    var isStalled: Bool {
        state.withLock { state in
            switch state.health.state {
            case .open, .probing: true
            case .closed, .givenUp: false
            }
        }
    }

    /// Whether the provider is left alone for the night.
    var isGivenUp: Bool { state.withLock { $0.health.state == .givenUp } }

    /// Whether an exchange may ask at once; it becomes the probe where one is due.
    func lets(_ exchange: UInt64) -> Bool {
        let now = time.monotonicNanoseconds()
        return state.withLock { $0.health.admission(of: exchange, at: now) == .granted }
    }

    /// Waits until an exchange may ask.
    func enter(_ exchange: UInt64) async -> Entry {
        while true {
            let now = time.monotonicNanoseconds()
            let (admission, turn) = state.withLock { state -> (ProviderHealth.Admission, AsyncStream<Void>?) in
                let admission = state.health.admission(of: exchange, at: now)
                guard admission == .waitForProbe else { return (admission, nil) }
                let (stream, continuation) = AsyncStream<Void>.makeStream()
                state.waiting.append(continuation)
                return (admission, stream)
            }
            switch admission {
            case .granted: return .granted
            case .refused: return .refused
            case .wait(let until):
                do { try await sleep(Int64(clamping: (until - now + 999_999) / 1_000_000)) } catch {
                    return .cancelled
                }
                state.withLock { $0.health.ripen(until) }
            case .waitForProbe:
                if let turn { for await _ in turn { break } }
            }
            if Task.isCancelled { return .cancelled }
        }
    }

    /// Takes note of what became of a request, and lets those go on who waited for it.
    func report(_ sign: ProviderSign, of exchange: UInt64) {
        let now = time.monotonicNanoseconds()
        change { $0.report(sign, of: exchange, at: now) }
    }

    /// An exchange that may have been the probe is not going to ask.
    func withdraw(_ exchange: UInt64) { change { $0.withdraw(exchange) } }

    /// A new night: nothing is held against the provider.
    func close() { change { [patience] in $0 = ProviderHealth(patience: patience) } }

    private func change(_ body: (inout ProviderHealth) -> Void) {
        let waiting = state.withLock { state -> [AsyncStream<Void>.Continuation] in
            let before = state.health.state
            body(&state.health)
            guard state.health.state != before else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.finish() }
    }
}

extension ProviderError {
    /// What the error says of the provider's health; nil where it says nothing, because it was never asked.
    var sign: ProviderSign? {
        switch self {
        case .refused(let refusal):
            switch refusal.failureClass {
            case .busy: .busy
            case .transient where refusal.status >= 500: .silent
            default: .answered
            }
        case .malformed: .silent
        case .transport(let error):
            switch error {
            case .cancelled, .closed, .overloaded, .invalidURL, .insecureURL, .invalidMethod, .invalidHeader: nil
            case .tooLarge, .headersTooLarge: .answered
            default: .silent
            }
        case .unknownProvider, .invalidSettings, .noKey, .breakerOpen, .invalidRequest, .rehearsalUnavailable,
            .cancelled, .notSent:
            nil
        }
    }
}
