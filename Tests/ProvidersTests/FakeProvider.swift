// A provider on loopback that answers as a test says and keeps every request it got.
import Cryptography
import Encoding
import HTTPClient
import HTTPServer
import Providers
import Synchronization

/// Answers requests in order and records them.
final class FakeProvider: Sendable {
    private let server: HTTPServer
    private let record: Record

    private final class Record: Sendable {
        let requests = Mutex<[ServerRequest]>([])
    }

    /// Listens; `answer` gets the number of the request, from 0.
    init(_ answer: @escaping @Sendable (Int, ServerRequest) async -> ServerResponse) throws {
        let record = Record()
        self.record = record
        server = try HTTPServer { request in
            let number = record.requests.withLock { requests in
                requests.append(request)
                return requests.count - 1
            }
            return await answer(number, request)
        }
    }

    /// Answers every request alike.
    convenience init(_ response: ServerResponse) throws { try self.init { _, _ in response } }

    var requests: [ServerRequest] { record.requests.withLock { $0 } }
    var url: String { "http://127.0.0.1:\(server.port)" }
    func stop() async { await server.stop() }

    /// The bodies that came, as JSON.
    var bodies: [JSON] { requests.map { (try? JSON.parse($0.body)) ?? .null } }
}

extension ServerResponse {
    /// A whole JSON answer.
    static func json(_ text: String, status: Int = 200, headers: [(String, String)] = []) -> ServerResponse {
        ServerResponse(
            status: status, headers: [("content-type", "application/json")] + headers, body: .bytes(Array(text.utf8)))
    }

    /// An answer of events.
    static func events(_ text: String, headers: [(String, String)] = []) -> ServerResponse {
        ServerResponse(
            headers: [("content-type", "text/event-stream; charset=utf-8")] + headers, body: .bytes(Array(text.utf8)))
    }
}

/// What a test has: a client, a router to fakes, and the waits it asked for instead of waiting.
struct Bench {
    let client: HTTPClient
    let router: ProviderRouter
    let waits: Waits

    final class Waits: Sendable {
        private let list = Mutex<[Int64]>([])
        var all: [Int64] { list.withLock { $0 } }
        func add(_ wait: Int64) { list.withLock { $0.append(wait) } }
    }

    init(_ settings: [ProviderSettings], time: TimeSource = .system, random: UInt64 = .max) throws {
        let waits = Waits()
        self.waits = waits
        client = try HTTPClient()
        router = try ProviderRouter(
            settings: settings, client: client, time: time,
            random: RandomSource { buffer in
                withUnsafeBytes(of: random.littleEndian) { source in
                    for index in buffer.indices { buffer[index] = source[index % 8] }
                }
            },
            sleep: { waits.add($0) })
    }

    func close() async {
        await router.shutdown()
        await client.shutdown()
    }
}

/// A fake's settings in a dialect.
func settings(_ dialect: DialectName, _ fake: FakeProvider, streams: Bool, name: String = "fake") -> ProviderSettings {
    var settings = ProviderSettings(
        name: name, dialect: dialect, baseURL: dialect == .openai ? fake.url + "/v1" : fake.url)
    settings.streams = streams
    return settings
}

/// Names a model; tests name only valid ones.
func model(_ text: String) -> ModelName { ModelName(text) ?? .rehearsal }

/// The least conversation.
let hello = Conversation(
    system: [SystemBlock(text: "S")], turns: [Turn(role: .user, blocks: [.text("hi")])], maximumOutputTokens: 64)
