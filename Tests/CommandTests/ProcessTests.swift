// The process as such: pipes, signals, colours, completion, the environment's secrets.
import Foundation
import Glibc
import TestSupport
import Testing

@testable import sanctuary

/// A home with one resident of the stand-in, and the program.
private struct House {
    let directory: TemporaryDirectory
    let binary: Binary
    var environment: [String: String]

    init() async throws {
        directory = try TemporaryDirectory()
        binary = try Binary("sanctuary")
        environment = ["HOME": directory.path, "SANCTUARY_HOME": "\(directory.path)/home", "TZ": "Europe/Paris"]
        try writeFile("\(directory.path)/ada.json", Array(#"{"name":"Ada","system_prompt":"You are Ada."}"#.utf8))
        try await #require(run("init").code == 0)
        try await #require(run("admit", "ada.json").code == 0)
    }

    func run(_ words: String..., outputPath: String? = nil) async throws -> BinaryResult {
        try await binary.run(words, environment: environment, in: directory.path, outputPath: outputPath)
    }

    func json(_ words: String...) async throws -> Any {
        let result = try await binary.run(words, environment: environment, in: directory.path)
        return try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    }
}

@Suite struct ProcessTests {
    @Test func aResultThatCannotBePrintedIsNoSuccess() async throws {
        let house = try await House()
        let result = try await house.run("residents", outputPath: "/dev/full")
        #expect(result.code == 1)
        #expect(result.errors == "sanctuary: error: cannot write to standard output: no space left on device\n")
    }

    @Test func aReaderWhoLeavesEndsTheOutputQuietly() async throws {
        let house = try await House()
        let program = house.binary.path
        // `true` reads nothing; the night is played to its end all the same.
        let command = "{ '\(program)' nightly --date 2026-11-20; echo $? >code; } | true"
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/bash")
        shell.arguments = ["-c", command]
        shell.currentDirectoryURL = URL(filePath: house.directory.path)
        shell.environment = house.environment
        let errors = Pipe()
        shell.standardError = errors
        try shell.run()
        let said = try errors.fileHandleForReading.readToEnd() ?? Data()
        shell.waitUntilExit()
        // A night of seconds, on a busy machine, says how far it is.
        #expect(String(decoding: said, as: UTF8.self).split(separator: "\n").allSatisfy { $0.contains(" runs, ") })
        #expect(try readFile("\(house.directory.path)/code") == Array("0\n".utf8))
        let residents = try #require(try await house.json("residents", "--json") as? [[String: Any]])
        #expect(residents.first?["runs"] as? Int == 1)
    }

    @Test func anExportIsVerifiedByWhatOneKnowsAndWithoutAHome() async throws {
        var house = try await House()
        try await #require(house.run("ledger", "export", "export").code == 0)
        let path = "\(house.directory.path)/export/ledger.json"
        let said = try #require(
            try JSONSerialization.jsonObject(with: Data(readFile(path))) as? [String: Any])
        let key = try #require(said["public_key"] as? String)
        let head = try #require(said["head"] as? String)
        house.environment["SANCTUARY_HOME"] = "\(house.directory.path)/nowhere"
        let unanchored = try await house.run("ledger", "verify", "export")
        #expect(unanchored.code == 0 && unanchored.errors.contains("unanchored: key and head are the export's own"))
        let anchored = try await house.run("ledger", "verify", "export", "--key", key, "--head", head)
        #expect(anchored.code == 0 && anchored.errors == "")
        let zeros = String(repeating: "0", count: 64)
        #expect(try await house.run("ledger", "verify", "export", "--key", zeros).code == 4)
        #expect(try await house.run("ledger", "verify", "export", "--head", "blake3:\(zeros)").code == 4)
        #expect(try await house.run("ledger", "verify", "export", "--key", "gold").code == 2)
        #expect(try await house.run("ledger", "verify", "--key", key).code == 2)
        #expect(try await house.run("ledger", "verify", "none").code == 1)
    }

    @Test func nothingIsPaintedWhereNoTerminalIs() async throws {
        let house = try await House()
        for words in [["residents"], ["vault", "inspect"], ["doctor"], ["nobody"]] {
            let result = try await house.binary.run(
                words, environment: house.environment, in: house.directory.path)
            #expect(!(result.output + result.errors).contains("\u{1B}"))
        }
    }

    @Test func aTerminalGetsColoursUnlessItRefuses() {
        #expect(Paint(isOn: true)("done", .green) == "\u{1B}[32mdone\u{1B}[0m")
        #expect(Paint(isOn: false)("done", .green) == "done")
        func wants(_ values: [String: String], _ allowed: Bool = true) -> Bool {
            Terminal.wantsColour(isTerminal: true, environment: ProcessEnvironment(values), colourAllowed: allowed)
        }
        #expect(wants(["TERM": "xterm"]))
        #expect(wants(["NO_COLOR": ""]))
        #expect(!wants(["NO_COLOR": "1"]))
        #expect(!wants(["TERM": "dumb"]))
        #expect(!wants([:], false))
        #expect(!Terminal.wantsColour(isTerminal: false, environment: ProcessEnvironment([:]), colourAllowed: true))
    }

    @Test func jsonIsJSON() async throws {
        let house = try await House()
        let commands = [
            ["residents"], ["residents", "Ada"], ["mail"], ["keepers"], ["feed"], ["memorial"], ["vault", "inspect"],
            ["vault", "verify"], ["ledger", "verify"], ["ledger", "show", "0"], ["provider", "list"], ["doctor"],
            ["nightly", "--date", "2026-11-20"], ["run", "Ada"], ["ledger", "tail"], ["run", "Ada", "--dry-run"],
        ]
        for words in commands {
            let result = try await house.binary.run(
                words + ["--json"], environment: house.environment, in: house.directory.path)
            #expect(result.code == 0, "\(words)")
            for line in result.output.split(separator: "\n") {
                #expect(throws: Never.self, "\(words)") {
                    try JSONSerialization.jsonObject(with: Data(line.utf8), options: .fragmentsAllowed)
                }
            }
        }
    }

