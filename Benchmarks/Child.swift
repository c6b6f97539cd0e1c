// A child process by posix_spawn and waitpid, started as from a shell: with no signal blocked or ignored.
import Foundation

/// A program under way whose standard output is a pipe to the benchmark.
struct Child: ~Copyable {
    private let process: pid_t
    private let output: Int32
    private let path: String

    /// Starts a program; with `quiet` its standard error goes nowhere.
    init(_ path: String, _ arguments: [String], quiet: Bool) throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw BenchError.failed("pipe", errno) }
        defer { close(ends[1]) }
        // A program started later must not keep this one's pipe open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        if quiet { posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) }
        // Threads of Swift's pool block all signals, and a child would inherit that: nothing could then end it politely.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var set = sigset_t()
        sigemptyset(&set)
        posix_spawnattr_setsigmask(&attributes, &set)
        sigfillset(&set)
        posix_spawnattr_setsigdefault(&attributes, &set)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        let code = posix_spawn(&process, path, &actions, &attributes, &words, environ)
        guard code == 0 else {
            close(ends[0])
            throw BenchError.failed(path, code)
        }
        self.process = process
        output = ends[0]
        self.path = path
    }

    deinit { close(output) }

    /// What it prints next, as much as is there; waits for it, and is empty at the end.
    borrowing func nextOutput() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(output, &bytes, bytes.count)
            if count >= 0 { return Array(bytes[..<count]) }
            guard errno == EINTR else { throw BenchError.failed("read", errno) }
        }
    }

    /// Sends it a signal.
    borrowing func signal(_ number: Int32) { kill(process, number) }

    /// Waits for its end; 0 when it exited without an error, else what waitpid says of it.
    borrowing func status() throws -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { throw BenchError.failed("waitpid", errno) }
        }
        return status
    }
}
