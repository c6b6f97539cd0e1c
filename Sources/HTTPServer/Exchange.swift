// One request and its response, between libmicrohttpd's thread and the handler's task.
internal import CMicroHTTPD
internal import Synchronization

/// A connection that libmicrohttpd owns.
///
/// Safe to send: it is only ever resumed, which may happen on any thread, and only while it is suspended.
struct ConnectionReference: @unchecked Sendable {
    let raw: OpaquePointer
}

/// One request on its way.
final class Exchange: Sendable {
    /// Above this the handler's stream is not read on.
    static let pauseBytes = 262_144

    fileprivate struct State {
        var suspended: ConnectionReference?
        var isClosed = false
        var response: ServerResponse?
        var task: Task<Void, Never>?
        /// Bytes of a streamed body that were not sent, from `sent` on.
        var pending: [UInt8] = []
        var sent = 0
        var hasEnded = false
        var roomWaiter: CheckedContinuation<Bool, Never>?
    }

    /// What has arrived of the request; used on the connection's own thread alone.
    let arrival: Arrival
    private let state = Mutex(State())

    init(_ arrival: Arrival) { self.arrival = arrival }

    // MARK: libmicrohttpd's side

    /// Suspends the connection until there is a response; false when the exchange was closed meanwhile.
    func suspend(_ connection: ConnectionReference) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            guard state.response == nil else { return true }
            state.suspended = connection
            MHD_suspend_connection(connection.raw)
            return true
        }
    }

    /// Keeps the task that makes the response, so that closing can cancel it.
    func run(_ task: Task<Void, Never>) {
        let isClosed = state.withLock { state in
            if !state.isClosed, !state.hasEnded { state.task = task }
            return state.isClosed
        }
        if isClosed { task.cancel() }
    }

    /// The response, once.
    func takeResponse() -> ServerResponse? { state.withLock { $0.response.take() } }

    /// Copies bytes of the streamed body; with none there, suspends the connection and returns 0.
    func read(into buffer: UnsafeMutableRawBufferPointer, from connection: ConnectionReference) -> Int {
        var waiter: CheckedContinuation<Bool, Never>?
        let count: Int = state.withLock { state in
            if state.isClosed { return shim_end_with_error() }
            let available = state.pending.count - state.sent
            if available == 0 {
                if state.hasEnded { return shim_end_of_stream() }
                state.suspended = connection
                MHD_suspend_connection(connection.raw)
                return 0
            }
            let count = min(available, buffer.count)
            state.pending.withUnsafeBytes { pending in
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: pending[state.sent..<(state.sent + count)]))
            }
            state.sent += count
            if state.sent == state.pending.count {
                state.pending.removeAll(keepingCapacity: state.sent <= 65_536)
                state.sent = 0
                waiter = state.roomWaiter.take()
            }
            return count
        }
        waiter?.resume(returning: true)
        return count
    }

    /// Ends the exchange from the server's side: the request is over, or the server stops.
    func close() {
        let (task, waiter) = state.withLock { state in
            state.isClosed = true
            state.response = nil
            state.pending = []
            state.sent = 0
            resume(&state)
            return (state.task.take(), state.roomWaiter.take())
        }
        task?.cancel()
        waiter?.resume(returning: false)
    }

    // MARK: The handler's side

    /// Hands over the response, its streamed body excepted; false when nobody waits for it any more.
    func respond(_ response: ServerResponse) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.response = response
            resume(&state)
            return true
        }
    }

    /// Adds to the streamed body, waiting while too much is unsent; false when the client is gone.
    func push(_ chunk: [UInt8]) async -> Bool {
        await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                guard !state.isClosed else { return false }
                state.pending.append(contentsOf: chunk)
                if state.pending.count > state.sent { resume(&state) }
                if state.pending.count - state.sent < Self.pauseBytes { return true }
                state.roomWaiter = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Ends the streamed body.
    func endStream() {
        state.withLock { state in
            state.hasEnded = true
            state.task = nil
            resume(&state)
        }
    }
}

/// Resumes a suspended connection, once; under the lock, so that it cannot end meanwhile.
private func resume(_ state: inout Exchange.State) {
    guard let connection = state.suspended.take() else { return }
    MHD_resume_connection(connection.raw)
}
