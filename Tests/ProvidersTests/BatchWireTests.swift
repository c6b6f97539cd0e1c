// Batches on the wire: what is sent, what is believed, and what is not (providers.md 1.3, 1.4).
import Encoding
import HTTPServer
import Providers
import Testing

private let going =
    #"{"id":"msgbatch_1","processing_status":"in_progress","request_counts":{"processing":2,"succeeded":0},"#
    + #""created_at":"2026-11-21T05:00:00Z","results_url":"https://elsewhere.example/steal"}"#
private let ended = going.replacing("in_progress", with: "ended")
private let succeeded =
    #"{"type":"succeeded","message":{"type":"message","model":"m","content":[{"type":"text","text":"ok"}],"#
    + #""stop_reason":"end_turn","usage":{"input_tokens":5,"output_tokens":2}}}"#

/// A bench of one provider that takes batches.
private func bench(_ fake: FakeProvider, _ dialect: DialectName = .anthropic) throws -> Bench {
    var settings = settings(dialect, fake, streams: true)
    settings.models["m"] = ModelCapabilities(price: Price(input: 3, output: 15), batchPercent: 50)
    return try Bench([settings])
}

private func lines(_ lines: [String]) -> ServerResponse {
    ServerResponse(
        headers: [("content-type", "application/x-jsonl")], body: .bytes(Array(lines.joined(separator: "\n").utf8)))
}

@Suite struct BatchWireTests {
    @Test func halfThePriceIsRoundedUp() throws {
        let fake = try FakeProvider(.json("{}"))
        let bench = try bench(fake)
        #expect(bench.router.batchPrice(of: model("fake/m")) == Price(input: 2, output: 8, cacheRead: 2, cacheWrite: 2))
        #expect(bench.router.takesBatches(model("fake/m")))
        #expect(!bench.router.takesBatches(model("fake/unheard-of")), "without a price of its own nothing is batched")
        #expect(!bench.router.takesBatches(.rehearsal) && !bench.router.takesBatches(model("nobody/m")))
        let known = ModelCatalogue.embedded
        for dialect in [DialectName.anthropic, .openai] {
            for name in known.models(of: dialect) {
                #expect(known.capabilities(of: name, dialect: dialect)?.batchPercent == 50, "\(name)")
            }
        }
    }

    @Test func requestsGoInAsTheyWouldGoDirectly() async throws {
        let fake = try FakeProvider(.json(going))
        let bench = try bench(fake)
        let body = try bench.router.batchBody(of: hello, for: model("fake/m")).bytes
        let requests = ["a-1", "b-1"].map { BatchRequest(name: $0, body: body) }
        #expect(try await bench.router.uploadBatch(requests, mark: "x", at: "fake") == nil)
        let status = try await bench.router.createBatch(requests, file: nil, mark: "x", at: "fake")
        #expect(status.handle == "msgbatch_1" && status.stage == .going && status.requests == 2)
        let sent = try #require(fake.bodies.first?["requests"]?.array)
        #expect(sent.map { $0["custom_id"]?.string } == ["a-1", "b-1"])
        var direct = try JSON.parse(try bench.router.requestBody(of: hello, for: model("fake/m")).bytes)
        #expect(direct["stream"] == true)
        direct["stream"] = Optional<JSON>.none
        #expect(sent[0]["params"] == direct, "but never streamed")
        #expect(fake.requests[0].path == "/v1/messages/batches" && fake.requests[0].header("anthropic-version") != nil)
        await bench.close()
        await fake.stop()
    }

