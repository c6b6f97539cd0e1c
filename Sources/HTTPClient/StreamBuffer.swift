// Between the transfer thread and the consumer of a stream: bounded, and each waiter resumed exactly once.
internal import Synchronization

/// What has arrived of a streamed response and was not yet taken.
final class StreamBuffer: Sendable {
    /// Above this the transfer is paused, so that a slow consumer costs no memory.
    static let pauseBytes = 262_144

    typealias HeadResult = Result<ResponseHead, HTTPError>
    typealias ChunkResult = Result<[UInt8]?, HTTPError>

    private struct State {
        var head: ResponseHead?
        var headWaiter: CheckedContinuation<HeadResult, Never>?
        var pending: [UInt8] = []
        var chunkWaiter: CheckedContinuation<ChunkResult, Never>?
        var isPaused = false
        var isFinished = false
        /// Whether nobody wants what still comes.
        var isLeft = false
        var error: HTTPError?

        /// Whether there is room again for a transfer that was paused.
        mutating func mustResume() -> Bool {
            defer { isPaused = false }
            return isPaused
        }

        /// Takes what can be told: bytes, then the end; nil where neither has come.
        mutating func ready() -> ChunkResult? {
            if !pending.isEmpty {
                var chunk: [UInt8] = []
                swap(&chunk, &pending)
                return .success(chunk)
            }
            guard isFinished else { return nil }
            return error.take().map { .failure($0) } ?? .success(nil)
        }
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
    func deliver(_ head: ResponseHead) { state.withLock { $0.head = head } }

    /// Takes bytes of the body; false when there is no room and the transfer must pause.
    func deliver(_ bytes: UnsafeRawBufferPointer) -> Bool {
        state.withLock { state in
            if state.isLeft { return true }
            guard state.pending.count < Self.pauseBytes else {
                state.isPaused = true
                return false
            }
            state.pending.append(contentsOf: bytes)
            return true
        }
    }

    /// The transfer ended, well or with an error; only the first end counts.
    func finish(_ error: HTTPError?) {
        state.withLock { state in
            guard !state.isFinished else { return }
            state.isFinished = true
            state.error = error
        }
        wake()
    }

    /// Resumes whoever waits for something that has come: once for all that arrived together.
    func wake() {
        let (headWaiter, head) = state.withLock { state -> (CheckedContinuation<HeadResult, Never>?, HeadResult) in
            if let head = state.head.take() { return (state.headWaiter.take(), .success(head)) }
            let error = state.error ?? .malformedResponse
            guard state.isFinished, let waiter = state.headWaiter.take() else { return (nil, .failure(error)) }
            // Whoever waits is told the error; otherwise the next one to ask is.
            state.error = nil
            return (waiter, .failure(error))
        }
        if let headWaiter { return headWaiter.resume(returning: head) }
        var mustResume = false
        let chunk = state.withLock { state -> (CheckedContinuation<ChunkResult, Never>, ChunkResult)? in
            guard state.chunkWaiter != nil, let ready = state.ready(), let waiter = state.chunkWaiter.take() else {
                return nil
            }
            mustResume = state.mustResume()
            return (waiter, ready)
        }
        if mustResume { inbox.post(.resume(order)) }
        if let (waiter, ready) = chunk { waiter.resume(returning: ready) }
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
        if let ready = takeReady(orWait: nil) { return ready }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let ready = takeReady(orWait: continuation) { continuation.resume(returning: ready) }
            }
        } onCancel: {
            abandon()
        }
    }

    /// Ends the transfer on the consumer's wish, unless it has ended or was left to run out.
    func abandon() {
        let isOver = state.withLock { $0.isFinished || $0.isLeft }
        guard !isOver else { return }
        finish(.cancelled)
        order.cancel(inbox)
    }

    /// Lets the transfer run out with nobody listening, so that its connection can serve the next request.
    func leave() {
        let mustResume = state.withLock { state in
            state.isLeft = true
            state.pending = []
            return state.mustResume()
        }
        if mustResume { inbox.post(.resume(order)) }
    }

    /// What can be told at once; nil when the continuation was put by, or there is none.
    private func takeReady(orWait continuation: CheckedContinuation<ChunkResult, Never>?) -> ChunkResult? {
        var mustResume = false
        let ready: ChunkResult? = state.withLock { state in
            if let ready = state.ready() {
                mustResume = state.mustResume()
                return ready
            }
            precondition(state.chunkWaiter == nil, "a response body has one consumer at a time")
            state.chunkWaiter = continuation
            return nil
        }
        if mustResume { inbox.post(.resume(order)) }
        return ready
    }
}
