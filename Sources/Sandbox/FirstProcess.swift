// The first process of a sandbox, which bubblewrap starts and names: with it the kernel ends all the others.
//
// bubblewrap binds it to its own death only as the last thing before the program. Until then it waits, or mounts, and
// whoever kills bubblewrap alone leaves it behind: waiting for ever, or even becoming the program (bubblewrap.c, the
// calls of `handle_die_with_parent`). So it is known by a pidfd of its own and killed by that.
internal import CPosix
internal import Encoding
internal import Glibc

/// Which process is the first of a sandbox.
struct FirstProcess {
    private let process: Descriptor

    /// Finds it by the first line that bubblewrap reports; nil while there is none, or when it is gone.
    ///
    /// A number may be given again once bubblewrap has collected its child: it must still be a child of `parent`. With
    /// no `parent`, bubblewrap was killed in this moment, and numbers are not given again as fast.
    init?(report: [UInt8], childOf parent: Int32?) {
        guard let end = report.firstIndex(of: UInt8(ascii: "\n")),
            let json = try? JSON.parse(Array(report[..<end])), let told = json["child-pid"]?.integer,
            let number = Int32(exactly: told), number > 1
        else { return nil }
        let raw = shim_pidfd_open(number)
        guard raw >= 0 else { return nil }
        process = Descriptor(owning: raw)
        if let parent, Self.parent(of: number) != parent { return nil }
    }

    func kill() { _ = shim_pidfd_kill(process.raw) }

    /// Waits until it has ended, and with it every process of the sandbox; at most this long.
    func waitForEnd(milliseconds: Int32) {
        var polls = pollfd(fd: process.raw, events: Int16(POLLIN), revents: 0)
        while poll(&polls, 1, milliseconds) < 0, errno == EINTR {}
    }

    private static func parent(of number: Int32) -> Int32? {
        let raw = open("/proc/\(number)/stat", O_RDONLY | O_CLOEXEC)
        guard raw >= 0 else { return nil }
        defer { close(raw) }
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = read(raw, &buffer, buffer.count)
        // The name stands in parentheses and may hold some itself: "12 (a) b) S 7 …".
        guard count > 0, let name = buffer[..<count].lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = buffer[(name + 1)..<count].split(separator: UInt8(ascii: " "))
        return fields.count > 1 ? Int32(String(decoding: fields[1], as: UTF8.self)) : nil
    }
}
