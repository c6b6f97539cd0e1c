// Exit codes of a night with runs of earlier starts that are not tried again: the real program, killed three times.
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite struct NightExitTests {
    @Test("a start that parks a run for its third death exits 3 and says whose; so does the next one")
    func parkedAtRecovery() async throws {
        let asked = (0..<3).map { _ in Signal() }
        let count = Mutex(0)
        let server = try RawServer { connection in
            _ = connection.readHead()
            let number = count.withLock { count in
                count += 1
                return count - 1
            }
            if asked.indices.contains(number) { asked[number].raise() }
            connection.waitForClose()
        }
        let directory = try TemporaryDirectory()
        let binary = try Binary("sanctuary")
        let environment = ["SANCTUARY_HOME": "\(directory.path)/home", "TZ": NoonZone.name]
        func run(_ words: String...) async throws -> BinaryResult {
            try await binary.run(words, environment: environment, in: directory.path)
        }
        try writeFile("\(directory.path)/Ada.json", Array(#"{"name":"Ada","system_prompt":"Be."}"#.utf8))
        try await #require(run("init").code == 0)
        let settings = """
            { timezone: "UTC", providers: { held: { dialect: "openai", stream: false,
              baseURL: "http://127.0.0.1:\(server.port)/v1" } } }
            """
        try writeFile("\(directory.path)/home/sanctuary.json", Array(settings.utf8))
        try await #require(run("admit", "Ada.json", "--model", "held/m").code == 0)
        let words = ["nightly", "--date", "2026-11-02"]
        for number in asked.indices {
            let night = try binary.start(words, environment: environment, in: directory.path)
            await asked[number].wait()
            night.signal(SIGKILL)
            #expect(try await night.result().code == 128 + SIGKILL)
        }
        let why = "the program died three times inside it"
        for _ in 1...2 {
            let night = try await binary.run(words, environment: environment, in: directory.path)
            #expect(night.code == 3 && night.output.contains("0 done, 1 parked earlier"), "\(night)")
            let told = "the run of Ada was parked earlier in this night (\(why)) and is not tried again"
            #expect(night.errors.contains(told), "\(night.errors)")
        }
        let plan = try await run("nightly", "--date", "2026-11-02", "--dry-run")
        #expect(plan.code == 0 && plan.output.contains("0 runs, 1 parked earlier"), "\(plan)")
    }
}
