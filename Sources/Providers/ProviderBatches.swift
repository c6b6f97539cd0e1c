// Asking many at once for half the price: making batches, finding them again, reading and deleting their results.
public import Encoding
internal import HTTPClient

extension ProviderRouter {
    /// Whether a model's provider takes batches, and they have a price of their own.
    public func takesBatches(_ model: ModelName) -> Bool {
        capabilities(of: model)?.batchPercent != nil && batchLine(of: model.provider) != nil
    }

    /// What tokens cost in a batch; nil where the model is unpriced or not batched.
    public func batchPrice(of model: ModelName) -> Price? {
        guard let known = capabilities(of: model), let percent = known.batchPercent else { return nil }
        return known.price?.scaled(percent: percent)
    }

    /// The most that asking a model in a batch can cost, in pico-USD; nil where it is unpriced.
    public func batchWorstCaseCost(of conversation: Conversation, with model: ModelName) -> Int64? {
        guard let limit = capabilities(of: model)?.maximumOutput else { return nil }
        return batchPrice(of: model)?.worstCase(
            inputTokens: TokenEstimate.inputTokens(of: conversation),
            outputTokens: min(conversation.maximumOutputTokens, limit))
    }

    /// The body of one request in a batch: the same bytes for the same conversation, never streamed.
    public func batchBody(of conversation: Conversation, for model: ModelName) throws(ProviderError) -> WrittenBody {
        guard let line = batchLine(of: model.provider) else { throw .unknownProvider(model.provider) }
        return try line.unstreamed.body(
            of: conversation, model: model, capabilities: capabilities(of: model) ?? ModelCapabilities())
    }

    /// Uploads the requests where the provider wants them as a file; nil where it does not.
    public func uploadBatch(
        _ requests: [BatchRequest], mark: String, at provider: String
    ) async throws(ProviderError) -> String? {
        let call = try batchCall(provider)
        guard let file = call.dialect.file(of: requests) else { return nil }
        let json = try await call.upload(file, name: Self.fileName(mark), boundary: "sanctuary-\(mark)")
        guard let id = BatchStatus.identifier(json["id"]) else { throw .malformed(.missing("id"), requestID: nil) }
        return id
    }

    /// Makes a batch; after an error that leaves it open whether there is one now, look for it in `batches`.
    ///
    /// - Parameters:
    ///   - requests: what is asked.
    ///   - file: what `uploadBatch` gave.
    ///   - mark: the maker's name for it, by which some providers let it be found again.
    public func createBatch(
        _ requests: [BatchRequest], file: String?, mark: String, at provider: String
    ) async throws(ProviderError) -> BatchStatus {
        let call = try batchCall(provider)
        let body = call.dialect.creation(of: requests, file: file, mark: mark)
        return try call.status(try await call.json("POST", call.dialect.batches(below: call.basePath), body: body))
    }

    /// Where a batch stands.
    public func batch(_ handle: String, at provider: String) async throws(ProviderError) -> BatchStatus {
        let call = try batchCall(provider)
        return try call.status(try await call.json("GET", call.dialect.one(handle, below: call.basePath)))
    }

    /// The provider's batches since an instant, newest first; at most twenty pages of them.
    ///
    /// Refused with 404 only where the provider has no such list; a list that ends so in its midst is malformed.
    public func batches(at provider: String, since: Instant) async throws(ProviderError) -> [BatchStatus] {
        let call = try batchCall(provider)
        var found: [BatchStatus] = []
        for _ in 0..<BatchLimits.maximumPages {
            let path = call.dialect.batches(below: call.basePath) + call.dialect.page(after: found.last?.handle)
            let page: JSON
            do throws(ProviderError) { page = try await call.json("GET", path) } catch {
                if case .refused(let refusal) = error, refusal.status == 404, !found.isEmpty {
                    throw .malformed(.missing("data"), requestID: refusal.requestID)
                }
                throw error
            }
            guard let data = page["data"]?.array else { throw .malformed(.missing("data"), requestID: nil) }
            for json in data { found.append(try call.status(json)) }
            guard page["has_more"]?.bool == true, !data.isEmpty else { break }
            if let oldest = found.last?.madeAt, oldest < since { break }
        }
        return found.filter { $0.madeAt.map { $0 >= since } ?? true }
    }

    /// Reads the results of an ended batch, one at a time, in whatever order they come.
    ///
    /// A line that cannot be read is left out, as are names that come twice: whoever is missing in the end was lost.
    ///
    /// - Returns: how many requests have a result.
    public func readBatch(
        _ status: BatchStatus, at provider: String, take: (String, BatchResult) -> Void
    ) async throws(ProviderError) -> Int {
        let call = try batchCall(provider)
        var seen: Set<String> = []
        for path in call.dialect.resultPaths(of: status, below: call.basePath) {
            try await call.lines(of: path) { line in
                guard let json = try? JSON.parse(line), let (name, result) = call.dialect.result(from: json),
                    seen.insert(name).inserted
                else { return }
                take(name, result)
            }
        }
        return seen.count
    }

    /// Asks a provider to stop working on a batch.
    public func cancelBatch(_ handle: String, at provider: String) async throws(ProviderError) {
        let call = try batchCall(provider)
        _ = try await call.json("POST", call.dialect.one(handle, below: call.basePath) + "/cancel")
    }

    /// Deletes what the provider keeps of an ended batch: requests and results, or the files of both.
    public func deleteBatch(_ status: BatchStatus, at provider: String) async throws(ProviderError) {
        let call = try batchCall(provider)
        for path in call.dialect.remains(of: status, below: call.basePath) { try await delete(path, call) }
    }

