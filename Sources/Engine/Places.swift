// How many runs work at once in a night of batches, where many more wait for results.
import Synchronization

/// Places that are taken in the order in which they were asked for; without a limit there is always one.
final class Places: Sendable {
    private struct State {
        var free = Int.max
        var waiting: [CheckedContinuation<Void, Never>] = []
        var first = 0
    }

    private let state = Mutex(State())

    /// Begins a night of so many places; nobody may be inside.
    func limit(to count: Int) { state.withLock { $0.free = max(1, count) } }

    /// Ends the limit; nobody may be inside.
    func unlimit() { state.withLock { $0.free = .max } }

    /// Waits for a place.
    func enter() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.free == .max { return true }
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Gives the place to whoever waited longest.
    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.free == .max { return nil }
            guard state.first < state.waiting.count else {
                state.waiting = []
                state.first = 0
                state.free += 1
                return nil
            }
            defer { state.first += 1 }
            return state.waiting[state.first]
        }
        next?.resume()
    }
}
