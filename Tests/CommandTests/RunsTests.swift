// `runs show`, `resume` and `cancel` with the real program: ids are not to be known before, so no transcript.
import Encoding
import TestSupport
import Testing

@Suite struct RunsTests {
    /// A home with one resident of a provider on loopback that always answers.
    private struct Home {
        let directory: TemporaryDirectory
        let binary: Binary
        let server: RawServer

        init() async throws {
            directory = try TemporaryDirectory()
            binary = try Binary("sanctuary")
            server = try RawServer { connection in
                _ = connection.readHead()
                let body = #"""
                    {"id":"x","object":"chat.completion","model":"m","choices":[{"index":0,"finish_reason":"stop",
                    "message":{"role":"assistant","content":"SECRET-WORDS"}}],
                    "usage":{"prompt_tokens":5000,"completion_tokens":3}}
                    """#
                connection.write(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
                        + "Connection: close\r\n\r\n\(body)")
            }
            try writeFile("\(directory.path)/Ada.json", Array(#"{"name":"Ada","system_prompt":"Be."}"#.utf8))
            try await #require(run("init").code == 0)
            try budget("0.0000001")
            try await #require(run("admit", "Ada.json", "--model", "held/m").code == 0)
        }

        func budget(_ night: String) throws {
            let settings = """
                { timezone: "Europe/Paris", budget: { night: "\(night)" }, providers: { held: { dialect: "openai",
                  stream: false, baseURL: "http://127.0.0.1:\(server.port)/v1",
                  models: { m: { input: 1, output: 1 } } } } }
                """
            try writeFile("\(directory.path)/home/sanctuary.json", Array(settings.utf8))
        }

        func run(_ words: String...) async throws -> BinaryResult {
            try await binary.run(
                words, environment: ["SANCTUARY_HOME": "\(directory.path)/home", "TZ": "Europe/Paris"],
                in: directory.path)
        }

        func json(_ words: String...) async throws -> JSON {
            let result = try await binary.run(
                words + ["--json"], environment: ["SANCTUARY_HOME": "\(directory.path)/home", "TZ": "Europe/Paris"],
                in: directory.path)
            return try JSON.parse(Array(result.output.utf8))
        }
    }

    @Test func aParkedRunIsShownTakenUpAndTold() async throws {
        let home = try await Home()
        #expect(try await home.run("nightly", "--date", "2026-11-02").code == 3)
        let id = try #require(try await home.json("runs", "--state", "parked")[0]?["run"]?.string)
        let parked = try await home.json("runs", "show", id)
        #expect(parked["state"]?.string == "parked" && parked["reason"]?.string == "budget_night")
        let types = parked["spans"]?.array?.compactMap { $0["type"]?.string } ?? []
        #expect(types.first == "run.claimed" && types.last == "run.parked", "\(types)")
        try home.budget("5.00")
        let resumed = try await home.run("runs", "resume", String(id.suffix(8)))
        #expect(resumed.code == 0 && resumed.output.hasPrefix("done"), "\(resumed)")
        let done = try await home.json("runs", "show", id)
        #expect(done["state"]?.string == "done" && done["night"]?.string == "2026-11-02")
        #expect(done["tokens"]?["input"]?.integer == 5000 && done["tokens"]?["output"]?.integer == 3)
        #expect(done["costMicroUSD"]?.integer == 5003)
        #expect(done["journal"]?.array?.isEmpty == true)
        let text = try await home.run("runs", "show", id)
        #expect(text.code == 0 && text.output.contains("vault.sealed") && !text.output.contains("SECRET-WORDS"))
        let again = try await home.run("runs", "resume", id)
        #expect(again.code == 2 && again.errors.contains("is done: nothing of it can be taken up"))
    }

    @Test func aRunThatIsGivenUpIsFinalForItsNight() async throws {
        let home = try await Home()
        #expect(try await home.run("nightly", "--date", "2026-11-02").code == 3)
        let id = try #require(try await home.json("runs")[0]?["run"]?.string)
        let cancelled = try await home.run("runs", "cancel", id)
        #expect(cancelled.code == 0 && cancelled.output == "run \(id) of Ada is given up\n")
        #expect(try await home.json("runs")[0]?["reason"]?.string == "cancelled")
        let again = try await home.run("runs", "cancel", id)
        #expect(again.code == 2 && again.errors.contains("only a parked or queued run can be given up"))
        try home.budget("5.00")
        let night = try await home.run("nightly", "--date", "2026-11-02")
        #expect(night.code == 3 && night.output.contains("0 done, 1 failed earlier"), "\(night)")
        #expect(night.errors.contains("given up by the operator"))
        #expect(try await home.run("nightly", "--date", "2026-11-03").code == 0)
        #expect(try await home.run("ledger", "verify").code == 0)
    }
}
