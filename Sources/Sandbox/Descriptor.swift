// One descriptor of this room, closed when its value goes; pipes, memory files and the event that stops a run.
internal import CPosix
internal import Glibc
internal import Synchronization

/// An open descriptor; closed on exec, as every descriptor of this program is.
final class Descriptor: Sendable {
    let raw: Int32
    private let isOpen = Mutex(true)

    init(owning raw: Int32) { self.raw = raw }

    deinit { shut() }

    /// Closes it now: the other end of a pipe must not wait for the last reference to go.
    func shut() {
        isOpen.withLock { isOpen in
            if isOpen { close(raw) }
            isOpen = false
        }
    }

    /// Both ends of a pipe.
    static func pipe() throws(SandboxError) -> (read: Descriptor, write: Descriptor) {
        var ends: [Int32] = [-1, -1]
        guard shim_pipe(&ends) == 0 else { throw .noResources(what: "pipe") }
        return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    }

    /// A file in memory with this content, which nobody can change any more once it is sealed.
    static func memory(_ bytes: [UInt8], sealed: Bool = true) throws(SandboxError) -> Descriptor {
        let raw = shim_memfd("sanctuary")
        guard raw >= 0 else { throw .noResources(what: "memory file") }
        let file = Descriptor(owning: raw)
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { pwrite(raw, $0.baseAddress, $0.count, off_t(offset)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .noResources(what: "memory file") }
            offset += count
        }
        guard !sealed || shim_memfd_seal(raw) == 0 else { throw .noResources(what: "memory file") }
        return file
    }

    /// A folder of the host, opened without following a link in its last name.
    static func folder(_ path: String) throws(SandboxError) -> Descriptor {
        let raw = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard raw >= 0 else { throw .folderUnusable(path: path, code: errno) }
        return Descriptor(owning: raw)
    }

    func makeNonblocking() throws(SandboxError) {
        guard shim_nonblocking(raw) == 0 else { throw .noResources(what: "pipe") }
    }
}

/// Tells a run to stop: raised once, seen by poll.
final class StopEvent: Sendable {
    private let ends: (read: Descriptor, write: Descriptor)

    init() throws(SandboxError) { ends = try Descriptor.pipe() }

    var descriptor: Int32 { ends.read.raw }

    func raise() {
        var byte: UInt8 = 1
        _ = write(ends.write.raw, &byte, 1)
    }
}
