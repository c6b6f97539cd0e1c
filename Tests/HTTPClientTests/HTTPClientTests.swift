// Tests of the HTTPClient room against real servers on loopback: what comes back, and that nothing gets lost.
import HTTPClient
import HTTPServer
import Synchronization
import TestSupport
import Testing

/// Answers every request with what it was: method, path, body length, and the headers that tests look at.
func echoServer() throws -> HTTPServer {
    try HTTPServer { request in
        let parts = [
            request.method, request.path, "\(request.body.count)", request.header("content-type") ?? "-",
            request.header("expect") ?? "-", request.header("x-empty") ?? "-",
        ]
        return ServerResponse(
            headers: [("X-Echo", "one"), ("x-echo", "two")],
            body: .bytes(Array(parts.joined(separator: " ").utf8)))
    }
}

@Suite struct HTTPClientTests {
    @Test(arguments: [
        ("GET", "", "GET /p 0 - - "), ("POST", "", "POST /p 0 - - "), ("POST", "abc", "POST /p 3 - - "),
        ("PUT", "abc", "PUT /p 3 - - "), ("DELETE", "", "DELETE /p 0 - - "), ("PATCH", "ab", "PATCH /p 2 - - "),
        ("OPTIONS", "", "OPTIONS /p 0 - - "),
    ])
    func sendsMethodAndBodyAndNothingUnasked(method: String, body: String, expected: String) async throws {
        let server = try echoServer()
        let client = try HTTPClient()
        let request = HTTPRequest(
            method: method, url: "http://127.0.0.1:\(server.port)/p", headers: [("X-Empty", "")],
            body: Array(body.utf8))
        let response = try await client.response(to: request)
        #expect(response.status == 200)
        #expect(String(decoding: response.body, as: UTF8.self) == expected)
        #expect(response.headers["X-ECHO"] == "one")
        #expect(response.headers.values("x-echo") == ["one", "two"])
        await server.stop()
    }

    @Test func givesNoBodyForHead() async throws {
        let server = try echoServer()
        let client = try HTTPClient()
        let response = try await client.response(
            to: HTTPRequest(method: "HEAD", url: "http://localhost:\(server.port)/"))
        #expect(response.status == 200)
        #expect(response.body.isEmpty)
        #expect(response.headers["content-length"] == "14")
        await server.stop()
    }

    @Test func sendsALargeBodyWhole() async throws {
        let server = try HTTPServer { ServerResponse(body: .bytes($0.body)) }
        let client = try HTTPClient()
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        let request = HTTPRequest(method: "POST", url: "http://127.0.0.1:\(server.port)/", body: body)
        #expect(try await client.response(to: request).body == body)
        await server.stop()
    }

    @Test func serves500RequestsAtOnce() async throws {
        let server = try HTTPServer { request in
            await Task.yield()
            return ServerResponse(body: .bytes(request.body))
        }
        let client = try HTTPClient()
        let port = server.port
        let wrong = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<500 {
                group.addTask {
                    let body = Array("request \(number)".utf8)
                    let request = HTTPRequest(method: "POST", url: "http://127.0.0.1:\(port)/", body: body)
                    return try await client.response(to: request).body == body
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 0 : 1 }
        }
        #expect(wrong == 0)
        await server.stop()
    }

    @Test func letsNoRequestWaitForAnothersResponse() async throws {
        let count = 20
        let arrived = Atomic(0)
        let all = Signal()
        let server = try HTTPServer { _ in
            if arrived.add(1, ordering: .relaxed).newValue == count { all.raise() }
            await all.wait()
            return ServerResponse()
        }
        let client = try HTTPClient()
        let port = server.port
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask { _ = try await client.response(to: HTTPRequest(url: "http://127.0.0.1:\(port)/")) }
            }
            try await group.waitForAll()
        }
        await server.stop()
    }

    @Test func waitsForAConnectionBeyondTheMaximum() async throws {
        let server = try RawServer { connection in
            while !connection.readHead().isEmpty { connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") }
        }
        var configuration = HTTPClient.Configuration()
        configuration.maximumConnections = 3
        let client = try HTTPClient(configuration: configuration)
        let port = server.port
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask { try await client.response(to: HTTPRequest(url: "http://127.0.0.1:\(port)/")).status }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 200, count: 50))
        #expect(server.connectionCount <= 3)
    }

    @Test func keepsAConnectionForTheNextRequest() async throws {
        let server = try RawServer { connection in
            while !connection.readHead().isEmpty { connection.write("HTTP/1.1 204 No Content\r\n\r\n") }
        }
        let client = try HTTPClient()
        for _ in 0..<10 {
            let response = try await client.response(to: HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
            #expect(response.status == 204)
        }
        #expect(server.connectionCount == 1)
    }

    @Test func givesARedirectBackAndDoesNotFollowIt() async throws {
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
        }
        let client = try HTTPClient()
        let response = try await client.response(to: HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
        #expect(response.status == 302)
        #expect(response.headers["location"] == "http://127.0.0.1:1/")
        #expect(server.connectionCount == 1)
    }

    @Test func skipsInterimResponsesAndTrailers() async throws {
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\n")
            connection.write(
                "Transfer-Encoding: chunked\r\nX: \t padded \t\r\n\r\n2\r\nok\r\n0\r\nX-Trailer: 1\r\n\r\n")
        }
        let client = try HTTPClient()
        let response = try await client.response(to: HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
        #expect(response.status == 200)
        #expect(response.headers.all.map(\.0) == ["Transfer-Encoding", "X"])
        #expect(response.headers["x"] == "padded")
        #expect(response.body == Array("ok".utf8))
    }

    @Test func readsABodyThatEndsWithTheConnection() async throws {
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write("HTTP/1.0 200 OK\r\n\r\nall of it")
        }
        let client = try HTTPClient()
        let response = try await client.response(to: HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
        #expect(String(decoding: response.body, as: UTF8.self) == "all of it")
    }
}
