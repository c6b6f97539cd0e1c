// What a program writes: bounded, whole where it is whole, harmless to read.
import Encoding
import Glibc
import Sandbox
import TestSupport
import Testing

@Suite(.enabled(if: Probe.isPossible, Probe.need)) struct OutputTests {
    @Test func endlessOutputIsStopped() async throws {
        let run = try await Probe.boxed(["talk", "endless"])
        #expect(run.end == .stopped(.output))
        #expect(run.output.isTruncated && run.output.whole == nil)
        #expect(run.output.total > 1 << 20 && run.output.total < 2 << 20)
        #expect(run.output.head.count == 65_536 && run.output.tail.count == 65_536)
        #expect(run.output.text.contains("[truncated: "))
    }

    @Test func whatCommandsATerminalIsTakenOut() async throws {
        let run = try await Probe.boxed(["talk", "dirty"])
        #expect(run.output.text == "ab\u{FFFD}\u{FFFD}\u{FFFD}cred\nend")
        #expect(run.output.whole?.contains(0x1B) == true)
    }

    @Test func inputArrivesWhole() async throws {
        let text = String(repeating: "0123456789abcdef", count: 6000)
        let run = try await Probe.boxed(["echo"], input: text)
        #expect(run.output.total == text.utf8.count)
        #expect(run.output.whole.map { String(decoding: $0, as: UTF8.self) } == text)
    }

    /// Writing to a program that closed its input raises a signal that would end the engine.
    @Test func aProgramNeedNotListen() async throws {
        let text = String(repeating: "x", count: 1 << 20)
        #expect(try await Probe.boxed(["environment"], input: text).end == .exited(0))
    }

    @Test func headAndTailAreKept() async throws {
        let text = "begin" + String(repeating: "m", count: 300_000) + "end"
        let run = try await Probe.boxed(["echo"], input: text)
        #expect(run.end == .exited(0))
        #expect(run.output.text.hasPrefix("begin") && run.output.text.hasSuffix("mend"))
        #expect(run.output.isTruncated && run.output.total == 300_008)
    }

    @Test func fiftyAtOnceDoNotMeet() async throws {
        let texts = (0..<50).map { "resident \($0) " + String(repeating: "\($0 % 10)", count: 20_000 + $0) }
        let answers = try await withThrowingTaskGroup(of: (Int, String?).self) { group in
            for (index, text) in texts.enumerated() {
                group.addTask {
                    let run = try await Probe.boxed(["echo"], input: text)
                    return (index, run.output.whole.map { String(decoding: $0, as: UTF8.self) })
                }
            }
            return try await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
        }
        #expect(answers.count == 50)
        for (index, text) in texts.enumerated() { #expect(answers[index] == text) }
    }

    @Test func wordsLikeOptionsAreWords() async throws {
        let words = ["--bind", "/", "/host", "--", "-x", "a b", "$(id)", "\n", "☃"]
        let run = try await Probe.boxed(["arguments"] + words)
        #expect(run.output.text == words.joined(separator: "\n") + "\n")
    }
}

@Suite struct FailureTests {
    @Test(.enabled(if: Probe.isPossible, Probe.need)) func aProgramThatImitatesTheSandboxIsAProgram() async throws {
        let run = try await Probe.boxed(["fail"])
        #expect(run.end == .exited(1))
        #expect(run.errors.text == "bwrap: this is the tool speaking\n")
    }

    @Test(.enabled(if: Probe.isPossible, Probe.need)) func aMissingProgramIsTheProgramsFault() async throws {
        let sandbox = try #require(Probe.sandbox)
        let run = try await sandbox.run(SandboxProgram(command: ["/usr/bin/absent"]), speaking: Letter())
        #expect(run.end == .exited(127))
    }

    @Test func withoutBubblewrapNothingRuns() async throws {
        let sandbox = try Sandbox(paths: SandboxPaths(bubblewrap: "/absent/bwrap"), time: .system)
        #expect(sandbox.tier == .none(.bubblewrap))
        await #expect(throws: SandboxError.unavailable(.bubblewrap)) {
            try await sandbox.run(SandboxProgram(command: ["/usr/bin/true"]), speaking: Letter())
        }
    }

    @Test(arguments: [
        ("bwrap: No permissions to create new namespace", SandboxError.unavailable(.userNamespaces)),
        ("bwrap: Can't mount tmpfs", .setupFailed(diagnostic: "bwrap: Can't mount tmpfs")),
    ])
    func whatBubblewrapCannotDoIsTheSandboxsFault(says: String, error: SandboxError) async throws {
        let folder = try TemporaryDirectory()
        let path = "\(folder.path)/bwrap"
        try await writeProgram(path, Array("#!/bin/sh\necho \"\(says)\" >&2\nexit 1\n".utf8))
        #expect(chmod(folder.path, 0o755) == 0)
        let sandbox = try Sandbox(paths: SandboxPaths(bubblewrap: path), time: .system)
        await #expect(throws: error) {
            try await sandbox.run(SandboxProgram(command: ["/usr/bin/true"]), speaking: Letter())
        }
    }

    @Test(arguments: [
        SandboxProgram(command: []), SandboxProgram(command: ["-x"]), SandboxProgram(command: ["true"]),
        SandboxProgram(command: ["/usr/bin/true", "a\0b"]),
        SandboxProgram(command: ["/tool/x"], files: [SandboxFile(name: "../x", bytes: [], isExecutable: true)]),
        SandboxProgram(command: ["/tool/x"], files: [SandboxFile(name: "-x", bytes: [], isExecutable: true)]),
        SandboxProgram(command: ["/tool/x"], folders: ["/usr/lib"]),
        SandboxProgram(command: ["/tool/x"], folders: ["/"]),
        SandboxProgram(command: ["/tool/x"], folders: ["/srv/../etc"]),
        SandboxProgram(command: ["/tool/x"], limits: SandboxLimits(wallSeconds: 0)),
    ])
    func whatCouldBeMistakenIsRefused(program: SandboxProgram) async throws {
        let sandbox = try Sandbox(time: .system)
        await #expect {
            try await sandbox.run(program, speaking: Letter())
        } throws: { error in
            if case SandboxError.invalidProgram = error { true } else { false }
        }
    }
}
