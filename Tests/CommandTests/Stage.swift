// Where a transcript plays: a folder of its own with a home to be, and the program.
import FoundationEssentials
import Glibc
import TestSupport

/// Why an act of a transcript failed.
struct StageError: Error {
    let path: String
    let code: Int32
}

final class Stage {
    let directory: TemporaryDirectory
    private let binary: Binary
    private var environment: [String: String]
    /// A lock that stands for another process.
    private var held: Int32?

    /// The home of the commands.
    var home: String { "\(directory.path)/home" }

    init() throws {
        directory = try TemporaryDirectory()
        binary = try Binary("sanctuary")
        environment = ["HOME": directory.path, "SANCTUARY_HOME": "\(directory.path)/home", "TZ": "Europe/Paris"]
    }

    deinit { if let held { close(held) } }

    func set(_ assignment: String) {
        let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count == 2 ? expand(String(parts[1])) : ""
        environment[String(parts[0])] = value.isEmpty ? nil : value
    }

    /// Runs the program; its output as lines of a transcript.
    func run(_ words: [String], input: String) async throws -> [String] {
        let result = try await binary.run(
            words.map(expand), environment: environment, input: input, in: directory.path)
        let mask = Mask(directory: directory.path)
        return Self.lines(mask(result.output), ">") + Self.lines(mask(result.errors), "!")
            + (result.code == 0 ? [] : ["? \(result.code)"])
    }

    /// `%STAGE%` stands for the folder of the stage, `%REPOSITORY%` for the checkout.
    func expand(_ word: String) -> String {
        let checkout = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return word.replacing("%STAGE%", with: directory.path)
            .replacing("%REPOSITORY%", with: checkout.joined(separator: "/"))
    }

    private static func lines(_ text: String, _ mark: String) -> [String] {
        guard !text.isEmpty else { return [] }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty ?? false { lines.removeLast() }
        return lines.map { $0.isEmpty ? mark : "\(mark) \($0)" }
    }

    /// Takes the lock that an owner of the home holds.
    func hold(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw StageError(path: path, code: errno)
        }
        let text = Array("pid 4711\n".utf8)
        _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        held = descriptor
    }

    func release() {
        if let held {
            ftruncate(held, 0)
            // A child that another test has just forked has it open too.
            flock(held, LOCK_UN)
            close(held)
        }
        held = nil
    }
}
