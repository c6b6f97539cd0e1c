// Anthropic Message Batches (providers.md 1.3).
internal import Encoding

/// Batches whose requests stand in the creation, and whose results are one file of lines.
struct AnthropicBatches: BatchDialect {
    var fileList: String? { nil }

    func batches(below basePath: String) -> String {
        basePath.hasSuffix("/v1") ? "/messages/batches" : "/v1/messages/batches"
    }

    func one(_ handle: String, below basePath: String) -> String { batches(below: basePath) + "/" + handle }

    func creation(of requests: [BatchRequest], file: String?, mark: String) -> [UInt8] {
        // The bodies are JSON already: they go in as they are, byte for byte what a direct request would send.
        var bytes = Array(#"{"requests":["#.utf8)
        for (place, request) in requests.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += Array("{\"custom_id\":\"\(request.name)\",\"params\":".utf8)
            bytes += request.body
            bytes.append(UInt8(ascii: "}"))
        }
        return bytes + Array("]}".utf8)
    }

    func file(of requests: [BatchRequest]) -> [UInt8]? { nil }

    func status(from json: JSON) throws(WireFault) -> BatchStatus {
        guard let handle = BatchStatus.identifier(json["id"]) else { throw .malformed(.missing("id")) }
        let stage: BatchStatus.Stage
        switch json["processing_status"]?.string {
        case "in_progress", "canceling": stage = .going
        case "ended": stage = .ended
        default: throw .malformed(.unknownValue(of: "processing_status"))
        }
        let counts = json["request_counts"]?.object.map { object in
            object.reduce(0) { $0 + (Wire.count($1.value) ?? 0) }
        }
        return BatchStatus(
            handle: handle, stage: stage, madeAt: json["created_at"]?.string.flatMap(Instant.init(rfc3339:)),
            requests: counts, mark: nil, input: nil, results: [], isRefused: false)
    }

    func page(after handle: String?) -> String {
        "?limit=\(BatchLimits.pageSize)" + (handle.map { "&after_id=\($0)" } ?? "")
    }

    /// The documented place, on the provider's own host: a key goes nowhere because an answer says so.
    func resultPaths(of status: BatchStatus, below basePath: String) -> [String] {
        [one(status.handle, below: basePath) + "/results"]
    }

    func remains(of status: BatchStatus, below basePath: String) -> [String] { [one(status.handle, below: basePath)] }

    func result(from line: JSON) -> (name: String, result: BatchResult)? {
        guard let name = line["custom_id"]?.string, let result = line["result"] else { return nil }
        switch result["type"]?.string {
        case "succeeded":
            let message = result["message"] ?? .null
            let id = message["id"]?.string.flatMap(PlainWord.checked)
            return (name, .reading(id) { () throws(WireFault) in try AnthropicDialect().reply(from: message) })
        case "errored":
            let words = AnthropicDialect().errorWords(in: result["error"] ?? .null)
            let id = result["error"]?["request_id"]?.string.flatMap(PlainWord.checked)
            return (
                name,
                .failed(.refused(Refusal(status: words.status, kind: words.kind, code: words.code, requestID: id)))
            )
        case "canceled": return (name, .dropped("batch_canceled"))
        case "expired": return (name, .dropped("batch_expired"))
        default: return (name, .failed(.malformed(.unknownValue(of: "result.type"), requestID: nil)))
        }
    }
}
