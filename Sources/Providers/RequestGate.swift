// The gate before one provider: how many requests at once, and when the rate allows one.
internal import Synchronization

/// Lets requests of one provider through in the order they came, within its limits.
final class RequestGate: Sendable {
    private struct State {
        var free: Int
        var nextTicket: UInt64 = 0
        var waiting: [(ticket: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
        var cancelled: Set<UInt64> = []
    }

    /// The rates of the provider's key.
    let meter: RateMeter
    private let state: Mutex<State>
    private let sleep: Sleep

    init(settings: ProviderSettings, meter: RateMeter, sleep: @escaping Sleep) {
        state = Mutex(State(free: max(1, settings.concurrency)))
        self.meter = meter
        self.sleep = sleep
    }

    /// Waits for a place; false when the task was cancelled meanwhile, else `leave()` must follow.
    func enter() async -> Bool {
        guard await takePlace() else { return false }
        guard !Task.isCancelled else {
            leave()
            return false
        }
        return true
    }

    /// Waits until the rate allows such a request; false when the task was cancelled, else `meter.settle` must follow.
    func await(_ use: RateUse) async -> Bool {
        let wait = meter.take(use)
        if wait > 0 {
            do { try await sleep(wait) } catch {
                meter.settle(use, actual: RateUse(input: 0, output: 0, isJoint: false))
                return false
            }
        }
        guard !Task.isCancelled else {
            meter.settle(use, actual: RateUse(input: 0, output: 0, isJoint: false))
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
