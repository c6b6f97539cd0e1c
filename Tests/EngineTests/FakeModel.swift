// A model on loopback in the Anthropic dialect: it says what a test says, and keeps every request it got.
import Encoding
import HTTPServer
import Providers
import Synchronization

/// What the fake model answers to one request.
enum Spoken: Sendable {
    /// Words, and the end of the turn.
    case words(String)
    /// Tool calls, with the model's own ids.
    case calls([(tool: String, arguments: JSON)])
    /// Any content and stop reason.
    case content(JSON, stop: String)
    /// An HTTP status with an error body.
    case status(Int)
    /// Bytes as they are.
    case response(ServerResponse)

    /// One call.
    static func call(_ tool: String, _ arguments: JSON = [:]) -> Spoken { .calls([(tool, arguments)]) }
}

/// The usage that every answer states.
struct FakeUsage: Sendable {
    var input = 3_000
    var output = 50
}

/// Answers by the number of the request and its body; requests are those of all residents together.
final class FakeModel: Sendable {
    private final class Record: Sendable {
        let bodies = Mutex<[JSON]>([])
        let raw = Mutex<[[UInt8]]>([])
    }

    private let server: HTTPServer
    private let record: Record
    /// Its name among the providers.
    let name: String

    init(
        _ name: String = "fake", usage: FakeUsage = FakeUsage(),
        _ answer: @escaping @Sendable (Int, JSON) async -> Spoken
    ) throws {
        let record = Record()
        self.record = record
        self.name = name
        server = try HTTPServer { request in
            let body = (try? JSON.parse(request.body)) ?? .null
            record.raw.withLock { $0.append(request.body) }
            let number = record.bodies.withLock { bodies in
                bodies.append(body)
                return bodies.count - 1
            }
            return Self.response(await answer(number, body), number: number, usage: usage)
        }
    }

    /// Answers round by round of each run: a run's round is the number of assistant turns after its opening.
    convenience init(_ name: String = "fake", usage: FakeUsage = FakeUsage(), rounds: [Spoken]) throws {
        try self.init(name, usage: usage) { _, body in
            let round = Self.round(of: body)
            return rounds.indices.contains(round) ? rounds[round] : .words("That was all.")
        }
    }

    /// How many replies the day has had: turns of tool results since the last turn that is none.
    static func round(of body: JSON) -> Int {
        var round = 0
        for turn in (body["messages"]?.array ?? []).reversed() {
            let blocks = turn["content"]?.array ?? []
            if turn["role"]?.string == "assistant" { continue }
            guard blocks.contains(where: { $0["type"]?.string == "tool_result" }) else { break }
            round += 1
        }
        return round
    }

    var bodies: [JSON] { record.bodies.withLock { $0 } }
    var rawBodies: [[UInt8]] { record.raw.withLock { $0 } }
    var port: UInt16 { server.port }
    func stop() async { await server.stop() }

    /// The provider's settings; a price in pico-USD a token where one is given.
    func settings(price: Price? = Price(input: 3, output: 15), streams: Bool = false) -> ProviderSettings {
        Self.settings(name: name, port: port, price: price, streams: streams)
    }

    static func settings(
        name: String, port: UInt16, price: Price? = Price(input: 3, output: 15), streams: Bool = false
    ) -> ProviderSettings {
        var settings = ProviderSettings(name: name, dialect: .anthropic, baseURL: "http://127.0.0.1:\(port)")
        settings.streams = streams
        settings.models["m"] = ModelCapabilities(price: price)
        return settings
    }

    /// The name of its one model.
    var model: ModelName { ModelName(provider: name, model: "m") ?? .rehearsal }

    static func response(_ spoken: Spoken, number: Int, usage: FakeUsage) -> ServerResponse {
        switch spoken {
        case .words(let text):
            return message([["type": "text", "text": .string(text)]], "end_turn", number, usage)
        case .calls(let calls):
            let blocks = calls.enumerated().map { index, call -> JSON in
                [
                    "type": "tool_use", "id": .string("call_\(number)_\(index)"), "name": .string(call.tool),
                    "input": call.arguments,
                ]
            }
            return message(.array(blocks), "tool_use", number, usage)
        case .content(let content, let stop): return message(content, stop, number, usage)
        case .status(let status):
            let kind = status == 401 ? "authentication_error" : "api_error"
            let body: JSON = ["type": "error", "error": ["type": .string(kind), "message": "no"]]
            return json(body, status: status)
        case .response(let response): return response
        }
    }

    private static func message(_ content: JSON, _ stop: String, _ number: Int, _ usage: FakeUsage) -> ServerResponse {
        json([
            "id": .string("msg_\(number)"), "type": "message", "role": "assistant", "model": "m", "content": content,
            "stop_reason": .string(stop),
            "usage": ["input_tokens": .integer(Int64(usage.input)), "output_tokens": .integer(Int64(usage.output))],
        ])
    }

    private static func json(_ body: JSON, status: Int = 200) -> ServerResponse {
        ServerResponse(
            status: status, headers: [("content-type", "application/json")], body: .bytes(body.serialized()))
    }
}

extension JSON {
    /// The text of the last user turn of a request.
    var newestText: String {
        let blocks = self["messages"]?.array?.last?["content"]?.array ?? []
        return blocks.compactMap { $0["text"]?.string ?? $0["content"]?.string }.joined(separator: "\n")
    }

    /// The texts of the instructions of a request, in order.
    var systemTexts: [String] { (self["system"]?.array ?? []).compactMap { $0["text"]?.string } }

    /// The names of the tools that a request offers.
    var toolNames: [String] { (self["tools"]?.array ?? []).compactMap { $0["name"]?.string } }

    /// The tool results of the last turn: text and whether it is an error.
    var toolResults: [(text: String, isError: Bool)] {
        (self["messages"]?.array?.last?["content"]?.array ?? []).filter { $0["type"]?.string == "tool_result" }.map {
            let text = $0["content"]?.string ?? $0["content"]?.array?.compactMap { $0["text"]?.string }.joined() ?? ""
            return (text, $0["is_error"]?.bool ?? false)
        }
    }

    /// The phrase that the clean room of a request asks to be repeated.
    var askedPhrase: String {
        let line = newestText.split(separator: "\n").first { $0.contains("phrase: ") } ?? ""
        return String(line.split(separator: ":").last ?? "").trimmingSpaces
    }
}
