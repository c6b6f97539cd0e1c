// A provider on loopback that takes batches, in the form of Anthropic or of OpenAI, with a book of what it was paid.
import Cryptography
import Encoding
import Foundation
import HTTPServer
import Providers
import Synchronization
import TestSupport
import Testing

/// What the provider does with one request of a batch.
enum BatchFate: String, Sendable {
    case succeeded, errored, expired
    /// It is paid, but its line of the results is missing.
    case lost
}

/// Faults of the provider; each can be switched on and off while it runs.
struct BatchFaults: Sendable {
    /// So many creations are done and then answered with an error, as when the reply is lost on its way.
    var lostCreations = 0
    /// So many creations are refused for good.
    var refusedCreations = 0
    /// So many looks at a batch find it going on.
    var looks = 2
    /// So many looks are answered with 503.
    var failedLooks = 0
    /// A batch never ends by itself.
    var neverEnds = false
    /// So many readings of results are cut in the middle.
    var cutReadings = 0
    /// What happens to a request, by its place in the batch.
    var fate: @Sendable (Int) -> BatchFate = { _ in .succeeded }
    /// The batch interface is not there.
    var isAbsent = false
    /// Creations are answered with 200 and something that is no batch, and there is no list to look for it in.
    var isPretence = false
}

/// The provider.
///
/// What it did is kept in a file where one is named, so that it outlives a process that is killed.
final class FakeBatches: Sendable {
    private struct Book: Sendable {
        var json: JSON = ["batches": [], "files": [:], "paid": [], "deleted": 0, "cancelled": 0, "direct": 0]
        var faults = BatchFaults()
    }

    private let book: Mutex<Book>
    private let path: String?
    private let serverBox = Mutex<HTTPServer?>(nil)
    private let now: @Sendable () -> Instant
    let dialect: DialectName

    init(
        _ dialect: DialectName, path: String? = nil, faults: BatchFaults = BatchFaults(),
        now: @escaping @Sendable () -> Instant
    ) throws {
        self.dialect = dialect
        self.path = path
        self.now = now
        var book = Book()
        book.faults = faults
        if let path, let bytes = try? readFile(path), let json = try? JSON.parse(bytes) { book.json = json }
        self.book = Mutex(book)
        let server = try HTTPServer { [weak self] request in
            self?.answer(request) ?? ServerResponse(status: 503)
        }
        serverBox.withLock { $0 = server }
    }

    func stop() async { await serverBox.withLock { $0.take() }?.stop() }

    func change(_ body: @Sendable (inout BatchFaults) -> Void) { book.withLock { body(&$0.faults) } }

    /// How often what was done.
    func count(_ key: String) -> Int { Int(book.withLock { $0.json[key]?.integer ?? 0 }) }
    var batches: [JSON] { book.withLock { $0.json["batches"]?.array ?? [] } }
    var files: [String] { book.withLock { ($0.json["files"]?.object ?? JSONObject()).keys.map { $0 } } }
    /// A digest of every request that was answered for money, in a batch or directly.
    var paid: [String] { book.withLock { ($0.json["paid"]?.array ?? []).compactMap(\.string) } }

    /// Its settings: 400 pico-USD a token of input, 2,000 of output, half of that in batches.
    func settings() -> ProviderSettings {
        let port = serverBox.withLock { $0?.port ?? 0 }
        var settings = ProviderSettings(
            name: "fake", dialect: dialect, baseURL: "http://127.0.0.1:\(port)" + (dialect == .openai ? "/v1" : ""))
        settings.streams = false
        settings.models["m"] = ModelCapabilities(price: Price(input: 400, output: 2_000), batchPercent: 50)
        return settings
    }

    static let model = ModelName(provider: "fake", model: "m") ?? .rehearsal

    private func answer(_ request: ServerRequest) -> ServerResponse {
        book.withLock { book in
            let response = Self.route(request, dialect, &book.json, &book.faults, at: now())
            // Whole or not at all: the process may be killed while it writes.
            if let path, (try? writeFile(path + ".new", book.json.serialized())) != nil { rename(path + ".new", path) }
            return response
        }
    }

