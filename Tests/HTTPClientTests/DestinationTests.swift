// Tests of where requests may go, and of what may stand in their headers.
import Cryptography
import HTTPClient
import HTTPServer
import TestSupport
import Testing

@Suite struct DestinationTests {
    @Test(arguments: [
        ("http://example.org/", HTTPError.insecureURL(host: "example.org")),
        ("http://127.0.0.1.evil.example/", .insecureURL(host: "127.0.0.1.evil.example")),
        ("http://localhost.evil.example/", .insecureURL(host: "localhost.evil.example")),
        ("http://localhost./", .insecureURL(host: "localhost.")),
        ("http://evil.example/?x=127.0.0.1", .insecureURL(host: "evil.example")),
        ("http://evil.example#@localhost/", .insecureURL(host: "evil.example")),
        ("http://10.0.0.1/", .insecureURL(host: "10.0.0.1")),
        ("http://128.0.0.1/", .insecureURL(host: "128.0.0.1")),
        ("http://0.0.0.0/", .insecureURL(host: "0.0.0.0")),
        ("http://[::]/", .insecureURL(host: "[::]")),
        ("http://[::ffff:10.0.0.1]/", .insecureURL(host: "[::ffff:10.0.0.1]")),
        ("HTTP://EXAMPLE.ORG/", .insecureURL(host: "EXAMPLE.ORG")),
        ("http://localhost@evil.example/", .invalidURL),
        ("http://user:pass@localhost/", .invalidURL),
        ("https://user:pass@example.org/", .invalidURL),
        ("http://localhost\\@evil.example/", .invalidURL),
        ("http://evil.example\\@localhost/", .invalidURL),
        ("http://localhost%00.evil.example/", .invalidURL),
        ("http://[::1%25eth0]/", .invalidURL),
        ("ftp://localhost/", .invalidURL), ("file:///etc/passwd", .invalidURL), ("localhost:80/", .invalidURL),
        ("//localhost/", .invalidURL), ("/path", .invalidURL), ("", .invalidURL), ("http://", .invalidURL),
        ("http:///path", .invalidURL), ("http:/localhost/", .invalidURL), ("http:localhost", .invalidURL),
        ("http://local host/", .invalidURL), ("http://localhost/a b", .invalidURL),
        ("http://localhost/\r\nX: y", .invalidURL), ("http://löcalhost/", .invalidURL),
        ("http://localhost:99999/", .invalidURL), (" http://localhost/", .invalidURL),
        ("gopher://127.0.0.1:6379/_x", .invalidURL),
    ])
    func refusesBeforeAnyConnection(url: String, expected: HTTPError) async throws {
        let client = try HTTPClient()
        await #expect(throws: expected) { try await client.response(to: HTTPRequest(url: url)) }
    }

    @Test func refusesAURLThatIsTooLong() async throws {
        let client = try HTTPClient()
        let url = "http://localhost/" + String(repeating: "x", count: 8_192)
        await #expect(throws: HTTPError.invalidURL) { try await client.response(to: HTTPRequest(url: url)) }
    }

    @Test(arguments: ["127.0.0.1", "127.9.8.7", "localhost", "LOCALHOST", "%6cocalhost", "127.1", "0x7f000001"])
    func reachesLoopbackByItsNames(host: String) async throws {
        let server = try HTTPServer(configuration: .init(host: "0.0.0.0")) { _ in ServerResponse(status: 204) }
        let client = try HTTPClient()
        let response = try await client.response(to: HTTPRequest(url: "http://\(host):\(server.port)/"))
        #expect(response.status == 204)
        await server.stop()
    }

    @Test func sendsASecretHeaderAndTellsNobody() async throws {
        let server = try HTTPServer { request in
            ServerResponse(body: .bytes(Array((request.header("authorization") ?? "").utf8)))
        }
        let client = try HTTPClient()
        let secret = SharedSecret(SecretBytes(copying: Array("sk-secret-value".utf8)))
        var request = HTTPRequest(url: "http://127.0.0.1:\(server.port)/")
        request.secretHeaders = [(name: "Authorization", prefix: "Bearer ", secret: secret)]
        for _ in 0..<3 {
            let response = try await client.response(to: request)
            #expect(response.body == Array("Bearer sk-secret-value".utf8))
        }
        // The handle that carried it is reused, and carries it no more.
        let plain = HTTPRequest(url: request.url)
        #expect(try await client.response(to: plain).body.isEmpty)
        await server.stop()
        #expect(!"\(request)".contains("sk-secret"))
        var description = ""
        dump(request, to: &description)
        #expect(!description.contains("sk-secret"))
        let closed = try ClosedPort()
        var unanswered = HTTPRequest(url: "http://127.0.0.1:\(closed.number)/")
        unanswered.secretHeaders = request.secretHeaders
        do throws(HTTPError) {
            _ = try await client.response(to: unanswered)
            Issue.record("a closed port answered")
        } catch {
            #expect(error == .connectFailed)
            #expect(!"\(error)".contains("sk-secret"))
        }
    }

    @Test(arguments: ["line\nbreak", "line\r", "nul\u{0}", "\u{7F}"])
    func refusesAHeaderThatDoesNotFitALine(value: String) async throws {
        let client = try HTTPClient()
        let refused = HTTPError.invalidHeader(name: "X-Key")
        var request = HTTPRequest(url: "http://127.0.0.1:1/", headers: [("X-Key", value)])
        await #expect(throws: refused) { try await client.response(to: request) }
        request.headers = []
        let secret = SharedSecret(SecretBytes(copying: Array(value.utf8)))
        request.secretHeaders = [(name: "X-Key", prefix: "", secret: secret)]
        await #expect(throws: refused) { try await client.response(to: request) }
    }

    @Test func refusesNamesAndMethodsThatAreNoTokens() async throws {
        let client = try HTTPClient()
        for name in ["", "a b", "a:", "a\r\nb", "é"] {
            let request = HTTPRequest(url: "http://127.0.0.1:1/", headers: [(name, "v")])
            await #expect(throws: HTTPError.invalidHeader(name: name)) { try await client.response(to: request) }
        }
        for method in ["", "GET /", "G\r\n", String(repeating: "A", count: 33)] {
            let request = HTTPRequest(method: method, url: "http://127.0.0.1:1/")
            await #expect(throws: HTTPError.invalidMethod) { try await client.response(to: request) }
        }
    }
}
