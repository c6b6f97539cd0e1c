// The thread that runs the transfer loop, and the wait for its end.
internal import Glibc
internal import Synchronization

/// A running transfer thread; it ends when its loop does.
final class TransferThread: Sendable {
    private let end = ThreadEnd()

    /// Starts the thread and hands the loop over to it.
    init(_ loop: sending TransferLoop) throws(HTTPError) {
        let context = Unmanaged.passRetained(ThreadContext(loop: loop, end: end))
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, runTransfers, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw .libraryFailure(code: -code)
        }
        pthread_detach(thread)
    }

    /// Waits until the thread has let go of everything.
    func join() async { await end.wait() }
}

/// What the thread is given.
private final class ThreadContext {
    let loop: TransferLoop
    let end: ThreadEnd
    init(loop: TransferLoop, end: ThreadEnd) {
        self.loop = loop
        self.end = end
    }
}

/// The one-time event that the thread has ended.
private final class ThreadEnd: Sendable {
    private struct State {
        var hasEnded = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    func wait() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.waiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    func signal() {
        let waiters = state.withLock { state in
            state.hasEnded = true
            var taken: [CheckedContinuation<Void, Never>] = []
            swap(&taken, &state.waiters)
            return taken
        }
        for waiter in waiters { waiter.resume() }
    }
}

private func runTransfers(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    // All signals are another thread's business; a write to a closed TLS connection must not raise SIGPIPE either.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
    let end = work(Unmanaged<ThreadContext>.fromOpaque(context))
    end.signal()
    return nil
}

/// Runs the loop and releases it, so that its sockets are closed when the end is signalled.
private func work(_ context: Unmanaged<ThreadContext>) -> ThreadEnd {
    let taken = context.takeRetainedValue()
    taken.loop.run()
    return taken.end
}