    private static func route(
        _ request: ServerRequest, _ dialect: DialectName, _ book: inout JSON, _ faults: inout BatchFaults,
        at now: Instant
    ) -> ServerResponse {
        let body = (try? JSON.parse(request.body)) ?? .null
        let parts = request.path.split(separator: "/").map(String.init)
        if request.method == "POST", ["/v1/messages", "/v1/chat/completions"].contains(request.path) {
            book["direct"] = .integer((book["direct"]?.integer ?? 0) + 1)
            return json(pay(body, dialect, &book))
        }
        if faults.isAbsent { return json(["error": ["type": "not_found_error"]], status: 404) }
        if faults.isPretence {
            book["pretended"] = .integer((book["pretended"]?.integer ?? 0) + (request.method == "POST" ? 1 : 0))
            return request.method == "POST"
                ? json(["id": "msg_1", "type": "message"]) : json(["error": ["type": "not_found_error"]], status: 404)
        }
        let tail = dialect == .anthropic ? Array(parts.dropFirst(3)) : Array(parts.dropFirst(2))
        if parts.count > 1, parts[1] == "files" { return files(request, tail, &book) }
        guard parts.contains("batches") else { return json(["error": ["type": "not_found_error"]], status: 404) }
        switch (request.method, tail.count) {
        case ("POST", 0): return create(body, dialect, &book, &faults, at: now)
        case ("GET", 0):
            let all = (book["batches"]?.array ?? []).reversed().map { view($0, dialect) }
            return json(["data": .array(Array(all)), "has_more": false])
        default: break
        }
        guard let place = (book["batches"]?.array ?? []).firstIndex(where: { $0["id"]?.string == tail[0] }) else {
            return json(["type": "error", "error": ["type": "not_found_error"]], status: 404)
        }
        switch (request.method, tail.count > 1 ? tail[1] : "") {
        case ("GET", "results"): return results(of: book["batches"]?[place] ?? .null, dialect, &faults)
        case ("GET", _): return look(place, dialect, &book, &faults)
        case ("POST", "cancel"):
            book["cancelled"] = .integer((book["cancelled"]?.integer ?? 0) + 1)
            set(place, "stage", "ended", &book)
            return json(view(book["batches"]?[place] ?? .null, dialect))
        case ("DELETE", _):
            guard book["batches"]?[place]?["stage"]?.string == "ended" else { return json([:], status: 400) }
            book["deleted"] = .integer((book["deleted"]?.integer ?? 0) + 1)
            var all = book["batches"]?.array ?? []
            all.remove(at: place)
            book["batches"] = .array(all)
            return json(["type": "message_batch_deleted"])
        default: return json([:], status: 405)
        }
    }

    // MARK: Making and looking

    private static func create(
        _ body: JSON, _ dialect: DialectName, _ book: inout JSON, _ faults: inout BatchFaults, at now: Instant
    ) -> ServerResponse {
        if faults.refusedCreations > 0 {
            faults.refusedCreations -= 1
            return json(["error": ["type": "invalid_request_error"]], status: 400)
        }
        var requests: [(name: String, body: JSON)] = []
        if dialect == .anthropic {
            requests = (body["requests"]?.array ?? []).map { ($0["custom_id"]?.string ?? "", $0["params"] ?? .null) }
        } else {
            let file = book["files"]?[body["input_file_id"]?.string ?? ""]?.string ?? ""
            for line in file.split(separator: "\n") {
                let json = (try? JSON.parse(Array(line.utf8))) ?? .null
                #expect(json["method"]?.string == "POST" && json["url"]?.string == "/v1/chat/completions")
                requests.append((json["custom_id"]?.string ?? "", json["body"] ?? .null))
            }
        }
        let isWellFormed = requests.allSatisfy { request in
            (1...64).contains(request.name.utf8.count) && request.body["stream"] == nil
                && request.name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        }
        guard !requests.isEmpty, isWellFormed, Set(requests.map(\.name)).count == requests.count else {
            return json(["type": "error", "error": ["type": "invalid_request_error"]], status: 400)
        }
        var lines: [JSON] = []
        for (place, request) in requests.enumerated() {
            let fate = faults.fate(place)
            let reply: JSON = [.succeeded, .lost].contains(fate) ? pay(request.body, dialect, &book) : .null
            if fate != .lost { lines.append(line(request.name, fate, reply, dialect)) }
        }
        let number = (book["made"]?.integer ?? 0) + 1
        book["made"] = .integer(number)
        let batch: JSON = [
            "id": .string("batch_\(number)"), "stage": "going", "looks": .integer(Int64(faults.looks)),
            "mark": body["metadata"]?["sanctuary"] ?? .null, "count": .integer(Int64(requests.count)),
            "input": body["input_file_id"] ?? .null, "lines": .array(lines), "at": .string(now.rfc3339),
        ]
        book["batches"] = .array((book["batches"]?.array ?? []) + [batch])
        if faults.lostCreations > 0 {
            faults.lostCreations -= 1
            return json(["type": "error", "error": ["type": "api_error"]], status: 500)
        }
        return json(view(batch, dialect))
    }

