// Tests of streamed bodies: pieces as they come, back-pressure, and ends of every kind.
import HTTPClient
import HTTPServer
import Synchronization
import TestSupport
import Testing

@Suite struct StreamTests {
    @Test func readsEventsAsTheyAreSent() async throws {
        let (chunks, producer) = AsyncStream<[UInt8]>.makeStream()
        let server = try HTTPServer { _ in
            ServerResponse(headers: [("Content-Type", "text/event-stream")], body: .stream(chunks))
        }
        let client = try HTTPClient()
        let stream = try await client.stream(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
        #expect(stream.headers["content-type"] == "text/event-stream")
        var parser = ServerSentEventParser()
        var iterator = stream.chunks.makeAsyncIterator()
        for number in 0..<50 {
            producer.yield(Array("data: \(number)\n\n".utf8))
            var events: [ServerSentEvent] = []
            while events.isEmpty, let chunk = try await iterator.next() { events = try parser.push(chunk) }
            #expect(events == [ServerSentEvent(data: "\(number)")])
        }
        producer.finish()
        #expect(try await iterator.next() == nil)
        try parser.finish()
        await server.stop()
    }

    @Test func holdsTheSenderBackWhileTheConsumerIsSlow() async throws {
        let piece = [UInt8](repeating: 0x61, count: 65_536)
        let pieces = 1_500
        let produced = Atomic(0)
        // A consumer that a busy machine keeps waiting for a minute is slow, too, and no reason to hang up.
        let server = try HTTPServer(configuration: .init(timeoutSeconds: 600)) { _ in
            let chunks = AsyncStream<[UInt8]> {
                produced.add(1, ordering: .relaxed).newValue <= pieces ? piece : nil
            }
            return ServerResponse(body: .stream(chunks))
        }
        let client = try HTTPClient()
        var request = HTTPRequest(url: "http://127.0.0.1:\(server.port)/")
        request.maximumResponseBytes = pieces * piece.count
        var consumed = 0
        var largestLead = 0
        var largestChunk = 0
        for try await chunk in try await client.stream(request).chunks {
            consumed += chunk.count
            largestChunk = max(largestChunk, chunk.count)
            largestLead = max(largestLead, produced.load(ordering: .relaxed) * piece.count - consumed)
            for _ in 0..<20 { await Task.yield() }
        }
        #expect(consumed == pieces * piece.count)
        // The client's buffer; and with the sockets' and the server's, far less than the whole.
        #expect(largestChunk < 300_000)
        #expect(largestLead < 32_000_000)
        await server.stop()
    }

    @Test func endsTheTransferWhenTheStreamIsDropped() async throws {
        let closed = Signal()
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin")
            connection.waitForClose()
            closed.raise()
        }
        let client = try HTTPClient()
        do {
            let stream = try await client.stream(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
            for try await chunk in stream.chunks {
                #expect(chunk == Array("begin".utf8))
                break
            }
        }
        await closed.wait()
    }

    @Test func aStreamThatIsLeftRunsOutAndItsConnectionServesTheNextRequest() async throws {
        let gate = Gate()
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 600000\r\n\r\nbegin")
            gate.wait()
            connection.write([UInt8](repeating: 0x61, count: 599_995))
            guard !connection.readHead().isEmpty else { return }
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        var configuration = HTTPClient.Configuration()
        configuration.maximumConnections = 1
        let client = try HTTPClient(configuration: configuration)
        do {
            let stream = try await client.stream(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
            var iterator = stream.chunks.makeAsyncIterator()
            #expect(try await iterator.next() == Array("begin".utf8))
            stream.chunks.leave()
        }
        gate.open()
        let response = try await client.response(to: HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
        #expect(String(decoding: response.body, as: UTF8.self) == "ok")
        #expect(server.connectionCount == 1)
    }

    @Test func endsTheTransferWhenTheConsumerIsCancelled() async throws {
        let waiting = Signal()
        let closed = Signal()
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin")
            connection.waitForClose()
            closed.raise()
        }
        let client = try HTTPClient()
        let task = Task {
            let stream = try await client.stream(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
            var iterator = stream.chunks.makeAsyncIterator()
            _ = try await iterator.next()
            waiting.raise()
            _ = try await iterator.next()
        }
        await waiting.wait()
        task.cancel()
        await #expect(throws: HTTPError.cancelled) { try await task.value }
        await closed.wait()
    }

    @Test func throwsAfterWhatCameBeforeTheTruncation() async throws {
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegin\r\n5\r\nbe")
        }
        let client = try HTTPClient()
        let stream = try await client.stream(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
        var iterator = stream.chunks.makeAsyncIterator()
        var received: [UInt8] = []
        await #expect(throws: HTTPError.truncated) {
            while let chunk = try await iterator.next() { received += chunk }
        }
        #expect(received == Array("beginbe".utf8))
        #expect(try await iterator.next() == nil)
    }

    @Test func boundsAStreamedBody() async throws {
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 200 OK\r\n\r\n")
            while connection.write(String(repeating: "x", count: 10_000)) {}
        }
        let client = try HTTPClient()
        var request = HTTPRequest(url: "http://127.0.0.1:\(server.port)/")
        request.maximumResponseBytes = 100_000
        let stream = try await client.stream(request)
        var count = 0
        do {
            for try await chunk in stream.chunks { count += chunk.count }
            Issue.record("the stream ended well")
        } catch {
            #expect(error == .tooLarge(limit: 100_000))
        }
        #expect(count <= 100_000)
    }

    @Test func reportsAnErrorBeforeTheHead() async throws {
        let server = try RawServer { connection in _ = connection.readHead() }
        let client = try HTTPClient()
        await #expect(throws: HTTPError.connectionLost) {
            try await client.stream(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
        }
    }
}
