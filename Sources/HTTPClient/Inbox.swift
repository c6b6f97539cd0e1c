// The one way from tasks to the transfer thread: a queue of commands and the descriptor that wakes the thread.
internal import CCurl
internal import Glibc
internal import Synchronization

/// What a task asks of the transfer thread.
enum Command: Sendable {
    case start(Order, Receiver)
    case cancel(Order)
    case resume(Order)
    case stop
}

/// Where a response goes: to the one who waits for all of it, or into a stream.
enum Receiver: Sendable {
    case whole(CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>)
    case streamed(StreamBuffer)

    /// Ends the receiver that never began or did not finish.
    func fail(_ error: HTTPError) {
        switch self {
        case .whole(let continuation): continuation.resume(returning: .failure(error))
        case .streamed(let buffer): buffer.finish(error)
        }
    }
}

/// A request on its way to the thread: what to send, where, and whether its task gave up.
final class Order: Sendable {
    let request: HTTPRequest
    let destination: Destination
    private let cancelled = Atomic(false)

    init(_ request: HTTPRequest, among known: Destinations) throws(HTTPError) {
        try checkFields(request)
        destination = try known.destination(of: request.url)
        self.request = request
    }

    /// Whether the task gave up; read when the command to start is carried out.
    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    /// Gives up; the mark comes before the command, so that a cancellation that overtakes its start is seen too.
    func cancel(_ inbox: Inbox) {
        guard !cancelled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        inbox.post(.cancel(self))
    }
}

/// Commands in the order in which they were given.
final class Inbox: Sendable {
    private struct State {
        var commands: [Command] = []
        var inFlight = 0
        var isClosed = false
    }

    /// Becomes readable when there are commands.
    let wakeDescriptor: Int32
    private let maximumRequests: Int
    private let state = Mutex(State())

    init(maximumRequests: Int) throws(HTTPError) {
        self.maximumRequests = maximumRequests
        wakeDescriptor = shim_eventfd()
        guard wakeDescriptor >= 0 else { throw .libraryFailure(code: -errno) }
    }

    deinit { Glibc.close(wakeDescriptor) }

    /// Hands over a request, or ends its receiver at once when the client is closed or full.
    func start(_ order: Order, _ receiver: Receiver) {
        let refusal: HTTPError? = state.withLock { state in
            if state.isClosed { return .closed }
            if state.inFlight >= maximumRequests { return .overloaded(limit: maximumRequests) }
            state.inFlight += 1
            return nil
        }
        if let refusal { return receiver.fail(refusal) }
        if !post(.start(order, receiver)) { receiver.fail(.closed) }
    }

    /// Hands over a command; false when the client is closed.
    @discardableResult
    func post(_ command: Command) -> Bool {
        let (isAccepted, mustWake) = state.withLock { state in
            if state.isClosed { return (false, false) }
            state.commands.append(command)
            return (true, state.commands.count == 1)
        }
        if mustWake { wake() }
        return isAccepted
    }

    /// Takes all commands; called by the thread alone.
    func drain() -> [Command] {
        state.withLock { state in
            if state.commands.isEmpty { return [] }
            var taken: [Command] = []
            swap(&taken, &state.commands)
            return taken
        }
    }

    /// Takes the last commands and refuses all later ones.
    func close() -> [Command] {
        state.withLock { state in
            state.isClosed = true
            var taken: [Command] = []
            swap(&taken, &state.commands)
            return taken
        }
    }

    /// Counts a request as done.
    func countFinished() { state.withLock { $0.inFlight -= 1 } }

    /// Makes the wake descriptor unreadable again.
    func clearWake() {
        var count: UInt64 = 0
        _ = read(wakeDescriptor, &count, 8)
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(wakeDescriptor, &one, 8)
    }
}
