// Tests of everything that ends a request early: time-outs, limits, broken answers, cancellation, shutdown.
import Cryptography
import HTTPClient
import HTTPServer
import TestSupport
import Testing

/// A server that takes requests and never answers; `asked` is raised at the first one.
private func silentServer(_ asked: Signal = Signal(), closed: Signal = Signal()) throws -> RawServer {
    try RawServer { connection in
        _ = connection.readHead()
        asked.raise()
        connection.waitForClose()
        closed.raise()
    }
}

/// The error of a request to a server that answers with these bytes and closes.
private func failure(
    answer: String, _ adjust: (inout HTTPRequest) -> Void = { _ in }
) async throws -> HTTPError? {
    let server = try RawServer { connection in
        _ = connection.readHead()
        connection.write(answer)
    }
    let client = try HTTPClient()
    var request = HTTPRequest(url: "http://127.0.0.1:\(server.port)/")
    adjust(&request)
    do throws(HTTPError) {
        _ = try await client.response(to: request)
        return nil
    } catch {
        return error
    }
}

@Suite struct FailureTests {
    @Test func givesUpWhenTheWholeTakesTooLong() async throws {
        let server = try silentServer()
        let client = try HTTPClient()
        var request = HTTPRequest(url: "http://127.0.0.1:\(server.port)/")
        request.totalTimeoutMilliseconds = 50
        await #expect(throws: HTTPError.timedOut(.total)) { try await client.response(to: request) }
    }