    @Test func theDocumentedShapesHaveTheirKeys() async throws {
        let house = try await House()
        let night = try await house.run("nightly", "--date", "2026-11-20", "--json")
        let lines = try night.output.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }.filter { $0["event"] as? String != "progress" }
        #expect(lines.count == 2)
        let run: Set<String> = [
            "event", "run", "resident", "name", "trigger", "outcome", "model", "rounds", "toolCalls", "refused",
            "tokens", "ms", "generation",
        ]
        #expect(run.isSubset(of: Set(try #require(lines.first).keys)))
        let summary: Set<String> = [
            "event", "date", "done", "failed", "parked", "skipped", "missed", "tokens", "costMicroUSD", "ms",
        ]
        #expect(summary.isSubset(of: Set(try #require(lines.last).keys)))
        let residents = try #require(try await house.json("residents", "--json") as? [[String: Any]])
        let keys: Set<String> = [
            "id", "name", "status", "generation", "runs", "lastRun", "nextRun", "balance", "bank", "model",
        ]
        #expect(keys.isSubset(of: Set(try #require(residents.first).keys)))
    }

    @Test func theMasterKeyOfTheEnvironmentMakesAndOpensAHome() async throws {
        let directory = try TemporaryDirectory()
        let binary = try Binary("sanctuary")
        let key = String(repeating: "5a", count: 32)
        let environment = ["SANCTUARY_HOME": "\(directory.path)/home", "MASTER_ENCRYPTION_KEY": key]
        let made = try await binary.run(["init"], environment: environment, in: directory.path)
        #expect(made.code == 0)
        #expect(!(made.output + made.errors).contains(key))
        #expect(access("\(directory.path)/home/keys/master.key", F_OK) != 0)
        let opened = try await binary.run(["vault", "verify"], environment: environment, in: directory.path)
        #expect(opened.code == 0)
        let without = try await binary.run(
            ["vault", "verify"], environment: ["SANCTUARY_HOME": "\(directory.path)/home"], in: directory.path)
        #expect(without.code == 1)
    }

    @Test func doctorNamesWhatIsWrongAndItsMend() async throws {
        let house = try await House()
        chmod("\(house.directory.path)/home/keys/epoch", 0o644)
        chmod("\(house.directory.path)/home", 0o755)
        try writeFile("\(house.directory.path)/home/spool/stray", [])
        try writeFile("\(house.directory.path)/home/sanctuary.json", Array("{ timezon: 1 }".utf8))
        let broken = try await house.run("doctor", "--json")
        #expect(broken.code == 2 || broken.code == 1)
        try writeFile("\(house.directory.path)/home/sanctuary.json", Array("{}".utf8))
        let result = try await house.run("doctor")
        #expect(result.code == 0)
        #expect(result.output.contains("others can reach 'keys/epoch': mode 644"))
        #expect(result.output.contains("mend: chmod 600"))
        #expect(result.output.contains("others can look into the home: mode 755"))
        #expect(result.output.contains("1 file could not be taken in: stray"))
    }
}
