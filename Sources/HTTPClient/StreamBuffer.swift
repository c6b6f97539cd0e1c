// Between the transfer thread and the consumer of a stream: bounded, and each waiter resumed exactly once.
internal import Synchronization

/// What has arrived of a streamed response and was not yet taken.
final class StreamBuffer: Sendable {
    /// Above this the transfer is paused, so that a slow consumer costs no memory.
    static let pauseBytes = 262_144

    typealias HeadResult = Result<ResponseHead, HTTPError>
    typealias ChunkResult = Result<[UInt8]?, HTTPError>

    private struct State {
        var headWaiter: CheckedContinuation<HeadResult, Never>?
        /// Empty whenever a consumer waits.
        var pending: [UInt8] = []
        var chunkWaiter: CheckedContinuation<ChunkResult, Never>?
        var isPaused = false
        var isFinished = false
        var error: HTTPError?
    }

    private let order: Order
    private let inbox: Inbox
    private let state = Mutex(State())

    init(order: Order, inbox: Inbox) {
        self.order = order
        self.inbox = inbox
    }

    // MARK: The transfer thread's side

    /// The header section is complete.
    func deliver(_ head: ResponseHead) {
        let waiter = state.withLock { $0.headWaiter.take() }
        waiter?.resume(returning: .success(head))
    }

    /// Takes bytes of the body; false when there is no room and the transfer must pause.
    func deliver(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var waiter: CheckedContinuation<ChunkResult, Never>?
        var chunk: [UInt8] = []
        let isAccepted = state.withLock { state in
            guard state.pending.count < Self.pauseBytes else {
                state.isPaused = true
                return false
            }
            state.pending.append(contentsOf: bytes)
            waiter = state.chunkWaiter.take()
            if waiter != nil { swap(&chunk, &state.pending) }
            return true
        }
        waiter?.resume(returning: .success(chunk))
        return isAccepted
    }

    /// The transfer ended, well or with an error; only the first end counts.
    func finish(_ error: HTTPError?) {
        var headWaiter: CheckedContinuation<HeadResult, Never>?
        var chunkWaiter: CheckedContinuation<ChunkResult, Never>?
        state.withLock { state in
            guard !state.isFinished else { return }
            state.isFinished = true
            headWaiter = state.headWaiter.take()
            chunkWaiter = state.chunkWaiter.take()
            // Whoever waits now is told the error; otherwise the next one to ask is.
            if headWaiter == nil, chunkWaiter == nil { state.error = error }
        }
        headWaiter?.resume(returning: .failure(error ?? .malformedResponse))
        let end: ChunkResult = if let error { .failure(error) } else { .success(nil) }
        chunkWaiter?.resume(returning: end)
    }

    // MARK: The consumer's side

    /// Starts the request and waits for its head.
    func open() async -> Result<ResponseHead, HTTPError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                state.withLock { $0.headWaiter = continuation }
                inbox.start(order, .streamed(self))
            }
        } onCancel: {
            order.cancel(inbox)
        }
    }

    /// The bytes that came since the last call, waiting for the first of them.
    func next() async -> Result<[UInt8]?, HTTPError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let ready = takeReady(orWait: continuation) { continuation.resume(returning: ready) }
            }
        } onCancel: {
            abandon()
        }
    }

    /// Ends the transfer on the consumer's wish.
    func abandon() {
        finish(.cancelled)
        order.cancel(inbox)
    }

    /// What can be told at once; nil when the continuation was put by.
    private func takeReady(orWait continuation: CheckedContinuation<ChunkResult, Never>) -> ChunkResult? {
        var mustResume = false
        let ready: ChunkResult? = state.withLock { state in
            if !state.pending.isEmpty {
                var chunk: [UInt8] = []
                swap(&chunk, &state.pending)
                mustResume = state.isPaused
                state.isPaused = false
                return .success(chunk)
            }
            if state.isFinished {
                guard let error = state.error.take() else { return .success(nil) }
                return .failure(error)
            }
            precondition(state.chunkWaiter == nil, "a response body has one consumer at a time")
            state.chunkWaiter = continuation
            return nil
        }
        if mustResume { inbox.post(.resume(order)) }
        return ready
    }
}
