// A control group (cgroup v2) of its own for every child, where the kernel has them and this process may make them.
internal import Glibc

/// The folder in which groups are made: delegated to this user, memory and processes counted, free of processes.
final class ControlGroups: Sendable {
    private let folder: String
    private let counter = GroupCounter()

    /// Finds the folder: the process's own group where it has none but children in it, else the one above.
    ///
    /// `controllers` are those that must be counted; a test of a machine without them asks for none.
    init?(root: String = "/sys/fs/cgroup", controllers: Set<String> = ["memory", "pids"]) {
        guard let own = Self.ownGroup() else { return nil }
        let parent = own.split(separator: "/").dropLast().joined(separator: "/")
        let candidates = ["\(root)/\(parent)", "\(root)\(own)"]
        guard let found = candidates.first(where: { Self.isUsable($0, controllers) }) else { return nil }
        folder = found
    }

    /// Uses exactly this folder, if it will do.
    init?(folder: String, controllers: Set<String>) {
        guard Self.isUsable(folder, controllers) else { return nil }
        self.folder = folder
    }

    /// Makes a group with these limits.
    func make(for limits: SandboxLimits) throws(SandboxError) -> ControlGroup {
        let path = "\(folder)/sanctuary-\(getpid())-\(counter.next())"
        guard mkdir(path, 0o755) == 0 else { throw .groupFailed(code: errno) }
        let bytes = (limits.memoryMiB + 2 * limits.scratchMiB) << 20
        for (name, value) in [
            ("memory.max", String(bytes)), ("memory.swap.max", "0"), ("memory.oom.group", "1"),
            ("pids.max", String(limits.processes + 4)),
        ] where access("\(path)/\(name)", W_OK) == 0 {
            guard Self.write(value, to: "\(path)/\(name)") else {
                let code = errno
                rmdir(path)
                throw .groupFailed(code: code)
            }
        }
        let raw = open("\(path)/cgroup.procs", O_WRONLY | O_CLOEXEC)
        guard raw >= 0 else {
            let code = errno
            rmdir(path)
            throw .groupFailed(code: code)
        }
        return ControlGroup(path: path, entrance: Descriptor(owning: raw))
    }

    private static func ownGroup() -> String? {
        for line in text("/proc/self/cgroup").split(separator: "\n") where line.hasPrefix("0::") {
            return String(line.dropFirst(3))
        }
        return nil
    }

    /// Whether children of this group are counted, and this process may make some.
    private static func isUsable(_ folder: String, _ controllers: Set<String>) -> Bool {
        let enabled = Set(text("\(folder)/cgroup.subtree_control").split { $0 == " " || $0 == "\n" }.map(String.init))
        guard controllers.isSubset(of: enabled), access("\(folder)/cgroup.subtree_control", F_OK) == 0 else {
            return false
        }
        let probe = "\(folder)/sanctuary-probe-\(getpid())"
        guard mkdir(probe, 0o755) == 0 else { return false }
        defer { rmdir(probe) }
        return access("\(probe)/cgroup.kill", W_OK) == 0
    }

    private static func text(_ path: String) -> String {
        let raw = open(path, O_RDONLY | O_CLOEXEC)
        guard raw >= 0 else { return "" }
        defer { close(raw) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(raw, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : ""
    }

    fileprivate static func write(_ text: String, to path: String) -> Bool {
        let raw = open(path, O_WRONLY | O_CLOEXEC)
        guard raw >= 0 else { return false }
        defer { close(raw) }
        let bytes = Array(text.utf8)
        return Glibc.write(raw, bytes, bytes.count) == bytes.count
    }
}

/// One child's group.
struct ControlGroup: Sendable {
    let path: String
    /// Its open `cgroup.procs`.
    let entrance: Descriptor

    /// Kills whatever is in it.
    func kill() { _ = ControlGroups.write("1", to: "\(path)/cgroup.kill") }

    /// Removes it once it is empty.
    func remove() { rmdir(path) }
}
