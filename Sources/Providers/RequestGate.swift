// The gate before one provider: how many requests at once, and how many a minute.
internal import Encoding
internal import Synchronization

/// Lets requests of one provider through in the order they came, within its limits.
final class RequestGate: Sendable {
    private struct State {
        var free: Int
        var nextTicket: UInt64 = 0
        var waiting: [(ticket: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
        var cancelled: Set<UInt64> = []
        var requests: TokenBucket?
        var tokens: TokenBucket?
    }

    private let state: Mutex<State>
    private let time: TimeSource
    private let sleep: Sleep

    init(settings: ProviderSettings, time: TimeSource, sleep: @escaping Sleep) {
        state = Mutex(
            State(
                free: max(1, settings.concurrency),
                requests: settings.requestsPerMinute.map { TokenBucket(perMinute: $0) },
                tokens: settings.tokensPerMinute.map { TokenBucket(perMinute: $0) }))
        self.time = time
        self.sleep = sleep
    }

    /// Waits for a place and for the rate; false when the task was cancelled meanwhile, else `leave()` must follow.
    func enter(tokens: Int) async -> Bool {
        guard await takePlace() else { return false }
        let now = time.monotonicNanoseconds()
        let wait = state.withLock { state in
            max(state.requests?.take(1, at: now) ?? 0, state.tokens?.take(tokens, at: now) ?? 0)
        }
        if wait > 0 {
            do {
                try await sleep(Int64(clamping: (wait + 999_999) / 1_000_000))
            } catch {
                leave()
                return false
            }
        }
        if Task.isCancelled {
            leave()
            return false
        }
        return true
    }

    /// Gives the place to whoever waited longest.
    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            if state.waiting.isEmpty {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }

    /// Corrects the rate by what an answer's headers say is left of it.
    func correct(by headers: (String) -> String?) {
        let limits = RateHeaders(now: time.now(), header: headers)
        let now = time.monotonicNanoseconds()
        func reopening(_ milliseconds: Int64) -> UInt64 { now &+ UInt64(max(0, milliseconds)) &* 1_000_000 }
        if limits.requestsReopenMilliseconds == nil && limits.tokensReopenMilliseconds == nil { return }
        state.withLock { state in
            if let wait = limits.requestsReopenMilliseconds { state.requests?.close(until: reopening(wait)) }
            if let wait = limits.tokensReopenMilliseconds { state.tokens?.close(until: reopening(wait)) }
        }
    }

    private func takePlace() async -> Bool {
        let ticket = state.withLock { state -> UInt64? in
            if state.free > 0 {
                state.free -= 1
                return nil
            }
            state.nextTicket += 1
            return state.nextTicket
        }
        guard let ticket else { return true }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Bool? in
                    if state.cancelled.remove(ticket) != nil { return false }
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    state.waiting.append((ticket, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard let place = state.waiting.firstIndex(where: { $0.ticket == ticket }) else {
                    // Not waiting yet, which this tells it; or already let through, which leaves a number behind.
                    state.cancelled.insert(ticket)
                    return nil
                }
                return state.waiting.remove(at: place).continuation
            }
            waiter?.resume(returning: false)
        }
    }
}

/// When a used-up rate opens again, as answers say it.
struct RateHeaders: Equatable {
    var requestsReopenMilliseconds: Int64?
    var tokensReopenMilliseconds: Int64?

    /// Reads Anthropic's `remaining` and `reset` (RFC 3339), else OpenAI's (durations); the unreadable says nothing.
    init(now: Instant, header: (String) -> String?) {
        func reopening(_ kind: String, openAI: String) -> Int64? {
            if header("anthropic-ratelimit-\(kind)-remaining") == "0" {
                return header("anthropic-ratelimit-\(kind)-reset").flatMap(Instant.init(rfc3339:))
                    .map { max(0, $0.milliseconds(since: now)) }
            }
            // Azure sends 0 and -1 without meaning it; without a duration there is nothing to wait for.
            guard header("x-ratelimit-remaining-\(openAI)") == "0" else { return nil }
            return header("x-ratelimit-reset-\(openAI)").flatMap(Self.duration)
        }
        let longest: Int64 = 3_600_000
        requestsReopenMilliseconds = reopening("requests", openAI: "requests").map { min($0, longest) }
        tokensReopenMilliseconds = reopening("input-tokens", openAI: "tokens").map { min($0, longest) }
    }

    /// Reads durations such as `1s`, `6m0s`, `20ms`, `1h2m3.5s`, rounded up to milliseconds.
    static func duration(_ text: String) -> Int64? {
        let units: [String: Double] = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000]
        var total = 0.0
        var rest = Substring(text)
        guard !text.isEmpty, text.utf8.count <= 32 else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest[digits.endIndex...]
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest[unit.endIndex...]
            guard let number = Double(digits), let scale = units[String(unit)] else { return nil }
            total += number * scale
        }
        return total.isFinite && total < 1e12 ? Int64(total.rounded(.up)) : nil
    }
}
