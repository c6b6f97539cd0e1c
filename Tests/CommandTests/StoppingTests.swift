// Ctrl-C: the first lets the call in flight end, the second ends the process; nothing is lost either way.
import Glibc
import TestSupport
import Testing

/// A provider in OpenAI's dialect that holds its answer back until it is told to go on.
private final class HeldProvider: Sendable {
    let asked = Signal()
    private let goOn = DispatchGate()
    private let server: RawServer

    var port: UInt16 { server.port }

    init() throws {
        let (asked, goOn) = (asked, goOn)
        server = try RawServer { connection in
            _ = connection.readHead()
            asked.raise()
            goOn.wait()
            let body = #"""
                {"id":"x","object":"chat.completion","model":"m","choices":[{"index":0,"finish_reason":"stop",
                "message":{"role":"assistant","content":"Good night."}}],
                "usage":{"prompt_tokens":10,"completion_tokens":3}}
                """#
            connection.write(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
                    + "Connection: close\r\n\r\n\(body)")
        }
    }

    func answer() { goOn.open() }
}

/// A gate that threads wait at until it is opened.
final class DispatchGate: @unchecked Sendable {
    // Unchecked: the mutex below guards the flag, and both live as long as the value.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isOpen = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(condition)
        mutex.deallocate()
        condition.deallocate()
    }

    func open() {
        pthread_mutex_lock(mutex)
        isOpen = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    func wait() {
        pthread_mutex_lock(mutex)
        while !isOpen { pthread_cond_wait(condition, mutex) }
        pthread_mutex_unlock(mutex)
    }
}

@Suite struct StoppingTests {
    private struct Night {
        let directory: TemporaryDirectory
        let binary: Binary
        let environment: [String: String]
        let provider: HeldProvider

        init() async throws {
            directory = try TemporaryDirectory()
            binary = try Binary("sanctuary")
            provider = try HeldProvider()
            environment = ["SANCTUARY_HOME": "\(directory.path)/home", "TZ": NoonZone.name]
            for name in ["Ada", "Eve"] {
                try writeFile(
                    "\(directory.path)/\(name).json", Array(#"{"name":"\#(name)","system_prompt":"Be."}"#.utf8))
            }
            try await #require(run("init").code == 0)
            let settings = """
                { timezone: "\(NoonZone.name)", nightly: { jobs: 1 }, providers: { held: { dialect: "openai",
                  stream: false, baseURL: "http://127.0.0.1:\(provider.port)/v1" } } }
                """
            try writeFile("\(directory.path)/home/sanctuary.json", Array(settings.utf8))
            try await #require(run("admit", "Ada.json", "Eve.json", "--model", "held/m").code == 0)
        }

        func run(_ words: String...) async throws -> BinaryResult {
            try await binary.run(words, environment: environment, in: directory.path)
        }

        func start(_ words: String...) throws -> RunningBinary {
            try binary.start(words, environment: environment, in: directory.path)
        }

        /// A daemon that runs today's night at once.
        func daemon(_ more: [String: String] = [:]) throws -> RunningBinary {
            let own = ["RUN_ON_START": "true"].merging(more) { _, new in new }
            return try binary.start(
                ["daemon"], environment: environment.merging(own) { _, new in new }, in: directory.path)
        }

        /// Starts the daemon again, lets it run what is left of the night, and stops it while it waits.
        func rest() async throws -> BinaryResult {
            let daemon = try daemon()
            #expect(await daemon.says("event=waiting"))
            daemon.signal(SIGTERM)
            let ended = try await daemon.result()
            #expect(ended.code == 0, "\(ended.errors)")
            let residents = try await run("residents", "--json").output
            #expect(residents.split(separator: #""runs":1"#).count == 3, "\(residents)")
            let (record, vault) = try await (run("ledger", "verify"), run("vault", "verify"))
            #expect(record.code == 0 && vault.code == 0)
            return ended
        }
    }

    @Test func theFirstSignalLetsTheCallInFlightEnd() async throws {
        let night = try await Night()
        let process = try night.start("nightly", "--date", "2026-11-20", "--jobs", "1", "--json")
        await night.provider.asked.wait()
        process.signal(SIGINT)
        // The program says that it has understood before the provider answers.
        #expect(await process.says("stopping"))
        night.provider.answer()
        let result = try await process.result()
        #expect(result.code == 3)
        #expect(result.output.contains(#""notBegun":1"#))
        let next = try await night.run("nightly", "--date", "2026-11-20", "--json")
        #expect(next.code == 0)
        #expect(next.output.contains(#""done":"#))
        let verified = try await night.run("ledger", "verify")
        #expect(verified.code == 0)
    }

    @Test func theSecondSignalEndsTheProcessAndTheNextStartTakesUp() async throws {
        let night = try await Night()
        let process = try night.start("nightly", "--date", "2026-11-20", "--jobs", "1")
        await night.provider.asked.wait()
        process.signal(SIGTERM)
        #expect(await process.says("stopping"))
        process.signal(SIGTERM)
        #expect(try await process.result().code == 128 + SIGTERM)
        night.provider.answer()
        let next = try await night.run("nightly", "--date", "2026-11-20")
        #expect(next.code == 0)
        #expect(next.errors.contains("took up 1 interrupted run"))
        #expect(next.output.contains("2 done"))
    }

    @Test("SIGTERM in a daemon's night lets the call under way end, exits with 0, and the next start has the rest")
    func daemonStops() async throws {
        let night = try await Night()
        let daemon = try night.daemon()
        await night.provider.asked.wait()
        daemon.signal(SIGTERM)
        #expect(await daemon.says("event=stopping"))
        night.provider.answer()
        let ended = try await daemon.result()
        #expect(ended.code == 0 && ended.errors.contains("event=stopped"), "\(ended.errors)")
        #expect(ended.errors.split(separator: "event=run outcome=done").count == 2, "one run, and no new claim")
        let rest = try await night.rest()
        #expect(rest.errors.split(separator: "event=run outcome=done").count == 2, "\(rest.errors)")
    }

    @Test("a second signal ends a daemon at once, and the next start recovers what was interrupted")
    func daemonDies() async throws {
        let night = try await Night()
        let daemon = try night.daemon()
        await night.provider.asked.wait()
        daemon.signal(SIGTERM)
        #expect(await daemon.says("event=stopping"))
        daemon.signal(SIGTERM)
        #expect(try await daemon.result().code == 128 + SIGTERM)
        night.provider.answer()
        let rest = try await night.rest()
        #expect(rest.errors.contains("event=recovered resumed=1"), "\(rest.errors)")
    }

    @Test("without time zone data a daemon holds the home, says so and runs nothing; a night by hand is refused")
    func noZoneData() async throws {
        let night = try await Night()
        night.provider.answer()
        let empty = try TemporaryDirectory()
        let daemon = try night.daemon(["TZDIR": empty.path])
        #expect(await daemon.says("event=doubt kind=zone_data_missing"))
        // It holds the home: nobody else works in it meanwhile.
        let second = try await night.run("nightly")
        #expect(second.code == 1 && second.errors.contains("\(daemon.process)"), "\(second.errors)")
        daemon.signal(SIGTERM)
        let ended = try await daemon.result()
        #expect(ended.code == 0 && !ended.errors.contains("event=run"), "\(ended.errors)")
        let byHand = try await night.binary.run(
            ["nightly"], environment: night.environment.merging(["TZDIR": empty.path]) { _, new in new },
            in: night.directory.path)
        #expect(
            byHand.code != 0 && byHand.output.isEmpty && byHand.errors.contains("no time zone data in \(empty.path)"),
            "\(byHand.errors)")
        _ = try await night.rest()
    }
}
