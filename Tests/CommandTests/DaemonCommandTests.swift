// The daemon as a process: one owner, kill -9, SIGHUP, SIGTERM, the service manager's socket.
import Encoding
import Glibc
import TestSupport
import Testing

@Suite struct DaemonCommandTests {
    /// A home with two rehearsed residents.
    private struct Place {
        let directory: TemporaryDirectory
        let binary: Binary

        init() async throws {
            directory = try TemporaryDirectory()
            binary = try Binary("sanctuary")
            for name in ["Ada", "Eve"] {
                try writeFile(
                    "\(directory.path)/\(name).json", Array(#"{"name":"\#(name)","system_prompt":"Be."}"#.utf8))
            }
            try await #require(run("init").code == 0)
            try await #require(run("admit", "Ada.json", "Eve.json", "--model", "rehearsal/rehearsal").code == 0)
        }

        private var environment: [String: String] {
            ["SANCTUARY_HOME": "\(directory.path)/home", "TZ": NoonZone.name]
        }

        func run(_ words: String...) async throws -> BinaryResult {
            try await binary.run(words, environment: environment, in: directory.path)
        }

        func daemon(
            _ more: [String: String] = [:], _ options: [String] = [], isJournaled: Bool = false
        ) throws -> RunningBinary {
            try binary.start(
                ["daemon"] + options, environment: environment.merging(more) { _, new in new }, in: directory.path,
                isJournaled: isJournaled)
        }

        /// Replaces the settings at once: a daemon that looks meanwhile finds the old ones or the new, and no part.
        func settings(_ text: String) throws {
            let path = "\(directory.path)/home/sanctuary.json"
            try writeFile(path + ".new", Array(text.utf8))
            guard rename(path + ".new", path) == 0 else { throw StageError(path: path, code: errno) }
        }
    }

    @Test("a second owner is refused and told who holds the home and since when; SIGTERM ends the first with 0")
    func oneOwner() async throws {
        let place = try await Place()
        let first = try place.daemon()
        try #require(await first.says("event=waiting"))
        let second = try await place.daemon().result()
        #expect(second.code == 1)
        #expect(second.errors.contains("\(first.process)") && second.errors.contains(", since 20"), "\(second.errors)")
        #expect(try await place.run("residents").code == 0)
        // Letters go by the spool meanwhile, and are taken in before the next night.
        let letter = try await place.binary.run(
            ["message", "Ada"], environment: ["SANCTUARY_HOME": "\(place.directory.path)/home"], input: "Hello.",
            in: place.directory.path)
        #expect(letter.code == 0)
        #expect(await first.says("event=spool letters=1"))
        first.signal(SIGTERM)
        let ended = try await first.result()
        #expect(ended.code == 0)
        #expect(ended.errors.contains("event=stopping") && ended.errors.contains("event=stopped"))
        #expect(try await place.run("ledger", "verify").code == 0)
    }

    @Test(
        "RUN_ON_START runs the day's night; killed at any moment and started again, everyone has one run (S4-118)",
        arguments: ["event=started", "event=night.began", "event=run"])
    func killed(_ moment: String) async throws {
        let place = try await Place()
        let first = try place.daemon(["RUN_ON_START": "true"])
        try #require(await first.says(moment))
        first.signal(SIGKILL)
        #expect(try await first.result().code == 128 + SIGKILL)
        let second = try place.daemon(["RUN_ON_START": "true"])
        try #require(await second.says("event=started"))
        #expect(try await place.run("run", "Ada").code == 1)
        try #require(await second.says("event=waiting"))
        second.signal(SIGTERM)
        let ended = try await second.result()
        #expect(ended.code == 0, "\(ended.errors)")
        let residents = try await place.run("residents", "--json").output
        #expect(residents.split(separator: #""runs":1"#).count == 3, "\(residents)")
        let verified = try await place.run("ledger", "verify", "--json")
        #expect(verified.code == 0 && verified.output.contains(#""ok":true"#))
        #expect(try await place.run("vault", "verify").code == 0)
    }

    @Test("settings that changed are read again, on SIGHUP too; bad ones are refused and the old ones stay")
    func reload() async throws {
        let place = try await Place()
        let daemon = try place.daemon()
        try #require(await daemon.says("event=waiting"))
        try place.settings("{ timezone: 'Europe/Paris', nightly: { att: '07:00' } }")
        #expect(await daemon.says("event=settings.refused"))
        try place.settings("{ timezone: 'Europe/Paris', nightly: { at: '07:00' } }")
        #expect(await daemon.says("event=settings.reloaded"))
        daemon.signal(SIGHUP)
        daemon.signal(SIGTERM)
        let ended = try await daemon.result()
        #expect(ended.code == 0)
        #expect(ended.errors.contains("did you mean 'nightly.at'?"))
    }

    @Test("each line begins with its level where standard error is the stream to the journal (sd-daemon(3))")
    func journal() async throws {
        let place = try await Place()
        let daemon = try place.daemon(["RUN_ON_START": "true"], isJournaled: true)
        try #require(await daemon.says("event=waiting"))
        try place.settings("{ timezone: 'Europe/Paris', nightly: { att: '07:00' } }")
        try #require(await daemon.says("event=settings.refused"))
        daemon.signal(SIGTERM)
        let ended = try await daemon.result()
        #expect(ended.code == 0)
        let numbers = ["error": 3, "warning": 4, "notice": 5, "info": 6]
        let lines = ended.errors.split(separator: "\n")
        for line in lines {
            let level = try #require(line.firstMatch(of: /level=([a-z]+)/)?.1, "\(line)")
            let number = try #require(numbers[String(level)], "\(line)")
            #expect(line.hasPrefix("<\(number)>time="))
        }
        let levels = Set(lines.map { $0.prefix(3) })
        #expect(levels.isSuperset(of: ["<3>", "<5>", "<6>"]), "\(ended.errors)")
    }

    @Test("a standard error that is not the stream which the environment names gets no levels")
    func noJournal() async throws {
        let place = try await Place()
        // Inherited from a service, while standard error was led elsewhere.
        let daemon = try place.daemon(["JOURNAL_STREAM": "8:1"])
        try #require(await daemon.says("event=waiting"))
        daemon.signal(SIGTERM)
        let errors = try await daemon.result().errors
        #expect(errors.split(separator: "\n").allSatisfy { $0.hasPrefix("time=") }, "\(errors)")
    }

    @Test(
        "readiness, status and signs of life go to the service manager's socket (sd_notify), abstract or in a folder",
        arguments: [true, false])
    func notifies(_ isAbstract: Bool) async throws {
        let place = try await Place()
        // An abstract name belongs to the whole machine; the folder's is its own.
        let socket = try DatagramSocket("\(isAbstract ? "@" : "")\(place.directory.path)/notify")
        let datagrams = socket.datagrams()
        let daemon = try place.daemon(["NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "200000"])
        var awaited: Set = ["READY=1", "WATCHDOG=1", "STATUS=waiting for the night"]
        for await datagram in datagrams {
            guard !awaited.isEmpty else {
                if datagram.contains("STOPPING=1") { break }
                continue
            }
            awaited = awaited.filter { !datagram.contains($0) }
            if awaited.isEmpty { daemon.signal(SIGTERM) }
        }
        #expect(awaited.isEmpty)
        socket.end()
        #expect(try await daemon.result().code == 0)
    }

    @Test("with --json each event is an object on standard output")
    func forms() async throws {
        let place = try await Place()
        let json = try place.daemon(["RUN_ON_START": "1"], ["--json"])
        while try await place.run("residents", "--json").output.split(separator: #""runs":1"#).count < 3 {}
        json.signal(SIGTERM)
        let lines = try await json.result().output.split(separator: "\n").map { try JSON.parse(Array($0.utf8)) }
        let events = lines.compactMap { $0["event"]?.string }
        #expect(events.prefix(2) == ["started", "night.began"] && events.last == "stopped")
        let runs = lines.filter { $0["event"]?.string == "run" }
        #expect(runs.count == 2 && runs.allSatisfy { $0["outcome"]?.string == "done" && $0["level"]?.string == "info" })
        #expect(lines.allSatisfy { $0["time"]?.string != nil })
    }

    @Test("a RUN_ON_START that is neither true nor false is refused")
    func badVariable() async throws {
        let place = try await Place()
        let ended = try await place.daemon(["RUN_ON_START": "perhaps"]).result()
        #expect(ended.code == 2 && ended.errors.contains("RUN_ON_START is neither true nor false: 'perhaps'"))
    }
}

/// A real socket of the kind that a service manager listens on; a path that begins with `@` is an abstract name.
private final class DatagramSocket: Sendable {
    let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let isAbstract = path.hasPrefix("@")
        let name = (isAbstract ? [0] : []) + Array(path.utf8.dropFirst(isAbstract ? 1 : 0))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        // Every byte that is counted belongs to an abstract name (unix(7)).
        let length = MemoryLayout<sa_family_t>.size + name.count + (isAbstract ? 0 : 1)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(length))
            }
        }
        guard code == 0 else { throw StageError(path: path, code: errno) }
    }

    deinit { close(descriptor) }

    /// The datagrams, as they come.
    ///
    /// A thread of its own takes them: in a full queue the daemon's next one would wait and be lost.
    func datagrams() -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream<String>.makeStream()
        let descriptor = dup(descriptor)
        startThread {
            var buffer = [UInt8](repeating: 0, count: 4_096)
            while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 {
                continuation.yield(String(decoding: buffer.prefix(count), as: UTF8.self))
            }
            close(descriptor)
            continuation.finish()
        }
        return stream
    }

    /// Ends the datagrams.
    func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
