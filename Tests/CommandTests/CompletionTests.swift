// What a shell completes, tried in bash itself.
import Foundation
import TestSupport
import Testing

@testable import sanctuary

@Suite struct CompletionTests {
    /// What bash offers for a command line; the last word is the one that is being typed.
    private func offers(_ words: [String], in home: TemporaryDirectory? = nil) async throws -> [String] {
        let directory = try home ?? TemporaryDirectory()
        let script = try await Binary("sanctuary").run(["completion", "bash"], in: directory.path)
        try writeFile("\(directory.path)/completion", Array(script.output.utf8))
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/bash")
        shell.arguments = [
            "-c",
            "source '\(directory.path)/completion'; COMP_WORDS=(\(quoted)); COMP_CWORD=\(words.count - 1); "
                + "_sanctuary; printf '%s\\n' \"${COMPREPLY[@]}\"",
        ]
        let program = try Binary("sanctuary").path
        let folder = String(program[..<(program.lastIndex(of: "/") ?? program.endIndex)])
        shell.environment = ["PATH": "\(folder):/usr/bin:/bin", "SANCTUARY_HOME": "\(directory.path)/home"]
        let output = Pipe()
        shell.standardOutput = output
        try shell.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        shell.waitUntilExit()
        return text.split(separator: "\n").map(String.init)
    }

    @Test func commandsOptionsAndChoices() async throws {
        #expect(try await offers(["sanctuary", "re"]) == ["residents", "resume", "review"])
        #expect(try await offers(["sanctuary", "vault", "ver"]) == ["verify"])
        #expect(try await offers(["sanctuary", "--home", "/", "vault", "ver"]) == ["verify"])
        #expect(try await offers(["sanctuary", "nightly", "--d"]) == ["--date", "--dry-run"])
        #expect(try await offers(["sanctuary", "admit", "--format", "c"]) == ["card"])
        #expect(try await offers(["sanctuary", "completion", ""]) == ["bash", "zsh", "fish"])
        #expect(try await offers(["sanctuary", "nightly", "--date", ""]) == [])
    }

    @Test func residentsAreOfferedByName() async throws {
        let directory = try TemporaryDirectory()
        func run(_ words: String...) async throws -> BinaryResult {
            try await Binary("sanctuary").run(
                words, environment: ["SANCTUARY_HOME": "\(directory.path)/home"], in: directory.path)
        }
        #expect(try await offers(["sanctuary", "pause", ""], in: directory) == [], "there is no home yet")
        try await #require(run("init").code == 0)
        for name in ["Tilda Brandt", "Tomas", "Ada"] {
            try writeFile(
                "\(directory.path)/p.json", Array(#"{"name":"\#(name)","system_prompt":"Be."}"#.utf8))
            try await #require(run("admit", "p.json").code == 0)
        }
        #expect(try await offers(["sanctuary", "pause", "T"], in: directory).sorted() == ["Tilda\\ Brandt", "Tomas"])
        #expect(try await offers(["sanctuary", "run", "Tilda\\ B"], in: directory) == ["Tilda\\ Brandt"])
        #expect(try await offers(["sanctuary", "feed", "--from", "A"], in: directory) == ["Ada"])
        let plain = try await run("__complete", "residents")
        #expect(Set(plain.output.split(separator: "\n")) == ["Tilda Brandt", "Tomas", "Ada"])
        #expect(try await !run("--help").output.contains("__complete"))
    }

    @Test func everyShellKnowsEveryCommandAndOption() {
        let completion = Completion(commands: Commands.all)
        for shell in Shell.allCases {
            let script = completion.script(for: shell)
            for level in completion.levels {
                for name in level.subcommands.map(\.name) { #expect(script.contains(name), "\(shell) \(name)") }
                for option in level.options { #expect(script.contains(option.name), "\(shell) \(option.name)") }
            }
        }
    }

    @Test func theScriptsAreWhatTheirShellsRead() async throws {
        let directory = try TemporaryDirectory()
        for shell in Shell.allCases {
            let path = "\(directory.path)/\(shell.rawValue)"
            try writeFile(path, Array(Completion(commands: Commands.all).script(for: shell).utf8))
            let program = ["/bin/", "/usr/bin/"].map { $0 + shell.rawValue }
                .first { FileManager.default.isExecutableFile(atPath: $0) }
            guard let program else { continue }
            let process = Process()
            process.executableURL = URL(filePath: program)
            process.arguments = ["-n", path]
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "\(shell)")
        }
    }
}
