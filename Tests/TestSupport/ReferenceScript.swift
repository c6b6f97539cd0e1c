// Runs the Python programs that were written from the pages on formats, independent of the Swift sources.
import FoundationEssentials
import Glibc

/// What a program answered.
public struct ScriptResult: Sendable {
    /// Its exit code; -1 where it did not end by itself.
    public let status: Int32
    /// What it wrote to its output.
    public let output: String
    /// What it wrote to its error output.
    public let errors: String
}

/// The Python programs of the checkout.
public enum ReferenceScript {
    /// The top of the checkout.
    public static let checkout = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")

    /// The program itself, as the build of the tests leaves it.
    public static let binary = "\(checkout)/.build/debug/sanctuary"

    /// Whether `scripts/python` has been set up, as `scripts/test` does.
    public static let isReady = access("\(checkout)/.build/python/bin/python", X_OK) == 0

    /// Why tests that need the programs are left out.
    public static let whyNot = "needs the shared vectors and `scripts/python -c pass` once"

    /// Runs a program of the checkout and waits for it, on a thread of its own.
    public static func run(_ program: String, _ arguments: [String]) async throws -> ScriptResult {
        let folder = try TemporaryDirectory()
        let status = await onThread {
            spawnAndWait(
                ["\(checkout)/\(program)"] + arguments, output: "\(folder.path)/out", errors: "\(folder.path)/err")
        }
        return ScriptResult(
            status: status,
            output: String(decoding: try readFile("\(folder.path)/out"), as: UTF8.self),
            errors: String(decoding: try readFile("\(folder.path)/err"), as: UTF8.self))
    }

    static func spawnAndWait(_ words: [String], output: String, errors: String) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        closeAll(from: 3, &actions)
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child = pid_t()
        guard posix_spawn(&child, words[0], &actions, nil, &arguments, environ) == 0 else { return -1 }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return (status & 0x7f) == 0 ? (status >> 8) & 0xff : -1
    }
}
