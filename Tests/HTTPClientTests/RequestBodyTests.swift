// Bodies that are let go of while an answer is awaited: thousands of them may wait at once.
import Glibc
import HTTPClient
import TestSupport
import Testing

/// Holds a thread of a server until the test lets it go on.
final class Gate: Sendable {
    private let ends: (read: Int32, write: Int32)

    init() {
        var descriptors: [Int32] = [0, 0]
        pipe(&descriptors)
        ends = (descriptors[0], descriptors[1])
    }

    deinit {
        close(ends.read)
        close(ends.write)
    }

    func open() { _ = write(ends.write, "x", 1) }

    func wait() {
        var byte: UInt8 = 0
        _ = read(ends.read, &byte, 1)
    }
}

extension RawConnection {
    /// Reads one request with a body and gives its body back.
    fileprivate func readRequest() -> [UInt8] {
        var all = Array(readHead().utf8)
        guard let head = String(decoding: all, as: UTF8.self).split(separator: "\r\n\r\n").first else { return [] }
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
        let length = line.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
        while all.count < head.utf8.count + 4 + length { all += read() }
        return Array(all[(head.utf8.count + 4)...])
    }

    fileprivate func answer(_ text: String) {
        write("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
    }
}

@Suite struct RequestBodyTests {
    /// Letters only: the raw server reads heads as text.
    private let body = (0..<200_000).map { UInt8(ascii: "a") + UInt8($0 % 23) }

    private func client() throws -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.bodyReleaseMilliseconds = 1
        return try HTTPClient(configuration: configuration)
    }

    private func request(_ server: RawServer, releases: Bool) -> HTTPRequest {
        var request = HTTPRequest(method: "POST", url: "http://127.0.0.1:\(server.port)/", body: body)
        request.releasesBody = releases
        return request
    }

    @Test func aSentBodyIsLetGoOfWhileTheAnswerIsAwaited() async throws {
        let gate = Gate()
        let expected = body
        let server = try RawServer { connection in
            let isWhole = connection.readRequest() == expected
            gate.wait()
            connection.answer(isWhole ? "whole" : "cut")
        }
        let (client, request) = (try client(), request(server, releases: true))
        async let response = client.response(to: request)
        while !request.payload.isReleased { await Task.yield() }
        #expect(request.body == [])
        gate.open()
        #expect(try await String(decoding: response.body, as: UTF8.self) == "whole")
    }

    @Test func aBodyIsKeptWhereNobodySaidThatItMayGo() async throws {
        let server = try RawServer { connection in
            _ = connection.readRequest()
            connection.answer("fine")
        }
        let (client, request) = (try client(), request(server, releases: false))
        #expect(try await client.response(to: request).status == 200)
        #expect(request.body == body)
    }

    @Test(
        "a request on a connection that died is sent once more, unless its body is gone",
        arguments: [false, true])
    func deadConnection(releases: Bool) async throws {
        let (gate, client) = (Gate(), try client())
        let server = try RawServer { connection in
            _ = connection.readRequest()
            connection.answer("first")
            guard !connection.readRequest().isEmpty else { return }
            // Closed without an answer, once the body has been let go of or would have been.
            gate.wait()
        }
        _ = try await client.response(to: request(server, releases: false))
        let second = request(server, releases: releases)
        let answer = Task { try await client.response(to: second) }
        if releases {
            while !second.payload.isReleased { await Task.yield() }
        }
        gate.open()
        let result = await answer.result
        if releases {
            #expect(throws: HTTPError.connectionLost) { try result.get() }
        } else {
            #expect(try String(decoding: result.get().body, as: UTF8.self) == "first")
            #expect(server.connectionCount == 2)
        }
    }
}
