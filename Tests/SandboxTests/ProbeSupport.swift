// The probe program, compiled once, run in the sandbox and bare; and whether this machine has what a test needs.
import Encoding
import Foundation
import Sandbox
import TestSupport
import Testing

/// The program of `Probes/probe.c`.
enum Probe {
    /// Where it was compiled to, with its bytes; nil where there is no C compiler.
    static let program: (folder: TemporaryDirectory, path: String, bytes: [UInt8])? = {
        let source =
            #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/") + "/Probes/probe.c"
        guard let folder = try? TemporaryDirectory() else { return nil }
        let path = "\(folder.path)/probe"
        guard (try? bare("/usr/bin/cc", ["-O1", "-o", path, source, "-lpthread", "-lutil"]))?.code == 0,
            let bytes = try? readFile(path)
        else { return nil }
        return (folder, path, bytes)
    }()

    /// The house's sandbox on this machine.
    static let sandbox: Sandbox? = try? Sandbox(time: .system)

    /// Whether probes can be tried here; where not, the tests say so by being skipped.
    static let isPossible: Bool = {
        guard program != nil, let sandbox else { return false }
        if case .none = sandbox.tier { return false }
        return true
    }()

    /// Whether something can be mounted outside, in a namespace of the probe's own.
    static let canMount: Bool = (try? bareWord(["own", "/tmp"])) == "reached"

    /// Whether the kernel lets a program type into a terminal of its own at all.
    static let pushes: Bool = (try? bareWord(["push"])) == "reached"

    /// What the skipped tests say.
    static let need: Comment = "needs a C compiler, bubblewrap and user namespaces"

    /// Limits that no busy machine passes by keeping a program waiting.
    static let patient = SandboxLimits(wallSeconds: 600, idleSeconds: 600)

    /// A description of the probe with these words.
    static func asked(
        _ words: [String], limits: SandboxLimits = Probe.patient, needsProc: Bool = false, exchange: String? = nil,
        folders: [String] = []
    ) throws -> SandboxProgram {
        let program = try #require(program)
        return SandboxProgram(
            command: ["/tool/probe"] + words,
            files: [SandboxFile(name: "probe", bytes: program.bytes, isExecutable: true)], folders: folders,
            exchange: exchange, needsProc: needsProc, limits: limits)
    }

    /// Runs the probe in the sandbox.
    static func boxed(
        _ words: [String], input: String = "", limits: SandboxLimits = Probe.patient, needsProc: Bool = false,
        exchange: String? = nil, folders: [String] = []
    ) async throws -> SandboxRun<Letter> {
        let sandbox = try #require(sandbox)
        return try await sandbox.run(
            try asked(words, limits: limits, needsProc: needsProc, exchange: exchange, folders: folders),
            speaking: Letter(Array(input.utf8)))
    }

    /// What the probe prints in the sandbox, without the line's end.
    static func boxedWord(_ words: [String], limits: SandboxLimits = Probe.patient) async throws -> String {
        try await boxed(words, limits: limits).output.text.trimmed
    }

    /// What the probe prints outside.
    static func bareWord(_ words: [String]) throws -> String {
        try bare(try #require(program).path, words).output.trimmed
    }
}

/// Why a program could not be started.
struct ProbeFailure: Error {
    let code: Int32
}

/// Runs a program as it is, to its end.
func bare(_ path: String, _ arguments: [String], inheriting extra: Int32? = nil) throws -> (code: Int32, output: String)
{
    let folder = try TemporaryDirectory()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "\(folder.path)/output", O_WRONLY | O_CREAT, 0o600)
    if let extra { posix_spawn_file_actions_adddup2(&actions, extra, 3) }
    closeAll(from: extra == nil ? 3 : 4, &actions)
    var words = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process: pid_t = 0
    var environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/bin:/bin"), strdup("SECRET=bare"), nil]
    defer { for word in environment { free(word) } }
    guard posix_spawn(&process, path, &actions, nil, &words, &environment) == 0 else {
        throw ProbeFailure(code: errno)
    }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    let killed = status & 0x7F
    let output = String(decoding: try readFile("\(folder.path)/output"), as: UTF8.self)
    return (killed == 0 ? (status >> 8) & 0xFF : 128 + killed, output)
}

/// The processes of this machine whose command line has a word.
func processes(with word: String) -> [Int32] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }.filter { number in
        let line = (try? readFile("/proc/\(number)/cmdline")) ?? []
        return number != getpid() && line.split(separator: 0).contains { String(decoding: $0, as: UTF8.self) == word }
    }
}

extension String {
    var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
