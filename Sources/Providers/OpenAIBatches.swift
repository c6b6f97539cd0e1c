// The OpenAI Batch API: a file of lines in, two files of lines out (providers.md 1.4).
internal import Encoding

/// Batches of chat completions.
struct OpenAIBatches: BatchDialect {
    /// The key of the mark among a batch's metadata.
    static let markKey = "sanctuary"

    var fileList: String? { "/files?purpose=batch&limit=10000" }

    func batches(below basePath: String) -> String { "/batches" }

    func one(_ handle: String, below basePath: String) -> String { "/batches/" + handle }

    func creation(of requests: [BatchRequest], file: String?, mark: String) -> [UInt8] {
        let body: JSON = [
            "input_file_id": .string(file ?? ""), "endpoint": "/v1/chat/completions", "completion_window": "24h",
            "metadata": [Self.markKey: .string(mark)],
        ]
        return body.serialized()
    }

    func file(of requests: [BatchRequest]) -> [UInt8]? {
        var bytes: [UInt8] = []
        for request in requests {
            bytes += Array(
                "{\"custom_id\":\"\(request.name)\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":".utf8
            )
            bytes += request.body
            bytes += Array("}\n".utf8)
        }
        return bytes
    }

    func status(from json: JSON) throws(WireFault) -> BatchStatus {
        guard let handle = BatchStatus.identifier(json["id"]) else { throw .malformed(.missing("id")) }
        let stage: BatchStatus.Stage
        switch json["status"]?.string {
        case "validating", "in_progress", "finalizing", "cancelling": stage = .going
        case "completed", "expired", "cancelled", "failed": stage = .ended
        default: throw .malformed(.unknownValue(of: "status"))
        }
        return BatchStatus(
            handle: handle, stage: stage,
            madeAt: Wire.count(json["created_at"]).map { Instant(unixMilliseconds: Int64(clamping: $0) * 1_000) },
            requests: Wire.count(json["request_counts"]?["total"]),
            mark: json["metadata"]?[Self.markKey]?.string, input: BatchStatus.identifier(json["input_file_id"]),
            results: [json["output_file_id"], json["error_file_id"]].compactMap(BatchStatus.identifier),
            isRefused: json["status"]?.string == "failed")
    }

    func page(after handle: String?) -> String {
        "?limit=\(BatchLimits.pageSize)" + (handle.map { "&after=\($0)" } ?? "")
    }

    func resultPaths(of status: BatchStatus, below basePath: String) -> [String] {
        status.results.map { "/files/\($0)/content" }
    }

    /// The API deletes files, not batches: what is left of one is a handle and counts.
    func remains(of status: BatchStatus, below basePath: String) -> [String] {
        ((status.input.map { [$0] } ?? []) + status.results).map { "/files/\($0)" }
    }

    func result(from line: JSON) -> (name: String, result: BatchResult)? {
        guard let name = line["custom_id"]?.string else { return nil }
        guard let response = line["response"], response.object != nil else {
            let code = line["error"]?["code"]?.string.flatMap(PlainWord.checked)
            return (name, .dropped(code ?? "batch_failed"))
        }
        let id = response["request_id"]?.string.flatMap(PlainWord.checked)
        let body = response["body"] ?? .null
        guard let status = Wire.count(response["status_code"]) else {
            return (name, .failed(.malformed(.missing("status_code"), requestID: id)))
        }
        guard (200..<300).contains(status) else {
            let words = OpenAIDialect().errorWords(in: body)
            return (
                name, .failed(.refused(Refusal(status: status, kind: words.kind, code: words.code, requestID: id)))
            )
        }
        return (name, .reading(id) { () throws(WireFault) in try OpenAIDialect().reply(from: body) })
    }
}
