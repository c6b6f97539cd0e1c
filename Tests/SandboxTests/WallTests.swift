// Ways out of the sandbox: files, network, namespaces, other processes. Each is also tried bare, so that it can fail.
import Encoding
import Foundation
import Sandbox
import TestSupport
import Testing

@Suite(.enabled(if: Probe.isPossible, Probe.need)) struct WallTests {
    @Test(arguments: ["/root", "/home", "/etc", "/etc/shadow", "/sys", "/proc", "/var", "/run", "/opt", "/boot"])
    func theHostIsNotThere(path: String) async throws {
        #expect(try await Probe.boxedWord(["see", path]) == "refused 2")
        guard FileManager.default.fileExists(atPath: path) else { return }
        #expect(try Probe.bareWord(["see", path]) == "reached")
    }

    @Test func theVaultIsNotThere() async throws {
        let home = try TemporaryDirectory()
        try writeFile("\(home.path)/keyring", [1])
        #expect(try await Probe.boxedWord(["see", "\(home.path)/keyring"]) == "refused 2")
        #expect(try Probe.bareWord(["see", "\(home.path)/keyring"]) == "reached")
    }

    @Test(arguments: ["/usr/x", "/x", "/dev/x", "/tool/x", "/usr/bin/env", "/tool/probe"])
    func nothingOutsideScratchIsWritable(path: String) async throws {
        #expect(try await Probe.boxedWord(["write", path]).hasPrefix("refused"))
        #expect(try await Probe.boxedWord(["write", "x"]) == "reached")
        #expect(try await Probe.boxedWord(["write", "/tmp/x"]) == "reached")
        // The same writing in a mount namespace of its own, outside, with an empty folder laid over the place.
        let folder = path.split(separator: "/").first.map { "/\($0)" } ?? "/"
        guard ["/usr/x", "/dev/x"].contains(path), Probe.canMount else { return }
        #expect(try Probe.bareWord(["own", folder, path]) == "reached")
        #expect(try await Probe.boxedWord(["own", folder, path]) == "refused 38")
    }

    @Test(arguments: ["tcp", "tcp6", "udp", "raw", "netlink", "packet", "vsock", "wide"])
    func thereIsNoNetwork(kind: String) async throws {
        #expect(try await Probe.boxedWord(["socket", kind]) == "refused 38")
        let outside = try Probe.bareWord(["socket", kind])
        #expect(outside == "reached" || outside != "refused 38")
        #expect(try await Probe.boxedWord(["socket", "unix"]) == "reached")
    }

    @Test func nobodyIsReached() async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && listen(listener, 8) == 0
                    && getsockname(listener, address, &length) == 0
            }
        }
        #expect(isBound)
        let port = String(UInt16(bigEndian: address.sin_port))
        #expect(try await Probe.boxedWord(["connect", "127.0.0.1", port]) == "refused 38")
        #expect(try Probe.bareWord(["connect", "127.0.0.1", port]) == "reached")
        #expect(try await Probe.boxedWord(["connect", "169.254.169.254", "80"]) == "refused 38")
        // Outside, whatever the network says of it, it is not the filter that answers.
        #expect(try Probe.bareWord(["connect", "169.254.169.254", "80"]) != "refused 38")
        #expect(try await Probe.boxedWord(["resolve", "localhost"]).hasPrefix("refused"))
        #expect(try Probe.bareWord(["resolve", "localhost"]) == "reached")
    }

    @Test func anAbstractSocketOfTheHostIsNotThere() async throws {
        let name = "sanctuary-\(UInt64.random(in: 0...UInt64.max))"
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.dropFirst().copyBytes(from: Array(name.utf8)) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 8) == 0
            }
        }
        #expect(isBound)
        #expect(try await Probe.boxedWord(["connect", "abstract", name]) == "refused 111")
        #expect(try Probe.bareWord(["connect", "abstract", name]) == "reached")
    }

    @Test(arguments: [
        "unshare-user", "clone-user", "clone3", "mount", "chroot", "setns", "ptrace", "pidfd-open", "pidfd-getfd",
        "process-vm", "io-uring", "bpf", "keyctl", "userfaultfd", "personality", "terminal-input",
    ])
    func theCallIsRefused(call: String) async throws {
        #expect(try await Probe.boxedWord(["call", call]) == "refused 38")
        // Bare, the kernel itself answers; where it lacks the call there is nothing to compare with.
        if call != "mount" { #expect(try Probe.bareWord(["call", call]) != "refused 38", "\(call) is unknown here") }
    }

    @Test(.enabled(if: Probe.canMount, "needs a mount namespace outside of the sandbox"))
    func nothingIsMounted() async throws {
        #expect(try await Probe.boxedWord(["call", "mount"]) == "refused 38")
        #expect(try await Probe.boxedWord(["own", "/tmp"]) == "refused 38")
        #expect(try Probe.bareWord(["own", "/tmp"]) == "reached")
    }

    @Test(.enabled(if: Probe.pushes, "needs a kernel with dev.tty.legacy_tiocsti = 1"))
    func nothingIsTypedIntoATerminal() async throws {
        #expect(try await Probe.boxedWord(["call", "terminal-input"]) == "refused 38")
        // A terminal of the program's own is not to be had inside; outside, a letter comes into one.
        #expect(try await Probe.boxedWord(["push"]) != "reached")
        #expect(try Probe.bareWord(["push"]) == "reached")
    }

    @Test func aSetuidFileGivesNothing() async throws {
        let directory = try TemporaryDirectory()
        let folder = "\(directory.path)/exchange"
        let program = try #require(Probe.program)
        #expect(chmod(directory.path, 0o755) == 0 && mkdir(folder, 0o755) == 0 && chmod(folder, 0o755) == 0)
        try await writeProgram("\(folder)/probe", program.bytes, mode: 0o4755)
        let run = try await Probe.boxed(["run", "/exchange/probe", "user"], exchange: folder)
        #expect(run.output.text.trimmed == "65534 65534", "\(run.end)")
        // Started by somebody else, the same file gives its owner's rights.
        guard geteuid() == 0 else { return }
        let outside = try bare("/usr/bin/setpriv", ["--reuid", "65534", "--clear-groups", "\(folder)/probe", "user"])
        #expect(outside.output.trimmed == "65534 0")
    }

    @Test func noPrivilegesAreGained() async throws {
        #expect(try await Probe.boxedWord(["call", "new-privileges"]) == "refused 0")
        #expect(try Probe.bareWord(["call", "new-privileges"]) == "reached")
        let status = try await Probe.boxed(["cat", "/proc/self/status"], needsProc: true).output.text
        for line in ["CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "Uid:\t65534\t65534", "Seccomp:\t2"] {
            #expect(status.contains(line))
        }
    }

    #if arch(x86_64)
        @Test func aForeignArchitectureIsKilled() async throws {
            #expect(try await Probe.boxed(["call", "foreign-architecture"]).end == .exited(128 + SIGSYS))
            #expect(try Probe.bareWord(["call", "foreign-architecture"]) == "reached")
        }
    #endif

    @Test func theEnvironmentIsEmpty() async throws {
        let expected: Set = ["PATH=/usr/bin", "HOME=/work", "LANG=C.UTF-8", "PWD=/work"]
        let own = try await Probe.boxed(["environment"]).output.text
        #expect(Set(own.split(separator: "\n").map(String.init)) == expected)
        let first = try await Probe.boxed(["cat", "/proc/1/environ"], needsProc: true).output.whole ?? []
        #expect(Set(first.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }) == expected)
        #expect(try Probe.bareWord(["environment"]).contains("SECRET=bare"))
    }

    @Test func noDescriptorLeaks() async throws {
        let program = try #require(Probe.program)
        let open = open(program.path, O_RDONLY)
        defer { close(open) }
        #expect(try await Probe.boxedWord(["leaks"]) == "0")
        let found = try #require(Int(try bare(program.path, ["leaks"], inheriting: open).output.trimmed))
        #expect(found >= 1)
    }
}
