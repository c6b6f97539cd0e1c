// An answer that is given once by one thread and awaited once by one task, in either order.
internal import Synchronization

/// Holds a result until its one reader comes, or the reader until the result comes.
final class OneAnswer<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case given(Result<Value, any Error>)
        case awaited(CheckedContinuation<Value, any Error>)
        case done
    }

    private let state = Mutex(State.empty)

    /// Gives the answer; only the first one counts.
    @Sendable func give(_ result: Result<Value, any Error>) {
        let reader = state.withLock { state -> CheckedContinuation<Value, any Error>? in
            switch state {
            case .empty:
                state = .given(result)
                return nil
            case .awaited(let reader):
                state = .done
                return reader
            case .given, .done: return nil
            }
        }
        reader?.resume(with: result)
    }

    /// Waits for the answer.
    func value() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let early = state.withLock { state -> Result<Value, any Error>? in
                guard case .given(let result) = state else {
                    state = .awaited(continuation)
                    return nil
                }
                state = .done
                return result
            }
            if let early { continuation.resume(with: early) }
        }
    }
}
