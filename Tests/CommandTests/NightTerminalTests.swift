// A night on a terminal: the block that is drawn in place, in a window of any width, and Ctrl-C from the keyboard.
import Glibc
import Synchronization
import TestSupport
import Testing

/// A provider whose first answer is an error, whose second is a reply, and which holds back every later one.
private final class UnevenProvider: Sendable {
    let isHolding = Signal()
    private let gate = DispatchGate()
    private let server: RawServer

    var port: UInt16 { server.port }

    init() throws {
        let (isHolding, gate) = (isHolding, gate)
        let asked = Counter()
        server = try RawServer { connection in
            _ = connection.readHead()
            let number = asked.next()
            if number > 2 {
                isHolding.raise()
                gate.wait()
            }
            let reply = #"""
                {"id":"x","object":"chat.completion","model":"m","choices":[{"index":0,"finish_reason":"stop",
                "message":{"role":"assistant","content":"Good night."}}],
                "usage":{"prompt_tokens":1000,"completion_tokens":234}}
                """#
            let body = number == 1 ? #"{"error":{"message":"no"}}"# : reply
            connection.write(
                "HTTP/1.1 \(number == 1 ? "400 Bad Request" : "200 OK")\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)")
        }
    }

    func answer() { gate.open() }
}

/// Counts from 1.
private final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock {
            $0 += 1
            return $0
        }
    }
}

@Suite("A night on a terminal (issue 3, progress)") struct NightTerminalTests {
    /// A home with residents of one model, and a window.
    private struct Place {
        let directory: TemporaryDirectory
        let binary: Binary
        let terminal: PseudoTerminal
        let columns: Int

        init(columns: Int, model: String, residents: [String], settings: String = "") async throws {
            directory = try TemporaryDirectory()
            binary = try Binary("sanctuary")
            self.columns = columns
            terminal = try PseudoTerminal(columns: UInt16(columns))
            try await #require(run(["init"]).code == 0)
            try writeFile("\(directory.path)/home/sanctuary.json", Array("{ timezone: 'UTC' \(settings) }".utf8))
            for name in residents {
                try writeFile(
                    "\(directory.path)/\(name).json", Array(#"{"name":"\#(name)","system_prompt":"Be."}"#.utf8))
            }
            let admitted = try await run(["admit"] + residents.map { "\($0).json" } + ["--model", model])
            try #require(admitted.code == 0, "\(admitted.errors)")
        }

        private var environment: [String: String] {
            ["SANCTUARY_HOME": "\(directory.path)/home", "TZ": "UTC", "TERM": "xterm"]
        }

        func run(_ words: [String]) async throws -> BinaryResult {
            try await binary.run(words, environment: environment, in: directory.path)
        }

        func start(_ words: [String], outputPath: String? = nil) throws -> RunningBinary {
            try binary.start(
                words, environment: environment, in: directory.path, outputPath: outputPath, terminal: terminal)
        }

        var screen: Screen { Screen(terminal.bytes, columns: columns) }

        /// Waits until the screen has a property.
        func shows(_ property: (Screen) -> Bool) async -> Bool {
            await terminal.writes { property(Screen($0, columns: columns)) }
        }
    }

    /// How often a block was taken back and drawn anew.
    private func redraws(_ bytes: [UInt8]) -> Int {
        String(decoding: bytes, as: UTF8.self).split(separator: "\r\u{1B}[K", omittingEmptySubsequences: false).count
            - 1
    }

    @Test("in rehearsal the block is redrawn in place and gone at the end; the cursor is below; pipes get no escapes")
    func rehearsal() async throws {
        let names = (0..<12).map { "Resident\($0)" }
        let place = try await Place(columns: 60, model: "rehearsal/rehearsal", residents: names)
        let modes = place.terminal.modes
        let output = "\(place.directory.path)/night.txt"
        let night = try await place.start(["nightly"], outputPath: output).result()
        #expect(night.code == 0)
        await place.terminal.settle()
        let screen = place.screen
        #expect(!screen.text.contains("runs, ") && screen.column == 0, "\(screen.text)")
        #expect(redraws(place.terminal.bytes) >= names.count, "each end of a run draws it anew")
        #expect(String(decoding: place.terminal.bytes, as: UTF8.self).contains("12/12 runs, "))
        #expect(screen.wraps == 0 && screen.unknown == [], "\(screen.text)")
        #expect(screen.row == screen.rows.count - 1 && screen.lines[screen.row].isEmpty, "\(screen.lines)")
        #expect(place.terminal.modes == modes)
        let piped = String(decoding: try readFile(output), as: UTF8.self)
        #expect(piped.contains("12 done") && !piped.utf8.contains(0x1B) && !piped.contains("\r"), "\(piped)")
    }

    private let priced = """
        , providers: { held: { dialect: "openai", stream: false, baseURL: "http://127.0.0.1:PORT/v1",
          models: { m: { input: 1000, output: 1000, window: 32768 } } } }
        """

    /// A night of four that stands at its third call.
    private func standing(columns: Int) async throws -> (UnevenProvider, Place, RunningBinary) {
        let provider = try UnevenProvider()
        let place = try await Place(
            columns: columns, model: "held/m", residents: ["Ada", "Eve", "Ida", "Una"],
            settings: priced.replacing("PORT", with: "\(provider.port)"))
        let process = try place.start(["nightly", "--jobs", "1"], outputPath: "\(place.directory.path)/night.txt")
        await provider.isHolding.wait()
        return (provider, place, process)
    }

    @Test("the block tells all it promises, and is drawn on while nothing ends; Ctrl-C ends the night politely")
    func keyboard() async throws {
        let (provider, place, process) = try await standing(columns: 120)
        let modes = place.terminal.modes
        let block = /2\/4 runs, 1 in flight, 1 failed or parked, \d+\.\d\/s, [\d,]+ tokens, \$1\.234, about .* left/
        // One block, in its place, looked at in one moment: the next it is drawn anew.
        #expect(
            await place.shows {
                let isNamed = $0.lines.last?.contains(#/^  failed (Ada|Eve|Ida|Una): /#) ?? false
                return $0.text.contains(block) && isNamed && $0.rows.count == 2
            }, "\(place.screen.lines)")
        let drawn = redraws(place.terminal.bytes)
        #expect(await place.terminal.writes { redraws($0) > drawn + 1 }, "time goes on although no run ends")
        #expect(place.screen.rows.count == 2 && place.screen.wraps == 0)

        place.terminal.type([3])
        #expect(await place.shows { $0.text.contains("stopping: model calls under way may end within 90 s") })
        provider.answer()
        #expect(try await process.result().code == 3)
        await place.terminal.settle()
        let screen = place.screen
        #expect(!screen.text.contains("runs, ") && screen.column == 0, "\(screen.text)")
        #expect(screen.unknown == [] && screen.lines[screen.row].isEmpty, "\(screen.lines)")
        #expect(!screen.text.contains(#/failed (Ada|Eve|Ida|Una): /#), "the block is gone with all of its lines")
        #expect(place.terminal.modes == modes)
        let piped = String(decoding: try readFile("\(place.directory.path)/night.txt"), as: UTF8.self)
        #expect(piped.contains("2 done, 1 failed, 1 not begun") && !piped.utf8.contains(0x1B), "\(piped)")
        #expect(try await place.run(["ledger", "verify"]).code == 0)
    }

    @Test("in a narrow window each line is cut, with room for the echo of Ctrl-C; a window that shrinks is followed")
    func narrow() async throws {
        let (provider, place, process) = try await standing(columns: 30)
        #expect(await place.shows { $0.lines.first == "2/4 runs, 1 in flight, 1 fa…" })
        #expect(await place.shows { $0.lines.last?.contains(#/^  failed (Ada|Eve|Ida|Una): /#) ?? false })
        place.terminal.type([3])
        #expect(await place.shows { $0.text.contains("stopping") })
        // The announcement is longer than the window; until it, nothing was.
        let until = String(decoding: place.terminal.bytes, as: UTF8.self).split(separator: "sanctuary:")[0]
        #expect(until.contains("^C") && Screen(Array(until.utf8), columns: 30).wraps == 0, "\(place.screen.text)")
        let before = place.terminal.bytes.count
        place.terminal.resize(columns: 20)
        #expect(
            await place.terminal.writes {
                String(decoding: $0.dropFirst(before), as: UTF8.self).contains("\u{1B}[K2/4 runs, 1 in fl…\r\n")
            })

        // The second one ends the process, and takes its block away with it.
        place.terminal.type([3])
        #expect(try await process.result().code == 128 + SIGINT)
        await place.terminal.settle()
        #expect(place.terminal.bytes.suffix(3) == Array("\u{1B}[K".utf8))
        #expect(place.screen.column == 0)
        provider.answer()
        // All are done but the one that failed before the interruption: the night is not whole.
        #expect(try await place.run(["nightly"]).code == 3)
    }
}
