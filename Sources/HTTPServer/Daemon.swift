// libmicrohttpd's daemon from its start to its one stop.
internal import CMicroHTTPD
internal import Glibc
internal import Synchronization

/// A running daemon.
///
/// Safe to send: the pointer is taken out of the lock once, by whoever stops the daemon.
final class Daemon: Sendable {
    private struct Handle: @unchecked Sendable {
        let raw: OpaquePointer
    }

    private struct State {
        var handle: Handle?
        var hasStopped = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    let port: UInt16
    private let listener: Listener
    private let state: Mutex<State>

    init(_ configuration: HTTPServer.Configuration, _ listener: Listener) throws(ServerError) {
        guard let address = ListeningAddress(host: configuration.host, port: configuration.port) else {
            throw .invalidHost(configuration.host)
        }
        var settings = shim_daemon_settings(
            threads: UInt32(clamping: max(1, configuration.threads)),
            connections: UInt32(clamping: max(configuration.threads, configuration.maximumConnections)),
            timeout_seconds: UInt32(clamping: configuration.timeoutSeconds),
            // A burst of clients that does not fit is not refused but waits a second for its next try.
            backlog: UInt32(clamping: max(1_024, configuration.maximumConnections)),
            connection_memory: max(4_096, configuration.maximumHeaderBytes),
            is_ipv6: address.isIPv6 ? 1 : 0)
        errno = 0
        let raw = address.withSocketAddress { socketAddress in
            shim_start_daemon(
                &settings, socketAddress, requestArrived, requestCompleted,
                Unmanaged.passUnretained(listener).toOpaque())
        }
        guard let raw else { throw .listenFailed(code: errno) }
        port = shim_bound_port(raw)
        self.listener = listener
        state = Mutex(State(handle: Handle(raw: raw)))
    }

    /// Stops the daemon and waits until it has.
    func stop() async {
        beginStop()
        await withCheckedContinuation { continuation in
            let hasStopped = state.withLock { state in
                if !state.hasStopped { state.waiters.append(continuation) }
                return state.hasStopped
            }
            if hasStopped { continuation.resume() }
        }
    }

    /// Starts to stop, once, on a thread of its own: it joins libmicrohttpd's threads, and a task must not block.
    func beginStop() {
        guard state.withLock({ $0.handle != nil && !$0.hasStopped }) else { return }
        listener.closeAll()
        let context = Unmanaged.passRetained(self)
        var thread = pthread_t()
        if pthread_create(&thread, nil, stopDaemon, context.toOpaque()) == 0 {
            pthread_detach(thread)
        } else {
            _ = stopDaemon(context.toOpaque())
        }
    }

    /// Joins the daemon's threads and frees it.
    fileprivate func finish() {
        guard let handle = state.withLock({ $0.handle.take() }) else { return }
        MHD_stop_daemon(handle.raw)
        let waiters = state.withLock { state in
            state.hasStopped = true
            var taken: [CheckedContinuation<Void, Never>] = []
            swap(&taken, &state.waiters)
            return taken
        }
        for waiter in waiters { waiter.resume() }
    }
}

private func stopDaemon(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<Daemon>.fromOpaque(context).takeRetainedValue().finish()
    return nil
}
