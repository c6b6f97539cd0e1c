// The stand-in behind a real listener on loopback, so that the embedded default exercises the whole wire.
internal import Encoding
internal import HTTPServer

/// The deterministic stand-in for a model, served in the Anthropic dialect, streamed and whole.
///
/// It keeps no state: the same request always gets the same answer. It calls `self_delete`, `revoke_access` and
/// `modify_self` only where the instructions contain `rehearsal-script:`. Every text it makes begins with
/// `[rehearsal]`. It asks for no key, because it has nothing to protect.
public final class RehearsalServer: Sendable {
    private let server: HTTPServer

    /// The largest request, in bytes: a large persona sent whole.
    private static let maximumBodyBytes = 67_108_864

    /// Starts to listen on a free port of loopback; `sleep` is how it waits where a script makes it slow.
    public init(sleep: @escaping Sleep = systemSleep) throws(ProviderError) {
        var configuration = HTTPServer.Configuration()
        configuration.maximumBodyBytes = Self.maximumBodyBytes
        do {
            server = try HTTPServer(configuration: configuration) { await Rehearsal.response(to: $0, sleep: sleep) }
        } catch {
            throw .rehearsalUnavailable
        }
    }

    /// Where it listens, as a base URL of the Anthropic dialect.
    public var baseURL: String { "http://127.0.0.1:\(server.port)" }

    /// Stops to listen and ends what is under way.
    public func stop() async { await server.stop() }
}

/// From a request to its answer.
enum Rehearsal {
    /// Answers one HTTP request.
    static func response(to request: ServerRequest, sleep: Sleep) async -> ServerResponse {
        guard request.method == "POST", request.path == "/v1/messages" else {
            return error(404, kind: "not_found_error", message: "the stand-in knows only POST /v1/messages")
        }
        guard let body = try? JSON.parse(request.body), let view = RehearsalRequest(body) else {
            return error(400, kind: "invalid_request_error", message: "no Messages request")
        }
        let answer = answer(to: view)
        if answer.delayMilliseconds > 0 { try? await sleep(answer.delayMilliseconds) }
        return response(answer, to: view)
    }

    /// What is answered, before it is put on the wire.
    static func answer(to request: RehearsalRequest) -> RehearsalAnswer {
        let scripted = RehearsalScript(request)?.answer(round: request.round)
        return (scripted ?? RehearsalPlan(request).answer()).cut(to: request.maximumTokens)
    }

    private static func response(_ answer: RehearsalAnswer, to request: RehearsalRequest) -> ServerResponse {
        let seed = RehearsalChance.seed(request.system + [request.dayText], request.earlierTurns)
        let identity = "rehearsal_\(String(seed, radix: 36))_\(request.round)"
        let wire = RehearsalWire(answer: answer, request: request, identity: identity)
        let headers = [("request-id", "req_\(identity)")]
        switch answer.fault {
        case .status(let status, let retryAfter):
            var refusal = error(status, kind: kind(of: status), message: "as the script wants")
            if let retryAfter { refusal.headers.append(("retry-after", retryAfter)) }
            return refusal
        case .garbage:
            let type = request.isStreamed ? "text/event-stream" : "application/json"
            return ServerResponse(
                headers: headers + [("content-type", type)], body: .bytes(Array("data: {\"type\":\n\ngarbage".utf8)))
        case .wrongContentType:
            return ServerResponse(
                headers: headers + [("content-type", "text/html")], body: .bytes(Array("<html>no reply</html>".utf8)))
        case .truncated where !request.isStreamed:
            return ServerResponse(
                headers: headers + [("content-type", "application/json")],
                body: .bytes(Array(wire.message().dropLast(9))))
        case .errorEvent(let kind) where !request.isStreamed:
            return error(500, kind: kind, message: "as the script wants")
        default:
            return request.isStreamed
                ? ServerResponse(
                    headers: headers + [("content-type", "text/event-stream; charset=utf-8")],
                    body: .bytes(wire.events()))
                : ServerResponse(
                    headers: headers + [("content-type", "application/json")], body: .bytes(wire.message()))
        }
    }

    private static func kind(of status: Int) -> String {
        switch status {
        case 401: "authentication_error"
        case 402: "billing_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 429: "rate_limit_error"
        case 529: "overloaded_error"
        case 400..<500: "invalid_request_error"
        default: "api_error"
        }
    }

    private static func error(_ status: Int, kind: String, message: String) -> ServerResponse {
        let body: JSON = ["type": "error", "error": ["type": .string(kind), "message": .string(message)]]
        return ServerResponse(
            status: status, headers: [("content-type", "application/json")], body: .bytes(body.serialized()))
    }
}
