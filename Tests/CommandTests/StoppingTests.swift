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
            environment = ["SANCTUARY_HOME": "\(directory.path)/home", "TZ": "Europe/Paris"]
            for name in ["Ada", "Eve"] {
                try writeFile(
                    "\(directory.path)/\(name).json", Array(#"{"name":"\#(name)","system_prompt":"Be."}"#.utf8))
            }
            try await #require(run("init").code == 0)
            let settings = """
                { timezone: "Europe/Paris", providers: { held: { dialect: "openai", stream: false,
                  baseURL: "http://127.0.0.1:\(provider.port)/v1" } } }
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
}
