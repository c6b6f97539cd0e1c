// Tells the service manager how the daemon is: datagrams of sd_notify(3) to the socket that it names.
internal import Glibc

/// Speaks to the service manager; silent where there is none.
public struct ServiceNotifier: Sendable {
    private let address: [UInt8]
    /// How often the watchdog wants to hear, in milliseconds: twice in its time; nil where it does not watch.
    public let watchdogMilliseconds: Int?

    /// A notifier for the variables `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` of the environment.
    ///
    /// - Parameters:
    ///   - socket: a path, or `@` and an abstract name; nil, or any other text, stands for no service manager.
    ///   - process: this process, since the watchdog may be meant for another.
    public init(socket: String?, watchdogMicroseconds: String? = nil, watchdogProcess: String? = nil, process: Int32) {
        var bytes = Array((socket ?? "").utf8)
        let isUsable = bytes.count > 1 && bytes.count < 108 && (bytes[0] == 0x2F || bytes[0] == 0x40)
        if isUsable, bytes[0] == 0x40 { bytes[0] = 0 }
        address = isUsable ? bytes : []
        let isMeant = watchdogProcess.map { $0 == "\(process)" } ?? true
        let limit = watchdogMicroseconds.flatMap { UInt64($0) } ?? 0
        watchdogMilliseconds = isUsable && isMeant && limit > 0 ? max(1, Int(clamping: limit / 2_000)) : nil
    }

    /// The home is open and the daemon at work.
    public func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }

    /// One line on what it does now.
    public func status(_ status: String) { send("STATUS=\(status)") }

    /// The settings are read again; `ready` ends it.
    ///
    /// - Parameter monotonicNanoseconds: CLOCK_MONOTONIC now.
    public func reloading(monotonicNanoseconds: UInt64) {
        send("RELOADING=1\nMONOTONIC_USEC=\(monotonicNanoseconds / 1_000)")
    }

    /// It is about to end.
    public func stopping() { send("STOPPING=1") }

    /// It is alive.
    public func watchdog() { if watchdogMilliseconds != nil { send("WATCHDOG=1", waits: false) } }

    /// Sends a datagram; one that cannot be sent within a second is lost, and no night fails of it.
    ///
    /// A sign of life does not wait for room in the socket: what fills it says the same.
    private func send(_ text: String, waits: Bool = true) {
        guard !address.isEmpty else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let flags = Int32(MSG_NOSIGNAL) | (waits ? 0 : Int32(MSG_DONTWAIT))
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: address) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + address.count)
        let bytes = Array(text.utf8)
        _ = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, flags, $0, length)
            }
        }
    }
}
