// A server that speaks bytes, not HTTP: for answers that no decent server gives.
import Glibc
import Synchronization

/// One accepted connection, used by its own thread.
public final class RawConnection: Sendable {
    private let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Reads once; empty when the other side has closed.
    public func read() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return Array(buffer[..<max(0, count)])
    }

    /// Reads until the header section's blank line has come, and returns all that was read.
    public func readHead() -> String {
        var all: [UInt8] = []
        while !String(decoding: all, as: UTF8.self).contains("\r\n\r\n") {
            let more = read()
            if more.isEmpty { break }
            all += more
        }
        return String(decoding: all, as: UTF8.self)
    }

    /// Writes all of it; false when the other side has closed.
    @discardableResult
    public func write(_ bytes: [UInt8]) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }

    /// Writes all of it; false when the other side has closed.
    @discardableResult
    public func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    /// Whether there is something to read, or the other side has closed.
    public var isReadable: Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, 0) > 0
    }

    /// Waits until there is something to read, and leaves it there.
    public func waitUntilReadable() {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&request, 1, -1) < 0, errno == EINTR {}
    }

    /// Waits until the other side has closed, and leaves what it sent where it is.
    public func waitForCloseUnread() {
        // POLLRDHUP (poll(2)), which glibc hides from Swift.
        var request = pollfd(fd: descriptor, events: 0x2000, revents: 0)
        while poll(&request, 1, -1) < 0, errno == EINTR {}
    }

    /// Waits until the other side has closed.
    public func waitForClose() { while !read().isEmpty {} }
}

/// Listens on a loopback port and runs a closure on a thread for each connection, which closes when it returns.
public final class RawServer: Sendable {
    /// The port.
    public let port: UInt16
    private let listener: Int32
    private let accepted = Atomic(0)

    /// Connections accepted so far.
    public var connectionCount: Int { accepted.load(ordering: .relaxed) }

    /// Starts to listen.
    public init(_ serve: @escaping @Sendable (RawConnection) -> Void) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                guard bind(descriptor, generic, length) == 0, listen(descriptor, 1024) == 0 else { return errno }
                return getsockname(descriptor, generic, &length) == 0 ? 0 : errno
            }
        }
        guard code == 0 else { throw TestFileError(path: "socket", code: code) }
        port = UInt16(bigEndian: address.sin_port)
        startThread { [weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                if connection < 0, errno == EINTR || errno == ECONNABORTED { continue }
                guard connection >= 0 else {
                    // Closed here and nowhere else: its number is another's at once, who would lose connections to us.
                    close(descriptor)
                    return
                }
                // A program that another test starts would keep the connection open for as long as it runs.
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                self?.accepted.add(1, ordering: .relaxed)
                let served = RawConnection(connection)
                startThread { serve(served) }
            }
        }
    }

    // Ends the thread that waits for connections.
    deinit { shutdown(listener, Int32(SHUT_RDWR)) }
}

/// Opens a connection to a loopback port.
public func connectToLoopback(port: UInt16) throws -> RawConnection {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let code = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard code == 0 else { throw TestFileError(path: "socket", code: errno) }
    return RawConnection(descriptor)
}

/// Runs something that blocks on a thread of its own, so that no other task waits for it.
public func onThread<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
    await withCheckedContinuation { continuation in startThread { continuation.resume(returning: body()) } }
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Starts a thread, without waiting for a place among the tasks.
public func startThread(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(ThreadBody(body)).toOpaque()
    pthread_create(
        &thread, nil,
        { context in
            guard let context else { return nil }
            Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
            return nil
        }, context)
    pthread_detach(thread)
}

/// An event that happens once and that any number of tasks wait for.
public final class Signal: Sendable {
    private struct State {
        var hasHappened = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    /// An event that has not happened.
    public init() {}

    /// Lets it happen.
    public func raise() {
        let waiters = state.withLock { state in
            state.hasHappened = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until it has happened.
    public func wait() async {
        await withCheckedContinuation { continuation in
            let hasHappened = state.withLock { state in
                if !state.hasHappened { state.waiters.append(continuation) }
                return state.hasHappened
            }
            if hasHappened { continuation.resume() }
        }
    }
}