    private static func look(
        _ place: Int, _ dialect: DialectName, _ book: inout JSON, _ faults: inout BatchFaults
    ) -> ServerResponse {
        if faults.failedLooks > 0 {
            faults.failedLooks -= 1
            return json([:], status: 503)
        }
        let left = book["batches"]?[place]?["looks"]?.integer ?? 0
        if left > 0 || faults.neverEnds {
            set(place, "looks", .integer(left - 1), &book)
        } else {
            set(place, "stage", "ended", &book)
            if dialect == .openai, book["batches"]?[place]?["output"] == nil {
                let lines = (book["batches"]?[place]?["lines"]?.array ?? [])
                let name = "out_\(book["batches"]?[place]?["id"]?.string ?? "")"
                var files = book["files"]?.object ?? JSONObject()
                files[name] = .string(
                    lines.map { String(decoding: $0.serialized(), as: UTF8.self) }.joined(separator: "\n") + "\n")
                book["files"] = .object(files)
                set(place, "output", .string(name), &book)
            }
        }
        return json(view(book["batches"]?[place] ?? .null, dialect))
    }

    private static func view(_ batch: JSON, _ dialect: DialectName) -> JSON {
        let isEnded = batch["stage"]?.string == "ended"
        let at = batch["at"]?.string ?? ""
        if dialect == .anthropic {
            let count = batch["count"] ?? 0
            return [
                "id": batch["id"] ?? .null, "type": "message_batch",
                "processing_status": isEnded ? "ended" : "in_progress",
                "request_counts": ["processing": isEnded ? 0 : count, "succeeded": isEnded ? count : 0],
                "created_at": .string(at), "results_url": "https://elsewhere.example/steal",
            ]
        }
        return [
            "id": batch["id"] ?? .null, "object": "batch", "status": isEnded ? "completed" : "in_progress",
            "created_at": .integer((Instant(rfc3339: at)?.unixMilliseconds ?? 0) / 1_000),
            "request_counts": ["total": batch["count"] ?? 0], "metadata": ["sanctuary": batch["mark"] ?? .null],
            "input_file_id": batch["input"] ?? .null, "output_file_id": batch["output"] ?? .null,
        ]
    }

    private static func results(
        of batch: JSON, _ dialect: DialectName, _ faults: inout BatchFaults
    ) -> ServerResponse {
        // The order is not that of the requests (providers.md 1.3).
        var text = (batch["lines"]?.array ?? []).reversed()
            .map { String(decoding: $0.serialized(), as: UTF8.self) + "\n" }.joined()
        if faults.cutReadings > 0 {
            faults.cutReadings -= 1
            text = String(text.prefix(text.count / 2))
        }
        return ServerResponse(headers: [("content-type", "application/x-jsonl")], body: .bytes(Array(text.utf8)))
    }