    @Test func givesUpWhenNothingArrives() async throws {
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegin")
            connection.waitForClose()
        }
        let client = try HTTPClient()
        var request = HTTPRequest(url: "http://127.0.0.1:\(server.port)/")
        request.idleTimeoutMilliseconds = 50
        await #expect(throws: HTTPError.timedOut(.idle)) { try await client.response(to: request) }
        await #expect(throws: HTTPError.timedOut(.idle)) {
            for try await _ in try await client.stream(request).chunks {}
        }
    }

    @Test func givesUpWhenTLSIsNotAnswered() async throws {
        let server = try RawServer { connection in connection.waitForClose() }
        let client = try HTTPClient()
        var request = HTTPRequest(url: "https://127.0.0.1:\(server.port)/")
        request.connectTimeoutMilliseconds = 50
        await #expect(throws: HTTPError.timedOut(.connect)) { try await client.response(to: request) }
    }

    @Test func tellsTLSFromConnectionFailures() async throws {
        let server = try RawServer { connection in
            _ = connection.read()
            connection.write("this is no TLS record at all, but quite a few bytes of text")
        }
        let client = try HTTPClient()
        await #expect(throws: HTTPError.tls(code: 35)) {
            try await client.response(to: HTTPRequest(url: "https://localhost:\(server.port)/"))
        }
        let closed = try ClosedPort()
        await #expect(throws: HTTPError.connectFailed) {
            try await client.response(to: HTTPRequest(url: "http://127.0.0.1:\(closed.number)/"))
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", HTTPError.truncated),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n", .truncated),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsh", .truncated),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", .truncated),
        ("", .connectionLost),
        ("GARBAGE\r\n\r\n", .malformedResponse),
        ("HTTP/9.9 200 OK\r\n\r\n", .malformedResponse),
        ("HTTP/1.1 20 OK\r\n\r\n", .malformedResponse),
        ("\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}", .malformedResponse),
    ])
    func namesABrokenAnswer(answer: String, expected: HTTPError) async throws {
        #expect(try await failure(answer: answer) == expected)
    }

    @Test func boundsTheBody() async throws {
        let limit: (inout HTTPRequest) -> Void = { $0.maximumResponseBytes = 10 }
        let ten = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789"
        #expect(try await failure(answer: ten, limit) == nil)
        let announced = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"
        #expect(try await failure(answer: announced, limit) == .tooLarge(limit: 10))
        let unannounced = "HTTP/1.1 200 OK\r\n\r\n0123456789+"
        #expect(try await failure(answer: unannounced, limit) == .tooLarge(limit: 10))
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n6\r\n678901\r\n0\r\n\r\n"
        #expect(try await failure(answer: chunked, limit) == .tooLarge(limit: 10))
    }

    @Test func boundsTheHeaderSection() async throws {
        let limit: (inout HTTPRequest) -> Void = { $0.maximumHeaderBytes = 1_000 }
        let many = String(repeating: "X-Field: value\r\n", count: 100)
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
        #expect(try await failure(answer: head + "\r\n", limit) == nil)
        #expect(try await failure(answer: head + many + "\r\n", limit) == .headersTooLarge(limit: 1_000))
        let long = "X: " + String(repeating: "y", count: 500_000) + "\r\n\r\n"
        #expect(try await failure(answer: head + long) == .headersTooLarge(limit: 65_536))
    }

    @Test func cancelsWithTheTask() async throws {
        let asked = Signal()
        let closed = Signal()
        let server = try silentServer(asked, closed: closed)
        let client = try HTTPClient()
        let task = Task { try await client.response(to: HTTPRequest(url: "http://127.0.0.1:\(server.port)/")) }
        await asked.wait()
        task.cancel()
        await #expect(throws: HTTPError.cancelled) { try await task.value }
        await closed.wait()
    }

    @Test func endsEachOfManyRequestsThatAreCancelledAtAnyMoment() async throws {
        let server = try HTTPServer { request in
            for _ in 0..<(request.query.first.flatMap { Int($0.1) } ?? 0) { await Task.yield() }
            return ServerResponse(body: .bytes(Array("whole".utf8)))
        }
        let client = try HTTPClient()
        let tasks = (0..<600).map { number in
            Task {
                let request = HTTPRequest(url: "http://127.0.0.1:\(server.port)/?n=\(number % 40)")
                if number % 2 == 0 { return try await client.response(to: request).body }
                var body: [UInt8] = []
                for try await chunk in try await client.stream(request).chunks { body += chunk }
                return body
            }
        }
        for (number, task) in tasks.enumerated() where number % 3 != 0 {
            if number % 7 == 0 { await Task.yield() }
            task.cancel()
        }
        var whole = 0
        for (number, task) in tasks.enumerated() {
            switch await task.result {
            case .success(let body):
                #expect(body == Array("whole".utf8))
                whole += 1
            case .failure(let error):
                #expect(error as? HTTPError == .cancelled)
                #expect(number % 3 != 0)
            }
        }
        #expect(whole >= 200)
        await client.shutdown()
        await server.stop()
    }

    @Test func doesNotStartForACancelledTask() async throws {
        let server = try silentServer()
        let client = try HTTPClient()
        let release = Signal()
        let task = Task {
            await release.wait()
            return try await client.response(to: HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
        }
        task.cancel()
        release.raise()
        await #expect(throws: HTTPError.cancelled) { try await task.value }
        #expect(server.connectionCount == 0)
    }

    @Test func shutsDownWithRequestsInFlight() async throws {
        let asked = Signal()
        let server = try silentServer(asked)
        let client = try HTTPClient()
        let request = HTTPRequest(url: "http://127.0.0.1:\(server.port)/")
        let errors = await withTaskGroup(of: HTTPError?.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    do throws(HTTPError) {
                        _ = try await client.response(to: request)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            await asked.wait()
            await client.shutdown()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(errors == Array(repeating: .closed, count: 100))
        await #expect(throws: HTTPError.closed) { try await client.response(to: request) }
        await client.shutdown()
    }

    @Test func endsWithoutShutdownToo() async throws {
        let closed = Signal()
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 204 No Content\r\n\r\n")
            connection.waitForClose()
            closed.raise()
        }
        // The connection is kept for the next request, and goes with the client.
        var client: HTTPClient? = try HTTPClient()
        _ = try await client?.response(to: HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
        client = nil
        await closed.wait()
    }

    @Test func refusesMoreThanItsMaximum() async throws {
        let asked = Signal()
        let server = try silentServer(asked)
        var configuration = HTTPClient.Configuration()
        configuration.maximumRequests = 1
        let client = try HTTPClient(configuration: configuration)
        let request = HTTPRequest(url: "http://127.0.0.1:\(server.port)/")
        let first = Task { try await client.response(to: request) }
        await asked.wait()
        await #expect(throws: HTTPError.overloaded(limit: 1)) { try await client.response(to: request) }
        first.cancel()
        await #expect(throws: HTTPError.cancelled) { try await first.value }
        // The place is free again.
        await #expect(throws: HTTPError.timedOut(.total)) { try await client.response(to: timed(request)) }
    }

    private func timed(_ request: HTTPRequest) -> HTTPRequest {
        var request = request
        request.totalTimeoutMilliseconds = 50
        return request
    }
}
