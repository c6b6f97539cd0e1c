// The transfer thread: one epoll loop that drives every transfer through libcurl's multi socket interface.
internal import CCurl
internal import Glibc

/// Nanoseconds on a clock that never goes back.
func monotonicNow() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// All transfers of one client; made by the client, then used by its thread alone until the thread ends.
final class TransferLoop {
    /// Idle handles kept for the next transfers; each holds a few KiB.
    private static let pooledHandles = 256

    private let inbox: Inbox
    private let settings: TransferSettings
    private let multi: UnsafeMutableRawPointer
    private let epoll: Int32
    private var transfers: [ObjectIdentifier: Transfer] = [:]
    private var pool: [UnsafeMutableRawPointer] = []
    private var isStopping = false
    /// When libcurl wants to be called, nil for never.
    private var curlDeadline: UInt64?
    /// When the next transfer may have been silent for too long.
    private var idleDeadline: UInt64?
    /// How long a body is kept for being sent once more: a dead connection shows itself well before.
    private let releaseNanoseconds: UInt64
    /// Transfers whose bodies may go, in the order of their starts.
    private var releases: [(transfer: ObjectIdentifier, at: UInt64)] = []
    private let arrivals = Arrivals()

    init(inbox: Inbox, configuration: HTTPClient.Configuration) throws(HTTPError) {
        self.inbox = inbox
        releaseNanoseconds = UInt64(max(0, configuration.bodyReleaseMilliseconds)) * 1_000_000
        settings = TransferSettings(
            usesEnvironmentProxy: configuration.usesEnvironmentProxy,
            certificateAuthorities: configuration.certificateAuthorities)
        guard curlIsReady, let multi = curl_multi_init() else {
            throw .libraryFailure(code: Int32(bitPattern: CURLE_FAILED_INIT.rawValue))
        }
        self.multi = multi
        epoll = shim_epoll_create()
        guard epoll >= 0, shim_epoll_set(epoll, EPOLL_CTL_ADD, inbox.wakeDescriptor, 1, 0) == 0 else {
            let code = errno
            curl_multi_cleanup(multi)
            if epoll >= 0 { close(epoll) }
            throw .libraryFailure(code: -code)
        }
        let connections = max(1, configuration.maximumConnections)
        shim_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections)
        shim_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, max(0, configuration.maximumConnectionsPerHost))
        shim_multi_set_long(multi, CURLMOPT_MAXCONNECTS, connections)
        let this = Unmanaged.passUnretained(self).toOpaque()
        shim_multi_set_sockets(multi, socketChanged, this)
        shim_multi_set_timer(multi, timerChanged, this)
    }

    deinit {
        for easy in pool { curl_easy_cleanup(easy) }
        curl_multi_cleanup(multi)
        close(epoll)
    }

    /// Works until told to stop; then ends whatever still runs.
    func run() {
        var descriptors = [Int32](repeating: 0, count: 256)
        var flags = descriptors
        var running: Int32 = 0
        while !isStopping {
            let count = shim_epoll_wait(epoll, &descriptors, &flags, 256, millisecondsToWait())
            for index in 0..<max(0, Int(count)) {
                if descriptors[index] == inbox.wakeDescriptor {
                    inbox.clearWake()
                } else {
                    curl_multi_socket_action(multi, descriptors[index], flags[index], &running)
                }
            }
            for command in inbox.drain() { carryOut(command) }
            if let deadline = curlDeadline, deadline <= monotonicNow() {
                curlDeadline = nil
                curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running)
            }
            endFinished()
            endIdle()
            arrivals.wake()
            freeUploadBuffers()
            releaseBodies()
        }
        for command in inbox.close() {
            if case .start(_, let receiver) = command { receiver.fail(.closed) }
        }
        for transfer in Array(transfers.values) { end(transfer, .closed) }
        // What libcurl still says while it closes its connections has no listener any more.
        shim_multi_set_sockets(multi, nil, nil)
        shim_multi_set_timer(multi, nil, nil)
    }

    private func millisecondsToWait() -> Int32 {
        guard let next = [curlDeadline, idleDeadline, releases.first?.at].compactMap(\.self).min() else { return -1 }
        let now = monotonicNow()
        if next <= now { return 0 }
        return Int32(min((next - now + 999_999) / 1_000_000, 60_000))
    }

    // MARK: Commands

    private func carryOut(_ command: Command) {
        switch command {
        case .start(let order, let receiver):
            if order.isCancelled {
                inbox.countFinished()
                return receiver.fail(.cancelled)
            }
            start(order, receiver)
        case .cancel(let order):
            if let transfer = transfers[ObjectIdentifier(order)] { end(transfer, .cancelled) }
        case .resume(let order):
            guard let transfer = transfers[ObjectIdentifier(order)] else { return }
            let code = transfer.resume(now: monotonicNow())
            if let error = transfer.error(for: code) { end(transfer, error) } else { watchIdle(transfer) }
        case .stop:
            isStopping = true
        }
    }

    private func start(_ order: Order, _ receiver: Receiver) {
        guard let easy = pool.popLast() ?? curl_easy_init() else {
            inbox.countFinished()
            return receiver.fail(.libraryFailure(code: Int32(bitPattern: CURLE_OUT_OF_MEMORY.rawValue)))
        }
        do throws(HTTPError) {
            let transfer = try Transfer(order, receiver, easy: easy, arrivals: arrivals, now: monotonicNow())
            try transfer.setOptions(settings)
            transfers[ObjectIdentifier(order)] = transfer
            let code = curl_multi_add_handle(multi, easy)
            if code != CURLM_OK { return end(transfer, .libraryFailure(code: code.rawValue)) }
            watchIdle(transfer)
            if order.request.releasesBody {
                releases.append((ObjectIdentifier(order), transfer.started + releaseNanoseconds))
            }
        } catch {
            recycle(easy)
            inbox.countFinished()
            receiver.fail(error)
        }
    }

    // MARK: Ends

    private func endFinished() {
        var remaining: Int32 = 0
        while let message = curl_multi_info_read(multi, &remaining) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            let code = shim_message_result(message)
            var context: UnsafeMutableRawPointer?
            shim_get_private(easy, &context)
            guard let context else { continue }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            end(transfer, transfer.error(for: code))
        }
    }

    private func end(_ transfer: Transfer, _ error: HTTPError?) {
        guard transfers.removeValue(forKey: ObjectIdentifier(transfer.order)) != nil else { return }
        curl_multi_remove_handle(multi, transfer.easy)
        recycle(transfer.easy)
        inbox.countFinished()
        transfer.end(error)
    }

    /// A reset handle keeps no option, header or body of the transfer it served.
    private func recycle(_ easy: UnsafeMutableRawPointer) {
        guard pool.count < Self.pooledHandles else { return curl_easy_cleanup(easy) }
        curl_easy_reset(easy)
        pool.append(easy)
    }

    // MARK: Silence

    private func watchIdle(_ transfer: Transfer) {
        guard let deadline = idleDeadline(of: transfer) else { return }
        idleDeadline = min(idleDeadline ?? deadline, deadline)
    }

    private func idleDeadline(of transfer: Transfer) -> UInt64? {
        let limit = transfer.order.request.idleTimeoutMilliseconds
        guard limit > 0, !transfer.isPaused else { return nil }
        return transfer.lastActivity + UInt64(limit) * 1_000_000
    }

    /// Looks through all transfers, but only when the one that was nearest its limit may have reached it.
    private func endIdle() {
        guard let due = idleDeadline else { return }
        let now = monotonicNow()
        guard due <= now else { return }
        var silent: [Transfer] = []
        var next: UInt64?
        for transfer in transfers.values {
            guard let deadline = idleDeadline(of: transfer) else { continue }
            if deadline <= now {
                silent.append(transfer)
            } else {
                next = min(next ?? deadline, deadline)
            }
        }
        // Never more often than every 10 ms, however many transfers are near their limit.
        idleDeadline = next.map { max($0, now + 10_000_000) }
        for transfer in silent { end(transfer, .timedOut(.idle)) }
    }

    // MARK: Bodies

    /// Gives back the buffers of the bodies that libcurl has taken and sent just now; others wait for the release.
    private func freeUploadBuffers() {
        for transfer in arrivals.takeSent() where transfers[ObjectIdentifier(transfer.order)] === transfer {
            _ = transfer.freeUploadBuffer()
        }
    }

    /// Lets go of the bodies that were sent a moment ago; one that is still being sent is looked at again later.
    private func releaseBodies() {
        guard let first = releases.first else { return }
        let now = monotonicNow()
        guard first.at <= now else { return }
        let due = releases.prefix { $0.at <= now }
        releases.removeFirst(due.count)
        for (name, _) in due {
            // Gone, or another one that has the same place in memory: that one has a line of its own here.
            guard let transfer = transfers[name], transfer.started + releaseNanoseconds <= now else { continue }
            if transfer.isBodySent, transfer.freeUploadBuffer() {
                transfer.order.request.payload.release()
            } else {
                releases.append((name, now + releaseNanoseconds))
            }
        }
    }

    // MARK: What libcurl asks of the loop

    fileprivate func watch(_ socket: Int32, _ what: Int32, isKnown: Bool) {
        if what == CURL_POLL_REMOVE {
            shim_epoll_set(epoll, EPOLL_CTL_DEL, socket, 0, 0)
            return
        }
        let reads: Int32 = what & CURL_POLL_IN != 0 ? 1 : 0
        let writes: Int32 = what & CURL_POLL_OUT != 0 ? 1 : 0
        shim_epoll_set(epoll, isKnown ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, reads, writes)
        if !isKnown { curl_multi_assign(multi, socket, multi) }
    }

    fileprivate func setTimer(_ milliseconds: Int) {
        curlDeadline = milliseconds < 0 ? nil : monotonicNow() + UInt64(milliseconds) * 1_000_000
    }
}

/// libcurl is set up once a process, with the allocator that wipes what it gives back.
private let curlIsReady = shim_global_init() == CURLE_OK

private func socketChanged(
    _ easy: UnsafeMutableRawPointer?, _ socket: Int32, _ what: Int32, _ context: UnsafeMutableRawPointer?,
    _ mark: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return -1 }
    // The mark is what `curl_multi_assign` left: any value means that the socket is watched already.
    Unmanaged<TransferLoop>.fromOpaque(context).takeUnretainedValue().watch(socket, what, isKnown: mark != nil)
    return 0
}

private func timerChanged(
    _ multi: UnsafeMutableRawPointer?, _ milliseconds: Int, _ context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return -1 }
    Unmanaged<TransferLoop>.fromOpaque(context).takeUnretainedValue().setTimer(milliseconds)
    return 0
}
