// Control groups: a child enters its own before it becomes a program, is killed through it, and the group goes.
import Glibc
import TestSupport
import Testing

@testable import Sandbox

/// A folder of cgroup v2 where this process may make groups; memory need not be counted to try how children enter.
private let folder: String? = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"].first {
    ControlGroups(folder: $0, controllers: []) != nil
}

@Suite(.enabled(if: folder != nil, "needs a writable control group of version 2")) struct ControlGroupTests {
    @Test func aChildEntersAndIsKilledThroughItsGroup() throws {
        let folder = try #require(folder)
        let groups = try #require(ControlGroups(folder: folder, controllers: []))
        let group = try groups.make(for: SandboxLimits())
        let pipe = try Descriptor.pipe()
        let spawner = try Spawner()
        let child = try spawner.spawn(
            SpawnRequest(
                path: "/usr/bin/sleep", arguments: ["sleep", "600"], descriptors: [pipe.read, pipe.write, pipe.write],
                group: group.entrance))
        let members = String(decoding: try readFile("\(group.path)/cgroup.procs"), as: UTF8.self)
        #expect(members == "\(child.number)\n")
        group.kill()
        var polls = pollfd(fd: child.process.raw, events: Int16(POLLIN), revents: 0)
        #expect(poll(&polls, 1, 10_000) == 1)
        var status: Int32 = 0
        #expect(waitpid(child.number, &status, 0) == child.number && status & 0x7F == SIGKILL)
        group.remove()
        #expect(access(group.path, F_OK) != 0)
    }

    @Test func aFolderWithoutTheControllersWillNotDo() {
        #expect(ControlGroups(folder: folder ?? "", controllers: ["memory", "no such controller"]) == nil)
        #expect(ControlGroups(folder: "/absent", controllers: []) == nil)
    }
}