    /// Deletes the files that were uploaded for a batch which was never made.
    public func deleteBatchFiles(mark: String, at provider: String) async throws(ProviderError) {
        let call = try batchCall(provider)
        guard let list = call.dialect.fileList else { return }
        let files = try await call.json("GET", list)["data"]?.array ?? []
        for file in files where file["filename"]?.string == Self.fileName(mark) {
            if let id = BatchStatus.identifier(file["id"]) { try await delete("/files/\(id)", call) }
        }
    }

    private static func fileName(_ mark: String) -> String { "sanctuary-\(mark).jsonl" }

    private func delete(_ path: String, _ call: BatchCall) async throws(ProviderError) {
        do throws(ProviderError) { _ = try await call.json("DELETE", path) } catch {
            // It is gone already: that is what was wanted.
            if case .refused(let refusal) = error, refusal.status == 404 { return }
            throw error
        }
    }

    private func batchLine(of provider: String) -> ProviderLine? {
        guard let line = line(named: provider), line.batches != nil else { return nil }
        return line
    }

    private func batchCall(_ provider: String) throws(ProviderError) -> BatchCall {
        try requireReady(provider)
        guard let line = batchLine(of: provider), let dialect = line.batches else { throw .unknownProvider(provider) }
        return BatchCall(router: self, line: line, dialect: dialect)
    }
}

/// One call of a provider's batch interface.
struct BatchCall {
    let router: ProviderRouter
    let line: ProviderLine
    let dialect: any BatchDialect

    var basePath: String { line.basePath }

    /// Asks for a JSON answer.
    func json(
        _ method: String, _ path: String, body: [UInt8] = [], type: String = "application/json"
    ) async throws(ProviderError) -> JSON {
        var request = try request(method, path, accept: "application/json")
        if !body.isEmpty { request.headers.append(("content-type", type)) }
        request.body = body
        let response: HTTPResponse
        do throws(HTTPError) { response = try await router.client.response(to: request) } catch {
            throw transported(error)
        }
        guard (200..<300).contains(response.status) else {
            throw refused(response.status, response.headers, response.body)
        }
        guard let json = try? JSON.parse(response.body) else { throw .malformed(.notJSON, requestID: nil) }
        return json
    }

    /// Uploads a file as a form (RFC 7578).
    func upload(_ file: [UInt8], name: String, boundary: String) async throws(ProviderError) -> JSON {
        var form = Array("--\(boundary)\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n".utf8)
        form += Array(
            ("--\(boundary)\r\ncontent-disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n"
                + "content-type: application/jsonl\r\n\r\n").utf8)
        form += file
        form += Array("\r\n--\(boundary)--\r\n".utf8)
        return try await json("POST", "/files", body: form, type: "multipart/form-data; boundary=\(boundary)")
    }

    /// Streams the lines of a result file.
    func lines(of path: String, take: ([UInt8]) -> Void) async throws(ProviderError) {
        var request = try request("GET", path, accept: "application/jsonl, application/octet-stream, */*")
        request.maximumResponseBytes = BatchLimits.maximumResultBytes
        request.totalTimeoutMilliseconds = 3_600_000
        let stream: HTTPStream
        do throws(HTTPError) { stream = try await router.client.stream(request) } catch { throw transported(error) }
        guard (200..<300).contains(stream.status) else {
            var body: [UInt8] = []
            while body.count < 65_536, let chunk = try? await next(of: stream.chunks) { body += chunk }
            throw refused(stream.status, stream.headers, body)
        }
        var parser = NDJSONParser(maximumLineBytes: BatchLimits.maximumLineBytes)
        while let chunk = try await next(of: stream.chunks) {
            do throws(StreamFormatError) {
                for line in try parser.push(chunk) { take(line) }
            } catch {
                throw .malformed(.notEvents, requestID: nil)
            }
        }
        do throws(StreamFormatError) {
            if let last = try parser.finish() { take(last) }
        } catch {
            throw .malformed(.notEvents, requestID: nil)
        }
    }

    private func next(of chunks: HTTPBody) async throws(ProviderError) -> [UInt8]? {
        var iterator = chunks.makeAsyncIterator()
        do throws(HTTPError) { return try await iterator.next() } catch { throw transported(error) }
    }

    private func transported(_ error: HTTPError) -> ProviderError {
        error == .cancelled ? .cancelled : .transport(error)
    }

    /// Reads a batch.
    func status(_ json: JSON) throws(ProviderError) -> BatchStatus {
        do throws(WireFault) { return try dialect.status(from: json) } catch {
            switch error {
            case .malformed(let reason): throw .malformed(reason, requestID: nil)
            case .providerError(let words):
                throw .refused(Refusal(status: words.status, kind: words.kind, code: words.code))
            }
        }
    }

    private func request(_ method: String, _ path: String, accept: String) throws(ProviderError) -> HTTPRequest {
        var request = line.request(url: try line.url(of: path), body: RequestBody([]))
        request.method = method
        request.headers = request.headers.filter { $0.0 != "content-type" && $0.0 != "accept" } + [("accept", accept)]
        return request
    }

    private func refused(_ status: Int, _ headers: HTTPHeaders, _ body: [UInt8]) -> ProviderError {
        let words = (try? JSON.parse(body)).map(line.dialect.errorWords)
        let id = (headers["request-id"] ?? headers["x-request-id"]).flatMap(PlainWord.checked)
        let error = ProviderError.refused(
            Refusal(
                status: status, kind: words?.kind, code: words?.code, requestID: id,
                hints: RetryHints(now: router.time.now()) { headers[$0] }))
        if error.failureClass == .providerDown { router.openBreaker(of: line.settings.name) }
        return error
    }
}