    @Test func openAIWantsAFileFirst() async throws {
        let fake = try FakeProvider { _, request in
            request.path.hasSuffix("/files")
                ? .json(#"{"id":"file-1"}"#)
                : .json(#"{"id":"batch_1","status":"validating","metadata":{"sanctuary":"mark1"},"created_at":1}"#)
        }
        let bench = try bench(fake, .openai)
        let body = try bench.router.batchBody(of: hello, for: model("fake/m")).bytes
        let requests = [BatchRequest(name: "a-1", body: body)]
        let file = try await bench.router.uploadBatch(requests, mark: "mark1", at: "fake")
        #expect(file == "file-1")
        let status = try await bench.router.createBatch(requests, file: file, mark: "mark1", at: "fake")
        #expect(status.mark == "mark1" && status.stage == .going)
        let form = String(decoding: fake.requests[0].body, as: UTF8.self)
        #expect(
            form.contains("name=\"purpose\"\r\n\r\nbatch\r\n") && form.contains("filename=\"sanctuary-mark1.jsonl\""))
        #expect(form.contains(#"{"custom_id":"a-1","method":"POST","url":"/v1/chat/completions","body":{"#))
        #expect(fake.bodies[1]["completion_window"] == "24h" && fake.bodies[1]["input_file_id"] == "file-1")
        await bench.close()
        await fake.stop()
    }

    @Test(arguments: [
        #"{"id":"../../../v1/files","processing_status":"ended"}"#, #"{"id":"a b","processing_status":"ended"}"#,
        #"{"id":"msgbatch_1","processing_status":"finished"}"#, #"{"processing_status":"ended"}"#, "[]", "not JSON",
    ]) func whatIsNoBatchIsNotBelieved(_ text: String) async throws {
        let fake = try FakeProvider(.json(text))
        let bench = try bench(fake)
        do throws(ProviderError) {
            _ = try await bench.router.batch("msgbatch_1", at: "fake")
            Issue.record("\(text)")
        } catch {
            guard case .malformed = error else {
                Issue.record("\(error)")
                return
            }
        }
        await bench.close()
        await fake.stop()
    }

    @Test func resultsAreReadFromTheProvidersOwnHostAndEachOnce() async throws {
        let fake = try FakeProvider { _, request in
            request.path.hasSuffix("/results")
                ? lines([
                    #"{"custom_id":"b","result":\#(succeeded)}"#, "", "not JSON", #"{"result":\#(succeeded)}"#,
                    #"{"custom_id":"b","result":{"type":"expired"}}"#,
                    #"{"custom_id":"a","result":{"type":"expired"}}"#,
                    #"{"custom_id":"c","result":{"type":"transcended"}}"#,
                    #"{"custom_id":"d","result":{"type":"errored","error":{"type":"error","error":{"type":"#
                        + #""overloaded_error","message":"SECRET"},"request_id":"req_9"}}}"#,
                    #"{"custom_id":"e","result":{"type":"succeeded","message":{"type":"message"}}}"#,
                ]) : .json(ended)
        }
        let bench = try bench(fake)
        let status = try await bench.router.batch("msgbatch_1", at: "fake")
        var results: [String: BatchResult] = [:]
        let count = try await bench.router.readBatch(status, at: "fake") { results[$0] = $1 }
        #expect(count == 5 && fake.requests.last?.path == "/v1/messages/batches/msgbatch_1/results")
        guard case .reply(let reply) = results["b"] else {
            Issue.record("the first line of a name counts")
            return
        }
        #expect(reply.text == "ok" && reply.usage == TokenUsage(input: 5, output: 2))
        func error(_ name: String) -> ProviderError? {
            if case .failed(let error) = results[name] { error } else { nil }
        }
        #expect(error("a") == .refused(Refusal(status: 408, kind: "batch_expired")))
        #expect(error("c") == .malformed(.unknownValue(of: "result.type"), requestID: nil))
        #expect(error("d") == .refused(Refusal(status: 529, kind: "overloaded_error", requestID: "req_9")))
        #expect(error("e") == .malformed(.missing("content"), requestID: nil))
        await bench.close()
        await fake.stop()
    }

    @Test func theListIsLookedThroughAsFarBackAsAsked() async throws {
        let fake = try FakeProvider { number, _ in
            let hour = 9 - number
            return .json(
                #"{"data":[{"id":"b\#(number)","processing_status":"ended","#
                    + #""created_at":"2026-11-21T0\#(hour):00:00Z"}],"has_more":true}"#)
        }
        let bench = try bench(fake)
        let since = try #require(Instant(rfc3339: "2026-11-21T07:30:00Z"))
        let found = try await bench.router.batches(at: "fake", since: since)
        #expect(found.map(\.handle) == ["b0", "b1"] && fake.requests.count == 3)
        #expect(fake.requests[1].argument("after_id") == "b0")
        await bench.close()
        await fake.stop()
    }

    @Test func aRefusedKeyClosesTheProviderForBatchesToo() async throws {
        let fake = try FakeProvider(.json("{}", status: 401))
        let bench = try bench(fake)
        for _ in 0..<3 {
            await #expect(throws: ProviderError.self) { try await bench.router.batch("msgbatch_1", at: "fake") }
        }
        #expect(fake.requests.count == 1 && !bench.router.isAvailable(model("fake/m")))
        await bench.close()
        await fake.stop()
    }

    @Test func whatIsGoneAlreadyIsDeleted() async throws {
        let fake = try FakeProvider { _, request in
            request.method == "DELETE" ? .json("{}", status: 404) : .json(ended)
        }
        let bench = try bench(fake)
        let status = try await bench.router.batch("msgbatch_1", at: "fake")
        try await bench.router.deleteBatch(status, at: "fake")
        #expect(fake.requests.last?.method == "DELETE")
        await bench.close()
        await fake.stop()
    }
}