    private static func files(_ request: ServerRequest, _ tail: [String], _ book: inout JSON) -> ServerResponse {
        var files = book["files"]?.object ?? JSONObject()
        defer { book["files"] = .object(files) }
        switch (request.method, tail.count) {
        case ("POST", 0):
            let form = String(decoding: request.body, as: UTF8.self)
            guard form.contains("name=\"purpose\"\r\n\r\nbatch\r\n"), let begin = form.range(of: "jsonl\r\n\r\n"),
                let end = form.range(of: "\r\n--sanctuary-", options: .backwards)
            else { return json([:], status: 400) }
            let id = "file_\(files.count + 1)_\(book["deleted"]?.integer ?? 0)"
            let name = form.components(separatedBy: "filename=\"").last?.components(separatedBy: "\"").first ?? ""
            var names = book["names"]?.object ?? [:]
            names[id] = .string(name)
            book["names"] = .object(names)
            files[id] = .string(String(form[begin.upperBound..<end.lowerBound]))
            return json(["id": .string(id), "object": "file"])
        case ("GET", 0):
            let names = book["names"]?.object ?? [:]
            return json([
                "data": .array(files.keys.map { ["id": .string($0), "filename": names[$0] ?? .null] }),
                "has_more": false,
            ])
        case ("GET", 2):
            guard let text = files[tail[0]]?.string else { return json([:], status: 404) }
            return ServerResponse(
                headers: [("content-type", "application/octet-stream")], body: .bytes(Array(text.utf8)))
        case ("DELETE", 1):
            guard files[tail[0]] != nil else { return json([:], status: 404) }
            files[tail[0]] = nil
            book["deleted"] = .integer((book["deleted"]?.integer ?? 0) + 1)
            return json(["deleted": true])
        default: return json([:], status: 405)
        }
    }

    // MARK: Replies

    /// Answers a request and writes it into the book: a post in the first round of a day, then words.
    private static func pay(_ body: JSON, _ dialect: DialectName, _ book: inout JSON) -> JSON {
        var bare = body
        bare["stream"] = Optional<JSON>.none
        let digest = Hex.encode(BLAKE3.hash(bare.serialized()))
        book["paid"] = .array((book["paid"]?.array ?? []) + [.string(digest)])
        let id = "call_\(book["paid"]?.array?.count ?? 0)"
        if dialect == .anthropic {
            let isFirst = FakeModel.round(of: body) == 0
            let block: JSON =
                isFirst
                ? ["type": "tool_use", "id": .string(id), "name": "post_to_website", "input": ["content": "Hello."]]
                : ["type": "text", "text": "Good night."]
            return [
                "id": "msg", "type": "message", "role": "assistant", "model": "m", "content": [block],
                "stop_reason": isFirst ? "tool_use" : "end_turn",
                "usage": ["input_tokens": 3_000, "output_tokens": 50],
            ]
        }
        let isFirst = body["messages"]?.array?.last?["role"]?.string != "tool"
        let message: JSON =
            isFirst
            ? [
                "role": "assistant", "content": .null,
                "tool_calls": [
                    [
                        "id": .string(id), "type": "function",
                        "function": ["name": "post_to_website", "arguments": "{\"content\":\"Hello.\"}"],
                    ]
                ],
            ] : ["role": "assistant", "content": "Good night."]
        return [
            "id": "chat", "object": "chat.completion", "model": "m",
            "choices": [["index": 0, "finish_reason": isFirst ? "tool_calls" : "stop", "message": message]],
            "usage": ["prompt_tokens": 3_000, "completion_tokens": 50],
        ]
    }

    private static func line(_ name: String, _ fate: BatchFate, _ reply: JSON, _ dialect: DialectName) -> JSON {
        if dialect == .anthropic {
            var result: JSON = ["type": .string(fate.rawValue)]
            if fate == .succeeded { result["message"] = reply }
            if fate == .errored {
                result["error"] = ["type": "error", "error": ["type": "invalid_request_error", "message": "SECRET"]]
            }
            return ["custom_id": .string(name), "result": result]
        }
        let status: Int64 = fate == .succeeded ? 200 : 400
        if fate == .expired {
            return ["custom_id": .string(name), "response": .null, "error": ["code": "batch_expired"]]
        }
        return [
            "id": "r", "custom_id": .string(name),
            "response": [
                "status_code": .integer(status), "request_id": "q",
                "body": fate == .succeeded ? reply : ["error": ["type": "invalid_request_error"]],
            ], "error": .null,
        ]
    }

    private static func set(_ place: Int, _ key: String, _ value: JSON, _ book: inout JSON) {
        var all = book["batches"]?.array ?? []
        all[place][key] = value
        book["batches"] = .array(all)
    }

    private static func json(_ body: JSON, status: Int = 200) -> ServerResponse {
        ServerResponse(
            status: status, headers: [("content-type", "application/json")], body: .bytes(body.serialized()))
    }
}
