// One request on the wire and its answer: status, content type, body or events, all of it checked.
internal import Encoding
internal import HTTPClient

/// One attempt at one provider.
struct Transmission {
    let line: ProviderLine
    let client: HTTPClient
    let time: TimeSource
    /// What this request was taken to use of the key's rates.
    let use: RateUse

    /// No error body is read further than this; its words stand at its beginning.
    private static let maximumErrorBytes = 65_536

    /// Sends the body and reads the whole reply.
    func reply(
        to body: RequestBody, url: String, model: ModelName
    ) async throws(ProviderError) -> Reply {
        let request = line.request(url: url, body: body)
        let requestID: String?
        let wire: WireReply
        if line.settings.streams {
            let stream = try await transported { () async throws(HTTPError) in try await client.stream(request) }
            requestID = requestIdentifier(stream.headers)
            wire = try await read(stream, requestID: requestID)
        } else {
            let response = try await transported { () async throws(HTTPError) in try await client.response(to: request)
            }
            requestID = requestIdentifier(response.headers)
            wire = try read(response, requestID: requestID)
        }
        return Reply(wire, inputEstimate: use.input, model: model.model, requestID: requestID)
    }

    private func requestIdentifier(_ headers: HTTPHeaders) -> String? {
        (headers["request-id"] ?? headers["x-request-id"]).flatMap(PlainWord.checked)
    }

    private func read(_ response: HTTPResponse, requestID: String?) throws(ProviderError) -> WireReply {
        line.gate.meter.correct(by: { response.headers[$0] }, own: use)
        guard (200..<300).contains(response.status) else {
            throw refusal(response.status, response.headers, response.body, requestID: requestID)
        }
        guard contentType(response.headers) == "application/json" else {
            throw .malformed(.contentType, requestID: requestID)
        }
        return try whole(response.body, requestID: requestID)
    }

    /// Reads a stream by its content type: some servers answer a request for events with a whole message.
    private func read(_ stream: HTTPStream, requestID: String?) async throws(ProviderError) -> WireReply {
        line.gate.meter.correct(by: { stream.headers[$0] }, own: use)
        guard (200..<300).contains(stream.status) else {
            let body = await beginning(of: stream.chunks)
            throw refusal(stream.status, stream.headers, body, requestID: requestID)
        }
        switch contentType(stream.headers) {
        case "application/json":
            var body: [UInt8] = []
            while let chunk = try await next(of: stream.chunks) { body += chunk }
            return try whole(body, requestID: requestID)
        case "text/event-stream": return try await events(of: stream.chunks, requestID: requestID)
        default: throw .malformed(.contentType, requestID: requestID)
        }
    }

    private func events(of chunks: HTTPBody, requestID: String?) async throws(ProviderError) -> WireReply {
        var parser = ServerSentEventParser()
        var assembler = line.dialect.assembler()
        while !assembler.isComplete {
            let chunk: [UInt8]?
            do throws(ProviderError) {
                chunk = try await next(of: chunks)
            } catch {
                // Cut off inside the stream: what came is no reply, whatever the transport calls it.
                let isCut = error == .transport(.truncated) || error == .transport(.connectionLost)
                throw isCut ? .malformed(.truncated, requestID: requestID) : error
            }
            guard let chunk else { break }
            guard let events = try? parser.push(chunk) else { throw .malformed(.notEvents, requestID: requestID) }
            for event in events {
                do throws(WireFault) { try assembler.push(event) } catch { throw providerError(error, requestID) }
            }
        }
        // Lets the rest of a finished stream run out, so that its connection can serve the next request.
        if assembler.isComplete { chunks.leave() }
        do throws(WireFault) { return try assembler.finish() } catch { throw providerError(error, requestID) }
    }

    private func next(of chunks: HTTPBody) async throws(ProviderError) -> [UInt8]? {
        try await transported { () async throws(HTTPError) in
            var iterator = chunks.makeAsyncIterator()
            return try await iterator.next()
        }
    }

    private func transported<R>(_ body: () async throws(HTTPError) -> R) async throws(ProviderError) -> R {
        do throws(HTTPError) { return try await body() } catch {
            throw error == .cancelled ? .cancelled : .transport(error)
        }
    }

    private func whole(_ body: [UInt8], requestID: String?) throws(ProviderError) -> WireReply {
        guard let json = try? JSON.parse(body) else { throw .malformed(.notJSON, requestID: requestID) }
        do throws(WireFault) { return try line.dialect.reply(from: json) } catch {
            throw providerError(error, requestID)
        }
    }

    private func providerError(_ fault: WireFault, _ requestID: String?) -> ProviderError {
        switch fault {
        case .malformed(let reason): .malformed(reason, requestID: requestID)
        case .providerError(let words):
            .refused(
                Refusal(
                    status: words.status, kind: words.kind, code: words.code, requestID: requestID, isMidStream: true))
        }
    }

    private func refusal(
        _ status: Int, _ headers: HTTPHeaders, _ body: [UInt8], requestID: String?
    ) -> ProviderError {
        let words = (try? JSON.parse(body)).map(line.dialect.errorWords)
        return .refused(
            Refusal(
                status: status, kind: words?.kind, code: words?.code, requestID: requestID,
                hints: RetryHints(now: time.now()) { headers[$0] }))
    }

    private func beginning(of chunks: HTTPBody) async -> [UInt8] {
        var body: [UInt8] = []
        var iterator = chunks.makeAsyncIterator()
        while body.count < Self.maximumErrorBytes, let chunk = try? await iterator.next() { body += chunk }
        return body
    }

    /// The media type in lower case, without parameters.
    private func contentType(_ headers: HTTPHeaders) -> String? {
        guard let written = headers["content-type"] else { return nil }
        // As most servers write it.
        if written == "text/event-stream" || written == "application/json" { return written }
        guard let type = written.split(separator: ";").first else { return nil }
        return String(type.filter { !$0.isWhitespace }).lowercased()
    }
}
