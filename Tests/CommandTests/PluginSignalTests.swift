// A signal to the program while a plugin's program works: nothing of it lives on, and the next night says what became
// of the call.
import Encoding
import FoundationEssentials
import Glibc
import Sandbox
import Synchronization
import TestSupport
import Testing

/// Whether this machine can make a sandbox.
private let canSandbox: Bool = {
    guard let sandbox = try? Sandbox(time: .system) else { return false }
    if case .none = sandbox.tier { return false }
    return true
}()

/// A provider in OpenAI's dialect whose first answer asks for the tool `act`; it keeps what it was sent.
private final class ActingProvider: Sendable {
    private final class Record: Sendable {
        let bodies = Mutex<[String]>([])
    }

    private let record: Record
    private let server: RawServer

    var port: UInt16 { server.port }
    var bodies: [String] { record.bodies.withLock { $0 } }

    init() throws {
        let record = Record()
        self.record = record
        server = try RawServer { connection in
            let request = Self.request(connection)
            let number = record.bodies.withLock {
                $0.append(request)
                return $0.count
            }
            let call = #"{"id":"c1","type":"function","function":{"name":"act","arguments":"{}"}}"#
            let said =
                number == 1
                ? #""finish_reason":"tool_calls","message":{"role":"assistant","content":null,"tool_calls":[\#(call)]}"#
                : #""finish_reason":"stop","message":{"role":"assistant","content":"I see."}"#
            let body =
                #"{"id":"x","object":"chat.completion","model":"m","choices":[{"index":0,\#(said)}],"#
                + #""usage":{"prompt_tokens":10,"completion_tokens":3}}"#
            connection.write(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
                    + "Connection: close\r\n\r\n\(body)")
        }
    }

    /// The body of a whole request.
    private static func request(_ connection: RawConnection) -> String {
        var text = connection.readHead()
        let length = text.firstMatch(of: /(?i)content-length: *([0-9]+)/).flatMap { Int($0.1) } ?? 0
        while let head = text.firstRange(of: "\r\n\r\n"), text[head.upperBound...].utf8.count < length {
            let more = connection.read()
            if more.isEmpty { break }
            text += String(decoding: more, as: UTF8.self)
        }
        return text
    }
}

@Suite(.enabled(if: canSandbox, "needs bubblewrap and user namespaces")) struct PluginSignalTests {
    /// A home with one resident and one plugin, whose program works until the file `ready` is there.
    private struct Place {
        let directory: TemporaryDirectory
        let binary: Binary
        let provider: ActingProvider
        /// Read by the plugin; `/tmp` would not do, since a sandbox has its own.
        let outside: TemporaryDirectory
        /// An argument of the plugin's program that no other process has.
        let word = "86400.\(UInt64.random(in: 0...UInt64.max))"

        init(effect: String) async throws {
            directory = try TemporaryDirectory()
            binary = try Binary("sanctuary")
            provider = try ActingProvider()
            outside = try TemporaryDirectory(below: "/var/tmp")
            // Whom the sandbox runs its programs as is not whom the tests run as.
            try #require(chmod(outside.path, 0o755) == 0)
            try await #require(run("init").code == 0)
            let folder = "\(directory.path)/home/tools/actor"
            try #require(mkdir(folder, 0o700) == 0)
            let script = "[ -e \(outside.path)/ready ] || exec /usr/bin/sleep \(word); echo '{\"text\": \"acted\"}'"
            let definition: JSON = [
                "version": 1, "summary": "Acts.", "kind": "program",
                "command": ["/usr/bin/sh", "-c", .string(script)], "folders": [.string(outside.path)],
                "limits": ["wallSeconds": 600, "idleSeconds": 600],
                "tools": [
                    [
                        "name": "act", "description": "Acts.", "permission": "act", "effect": .string(effect),
                        "arguments": ["type": "object", "properties": [:]],
                    ]
                ],
            ]
            try writeFile("\(folder)/tool.json", definition.serialized())
            let settings = """
                { timezone: "UTC", providers: { local: { dialect: "openai", stream: false,
                  baseURL: "http://127.0.0.1:\(provider.port)/v1" } } }
                """
            try writeFile("\(directory.path)/home/sanctuary.json", Array(settings.utf8))
            try writeFile("\(directory.path)/Ada.json", Array(#"{"name":"Ada","system_prompt":"Be."}"#.utf8))
            let accepted = try await run("tool", "accept", "actor")
            try #require(accepted.code == 0, "\(accepted.errors)")
            try await #require(run("admit", "Ada.json", "--model", "local/m").code == 0)
        }

        private var environment: [String: String] { ["SANCTUARY_HOME": "\(directory.path)/home", "TZ": "UTC"] }

        func run(_ words: String...) async throws -> BinaryResult {
            try await binary.run(words, environment: environment, in: directory.path)
        }

        func start(_ words: String...) throws -> RunningBinary {
            try binary.start(words, environment: environment, in: directory.path)
        }

        /// How many processes of this machine work for the plugin.
        var working: Int {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            return names.compactMap { Int32($0) }.count { number in
                let line = (try? readFile("/proc/\(number)/cmdline")) ?? []
                return line.split(separator: 0).contains { String(decoding: $0, as: UTF8.self).contains(word) }
            }
        }

        /// Waits until the plugin's program sleeps.
        func sleeps() async -> Bool {
            let end = ContinuousClock.now + .seconds(600)
            while ContinuousClock.now < end {
                let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
                let isAsleep = names.compactMap { Int32($0) }.contains { number in
                    let line = (try? readFile("/proc/\(number)/cmdline")) ?? []
                    return line == Array("/usr/bin/sleep\0\(word)\0".utf8)
                }
                if isAsleep { return true }
                await Task.yield()
            }
            return false
        }
    }

    @Test(
        "the first signal ends the program; the next night makes the call again only where twice is as once",
        arguments: [(SIGTERM, "once"), (SIGINT, "idempotent")])
    func stops(_ signal: Int32, _ effect: String) async throws {
        let place = try await Place(effect: effect)
        let night = try place.start("nightly")
        try #require(await place.sleeps())
        night.signal(signal)
        let stopped = try await night.result()
        #expect(stopped.code == 3, "\(stopped.errors)")
        #expect(stopped.output.contains("parked  Ada") && stopped.output.contains("1 parked"), "\(stopped.output)")
        // Bubblewrap is dead by now; what it held is the kernel's to end, within a moment of a machine that has one.
        let end = ContinuousClock.now + .seconds(60)
        while place.working > 0, ContinuousClock.now < end { await Task.yield() }
        #expect(place.working == 0)

        try writeFile("\(place.outside.path)/ready", [])
        let next = try await place.run("nightly")
        #expect(next.code == 0 && next.output.contains("done    Ada"), "\(next.output)\(next.errors)")
        let told = place.provider.bodies.last ?? ""
        let isUnknown = told.contains("It is not known whether this took effect")
        #expect(place.provider.bodies.count == 2 && isUnknown == (effect == "once"), "\(told)")
        #expect(told.contains("acted") == (effect == "idempotent"), "\(told)")
        let spans = try await place.run("ledger", "tail", "--count", "100", "--json").output
        let ends = try spans.split(separator: "\n").map { try JSON.parse(Array($0.utf8))["span"] ?? .null }
            .filter { $0["entity_type"]?.string == "tool.ended" }
        #expect(
            ends.map { $0["metadata"]?["outcome"]?.string } == [effect == "once" ? "unknown" : "done"], "\(spans)")
        #expect(try await place.run("ledger", "verify").code == 0)
    }
}
