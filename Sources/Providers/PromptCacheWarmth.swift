// The first request to a model goes alone, so that those after it read the prompt cache that it writes.
internal import Encoding
internal import Synchronization

/// What the prompt caches of a model are keyed by, as far as the house knows: the model and the shared beginning.
struct PromptPrefix: Hashable, Sendable {
    let model: ModelName
    /// The names of the tools, which stand before everything else.
    let tools: [String]
    /// The length of the first block of the instructions, which is the preamble for everybody.
    let opening: Int

    init(_ conversation: Conversation, model: ModelName) {
        self.model = model
        tools = conversation.tools.map(\.name)
        opening = conversation.system.first?.text.utf8.count ?? 0
    }

    /// The tokens of the shared beginning of a conversation, rather too many than too few.
    static func tokens(of conversation: Conversation) -> Int {
        TokenEstimate.tokens(in: conversation.tools)
            + TokenEstimate.tokens(in: conversation.system.first?.text ?? "")
    }
}

/// Which models' prompt caches are warm; callers of a cold one wait for whoever came first (providers.md 1.2).
///
/// An entry can be read only once the answer to the request that writes it has begun. Should that request fail, those
/// who waited go on all at once: they have waited long enough.
final class PromptCacheWarmth: Sendable {
    private enum Warmth {
        case warming([(ticket: UInt64, continuation: CheckedContinuation<Bool, Never>)])
        case warm(until: UInt64)
    }

    private struct State {
        var prefixes: [PromptPrefix: Warmth] = [:]
        var nextTicket: UInt64 = 0
        var cancelled: Set<UInt64> = []
    }

    /// What a caller may do.
    enum Turn {
        /// It is the first: it must call `finished`.
        case first
        /// The cache is warm, or nobody could warm it.
        case later
        /// The task was cancelled while it waited.
        case cancelled
    }

    private let state = Mutex(State())
    private let time: TimeSource

    init(time: TimeSource) { self.time = time }

    /// Waits where another request is warming the model's cache.
    func enter(_ prefix: PromptPrefix) async -> Turn {
        let now = time.monotonicNanoseconds()
        let ticket = state.withLock { state -> UInt64? in
            if case .warm(let until) = state.prefixes[prefix], now < until { return nil }
            if case .warming = state.prefixes[prefix] {
                state.nextTicket += 1
                return state.nextTicket
            }
            state.prefixes[prefix] = .warming([])
            return 0
        }
        guard let ticket else { return .later }
        if ticket == 0 { return .first }
        return await wait(for: prefix, ticket) ? .later : .cancelled
    }

    /// Says how the first request ended, and lets the others go on; a warm entry lives as long as it is used.
    func finished(_ prefix: PromptPrefix, isWarm: Bool, lifetime: CacheLifetime) {
        let seconds: UInt64 = lifetime == .fiveMinutes ? 300 : 3_600
        let until = time.monotonicNanoseconds() &+ seconds &* 1_000_000_000
        let waiting = state.withLock { state -> [CheckedContinuation<Bool, Never>] in
            let before = state.prefixes[prefix]
            state.prefixes[prefix] = isWarm ? .warm(until: until) : nil
            if case .warming(let waiting) = before { return waiting.map(\.continuation) }
            return []
        }
        for continuation in waiting { continuation.resume(returning: true) }
    }

    private func wait(for prefix: PromptPrefix, _ ticket: UInt64) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Bool? in
                    if state.cancelled.remove(ticket) != nil { return false }
                    guard case .warming(let waiting) = state.prefixes[prefix] else { return true }
                    state.prefixes[prefix] = .warming(waiting + [(ticket, continuation)])
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard case .warming(var waiting) = state.prefixes[prefix],
                    let place = waiting.firstIndex(where: { $0.ticket == ticket })
                else {
                    // Not waiting yet, which this tells it; or already let through, which leaves a number behind.
                    state.cancelled.insert(ticket)
                    return nil
                }
                let waiter = waiting.remove(at: place).continuation
                state.prefixes[prefix] = .warming(waiting)
                return waiter
            }
            waiter?.resume(returning: false)
        }
    }
}
