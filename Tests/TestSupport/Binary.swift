// Runs the program as a user would: its own process, an environment of its own, what it printed and how it ended.
public import Glibc

/// What a process printed and how it ended.
public struct BinaryResult: Sendable {
    /// The exit code, or 128 and the signal's number.
    public let code: Int32
    /// Standard output.
    public let output: String
    /// Standard error.
    public let errors: String
}

/// The program that `swift build` made.
public struct Binary: Sendable {
    /// Where it is.
    public let path: String

    /// Finds a product beside the test bundle, else in the checkout's debug folder.
    public init(_ name: String) throws {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        let root: String = parts.dropLast(3).joined(separator: "/")
        let bundles = CommandLine.arguments.filter { $0.contains(".xctest") }
        let folders: [String] = bundles.map(Self.folder) + ["\(root)/.build/debug"]
        let candidates: [String] = folders.map { "\($0)/\(name)" }
        guard let found = candidates.first(where: { (candidate: String) in access(candidate, X_OK) == 0 }) else {
            throw TestFileError(path: name, code: ENOENT)
        }
        path = found
    }

    /// Device and inode of a file, as the service manager names the stream to the journal (systemd.exec(5)).
    private static func stream(to path: String) throws -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { throw TestFileError(path: path, code: errno) }
        return "\(status.st_dev):\(status.st_ino)"
    }

    /// The folder that the bundle lies in.
    private static func folder(_ bundle: String) -> String {
        let parts = bundle.split(separator: "/", omittingEmptySubsequences: false)
        let end = parts.firstIndex { $0.hasSuffix(".xctest") } ?? parts.endIndex
        return parts[..<end].joined(separator: "/")
    }

    /// Runs it to its end; `environment` is all that it has beside PATH.
    ///
    /// - Parameters:
    ///   - input: what it reads on standard input.
    ///   - outputPath: where standard output goes instead of being returned.
    public func run(
        _ arguments: [String], environment: [String: String] = [:], input: String = "", in directory: String,
        outputPath: String? = nil
    ) async throws -> BinaryResult {
        try await start(
            arguments, environment: environment, input: input, in: directory, outputPath: outputPath
        ).result()
    }

    /// Starts it; the caller may send it signals before waiting for its end.
    ///
    /// - Parameters:
    ///   - terminal: where it sits: its controlling terminal, which standard input and error are, and standard output
    ///     without an `outputPath`.
    ///   - isJournaled: whether standard error is the stream to the journal that the environment names.
    public func start(
        _ arguments: [String], environment: [String: String] = [:], input: String = "", in directory: String,
        outputPath: String? = nil, terminal: PseudoTerminal? = nil, isJournaled: Bool = false
    ) throws -> RunningBinary {
        let folder = try TemporaryDirectory()
        try writeFile("\(folder.path)/input", Array(input.utf8))
        let output = outputPath ?? "\(folder.path)/output"
        try writeFile("\(folder.path)/errors", [])
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first terminal that the leader of a new session opens becomes its controlling one.
        posix_spawn_file_actions_addopen(&actions, 0, terminal?.path ?? "\(folder.path)/input", O_RDWR, 0)
        posix_spawn_file_actions_addopen(
            &actions, 1, outputPath ?? terminal?.path ?? output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(
            &actions, 2, terminal?.path ?? "\(folder.path)/errors", O_WRONLY, 0o600)
        closeAll(from: 3, &actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The test runner may ignore or block signals; the program starts as from a shell.
        var set = sigset_t()
        sigemptyset(&set)
        posix_spawnattr_setsigmask(&attributes, &set)
        sigfillset(&set)
        posix_spawnattr_setsigdefault(&attributes, &set)
        let session = terminal == nil ? 0 : PseudoTerminal.newSession
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK) | session)
        var all = environment.merging(["PATH": "/usr/bin:/bin"]) { own, _ in own }
        if isJournaled { all["JOURNAL_STREAM"] = try Self.stream(to: "\(folder.path)/errors") }
        var process: pid_t = 0
        // Swift does not import the spawn action that changes the folder; env(1) changes it and becomes the program.
        let code = withStrings(["env", "-C", directory, path] + arguments) { argv in
            withStrings(all.map { "\($0.key)=\($0.value)" }) {
                posix_spawn(&process, "/usr/bin/env", &actions, &attributes, argv, $0)
            }
        }
        guard code == 0 else { throw TestFileError(path: path, code: code) }
        return RunningBinary(process: process, folder: folder, output: output)
    }
}

/// A process under way.
public struct RunningBinary: Sendable {
    /// Its number.
    public let process: Int32
    let folder: TemporaryDirectory
    let output: String

    /// Waits until it has printed something on standard error; false where it ended without.
    public func says(_ words: String) async -> Bool {
        while true {
            var information = siginfo_t()
            let isOver =
                waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT) != 0
                || information.si_signo != 0
            let said = String(decoding: (try? readFile("\(folder.path)/errors")) ?? [], as: UTF8.self)
            if said.contains(words) { return true }
            if isOver { return false }
            await Task.yield()
        }
    }

    /// Sends it a signal.
    public func signal(_ number: Int32) { kill(process, number) }

    /// Waits for its end.
    public func result() async throws -> BinaryResult {
        let process = process
        let status = await onThread {
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            return status
        }
        let killed = status & 0x7F
        let printed = output.hasPrefix(folder.path) ? try readFile(output) : []
        return BinaryResult(
            code: killed == 0 ? (status >> 8) & 0xFF : 128 + killed, output: String(decoding: printed, as: UTF8.self),
            errors: String(decoding: try readFile("\(folder.path)/errors"), as: UTF8.self))
    }
}

/// Leaves a child none of what other tests have open just now: a connection that it kept would never be seen to close.
public func closeAll(from first: Int32, _ actions: inout posix_spawn_file_actions_t) {
    typealias AddCloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
    // glibc has it since 2.34, and hides it from Swift.
    guard let function = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return }
    _ = unsafeBitCast(function, to: AddCloseFrom.self)(&actions, first)
}

/// Lends strings as a C array that ends with a null pointer.
private func withStrings<R>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
