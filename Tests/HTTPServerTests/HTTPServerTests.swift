// Tests of the HTTPServer room: what a handler is given, what a client is given back, and an orderly end.
import HTTPClient
import HTTPServer
import Synchronization
import TestSupport
import Testing

@Suite struct HTTPServerTests {
    @Test func givesTheHandlerTheDecodedRequest() async throws {
        let server = try HTTPServer { request in
            let query = request.query.map { "\($0.0)=\($0.1)" }.joined(separator: "|")
            let body = String(decoding: request.body, as: UTF8.self)
            let text = [request.method, request.path, query, request.header("x-NAME") ?? "none", body]
            return ServerResponse(status: 201, headers: [("X-Back", "é")], body: .bytes(Array(text.description.utf8)))
        }
        let client = try HTTPClient()
        var request = HTTPRequest(method: "PUT", url: "http://127.0.0.1:\(server.port)/a%20b/%C3%A9?x=1+2&y=%26&z")
        request.headers = [("X-Name", "value")]
        request.body = Array("body".utf8)
        let response = try await client.response(to: request)
        #expect(response.status == 201)
        #expect(response.headers["x-back"] == "é")
        #expect(
            String(decoding: response.body, as: UTF8.self)
                == ["PUT", "/a b/é", "x=1 2|y=&|z=", "value", "body"].description)
        await server.stop()
    }

    @Test(arguments: ["/%", "/%4", "/%zz", "/%00", "/%ff", "/?a=%", "/?%00=1"])
    func refusesBrokenEscapes(path: String) async throws {
        let server = try HTTPServer { _ in ServerResponse() }
        let connection = try connectToLoopback(port: server.port)
        connection.write("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(await onThread { connection.readHead() }.hasPrefix("HTTP/1.1 400 "))
        await server.stop()
    }

    @Test func refusesALongBodyByItsAnnouncementAndByItsLength() async throws {
        let wasCalled = Atomic(false)
        let server = try HTTPServer(configuration: .init(maximumBodyBytes: 100)) { _ in
            wasCalled.store(true, ordering: .relaxed)
            return ServerResponse()
        }
        let announced = try connectToLoopback(port: server.port)
        announced.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n")
        #expect(await onThread { announced.readHead() }.hasPrefix("HTTP/1.1 413 "))
        let chunked = try connectToLoopback(port: server.port)
        chunked.write("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n")
        chunked.write(String(repeating: "x", count: 101) + "\r\n0\r\n\r\n")
        #expect(await onThread { chunked.readHead() }.hasPrefix("HTTP/1.1 413 "))
        let endless = try connectToLoopback(port: server.port)
        endless.write("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n")
        await onThread { while endless.write(String(repeating: "x", count: 1_000)) {} }
        let isCalled = wasCalled.load(ordering: .relaxed)
        #expect(!isCalled)
        await server.stop()
    }

    @Test func acceptsABodyOfExactlyTheLimit() async throws {
        let server = try HTTPServer(configuration: .init(maximumBodyBytes: 1_000_000)) { request in
            ServerResponse(body: .bytes(Array("\(request.body.count)".utf8)))
        }
        let client = try HTTPClient()
        var request = HTTPRequest(method: "POST", url: "http://127.0.0.1:\(server.port)/")
        request.body = [UInt8](repeating: 7, count: 1_000_000)
        #expect(try await client.response(to: request).body == Array("1000000".utf8))
        request.body.append(7)
        #expect(try await client.response(to: request).status == 413)
        await server.stop()
    }

    @Test func boundsTheHeaderSection() async throws {
        let server = try HTTPServer(configuration: .init(maximumHeaderBytes: 4_096)) { _ in ServerResponse() }
        let fields = try connectToLoopback(port: server.port)
        fields.write("GET / HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "y", count: 10_000))\r\n\r\n")
        #expect(await onThread { fields.readHead() }.hasPrefix("HTTP/1.1 431 "))
        let line = try connectToLoopback(port: server.port)
        line.write("GET /\(String(repeating: "y", count: 10_000)) HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(await onThread { line.readHead() }.hasPrefix("HTTP/1.1 414 "))
        await server.stop()
    }

    @Test func streamsEachPieceAsItComes() async throws {
        let (chunks, producer) = AsyncStream<[UInt8]>.makeStream()
        let server = try HTTPServer { _ in
            ServerResponse(headers: [("Content-Type", "text/plain")], body: .stream(chunks))
        }
        let client = try HTTPClient()
        let stream = try await client.stream(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))
        var iterator = stream.chunks.makeAsyncIterator()
        for number in 0..<20 {
            producer.yield(Array("piece \(number)".utf8))
            #expect(try await iterator.next() == Array("piece \(number)".utf8))
        }
        producer.finish()
        #expect(try await iterator.next() == nil)
        await server.stop()
    }

    @Test func endsTheStreamWhenTheClientLeaves() async throws {
        let left = Signal()
        let (chunks, producer) = AsyncStream<[UInt8]>.makeStream(bufferingPolicy: .bufferingNewest(1))
        producer.onTermination = { _ in left.raise() }
        let server = try HTTPServer { _ in ServerResponse(body: .stream(chunks)) }
        do {
            let connection = try connectToLoopback(port: server.port)
            connection.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = await onThread { connection.readHead() }
        }
        let heartbeat = Task {
            while !Task.isCancelled {
                producer.yield(Array(":\n".utf8))
                await Task.yield()
            }
        }
        await left.wait()
        heartbeat.cancel()
        await server.stop()
    }

    @Test func endsTheStreamThatWaitedForRoomWhenTheClientLeaves() async throws {
        let left = Signal()
        let (chunks, producer) = AsyncStream<[UInt8]>.makeStream()
        producer.onTermination = { _ in left.raise() }
        // The handler keeps the stream: that nobody holds it any more is not what ends it.
        let server = try HTTPServer { _ in ServerResponse(body: .stream(chunks)) }
        // More than the sockets take: the rest waits in the exchange, and whoever brought it with it.
        for _ in 0..<2 { producer.yield([UInt8](repeating: 0x61, count: 32 << 20)) }
        do {
            let connection = try connectToLoopback(port: server.port)
            connection.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = await onThread { connection.readHead() }
        }
        await left.wait()
        await server.stop()
    }

    @Test func stopsWithHandlersAndStreamsUnderWay() async throws {
        let forever = Signal()
        let started = Counter()
        let server = try HTTPServer(configuration: .init(threads: 2)) { request in
            started.add()
            if request.path == "/stream" {
                let (chunks, producer) = AsyncStream<[UInt8]>.makeStream()
                producer.yield([1])
                return ServerResponse(body: .stream(chunks))
            }
            await forever.wait()
            return ServerResponse()
        }
        let client = try HTTPClient()
        let url = "http://127.0.0.1:\(server.port)"
        var streams: [HTTPStream] = []
        for _ in 0..<50 { streams.append(try await client.stream(HTTPRequest(url: "\(url)/stream"))) }
        let outcomes = await withTaskGroup(of: HTTPError?.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    do throws(HTTPError) {
                        _ = try await client.response(to: HTTPRequest(url: url))
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            group.addTask {
                await started.wait(for: 250)
                await server.stop()
                return .connectionLost
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.allSatisfy { $0 == .connectionLost })
        for stream in streams {
            await #expect(throws: HTTPError.truncated) { for try await _ in stream.chunks {} }
        }
        forever.raise()
        await server.stop()
    }

    @Test func cancelsTheHandlersWhenItStops() async throws {
        let started = Signal()
        let cancelled = Signal()
        let server = try HTTPServer { _ in
            await withTaskCancellationHandler {
                started.raise()
                await cancelled.wait()
            } onCancel: {
                cancelled.raise()
            }
            return ServerResponse()
        }
        let connection = try connectToLoopback(port: server.port)
        connection.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await started.wait()
        await server.stop()
        await cancelled.wait()
        #expect(await onThread { connection.readHead() } == "")
    }

    @Test func endsWithoutStopToo() async throws {
        var server: HTTPServer? = try HTTPServer { _ in ServerResponse() }
        let connection = try connectToLoopback(port: #require(server).port)
        connection.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(await onThread { connection.readHead() }.hasPrefix("HTTP/1.1 200 "))
        server = nil
        await onThread { connection.waitForClose() }
    }

    @Test func answersABadResponseWithABareError() async throws {
        let server = try HTTPServer { request in
            request.path == "/status" ? ServerResponse(status: 99) : ServerResponse(headers: [("X", "a\r\nY: b")])
        }
        let client = try HTTPClient()
        for path in ["/status", "/header"] {
            let response = try await client.response(to: HTTPRequest(url: "http://127.0.0.1:\(server.port)\(path)"))
            #expect(response.status == 500)
            #expect(response.headers["Y"] == nil)
        }
        await server.stop()
    }

    @Test func listensOnIPv6AndNamesWhatItCannotListenOn() async throws {
        let server = try HTTPServer(configuration: .init(host: "::1")) { _ in ServerResponse() }
        let client = try HTTPClient()
        #expect(try await client.response(to: HTTPRequest(url: "http://[::1]:\(server.port)/")).status == 200)
        #expect(throws: ServerError.listenFailed(code: 98)) {
            try HTTPServer(configuration: .init(host: "::1", port: server.port)) { _ in ServerResponse() }
        }
        #expect(throws: ServerError.invalidHost("example.org")) {
            try HTTPServer(configuration: .init(host: "example.org")) { _ in ServerResponse() }
        }
        await server.stop()
        await #expect(throws: HTTPError.connectFailed) {
            try await client.response(to: HTTPRequest(url: "http://[::1]:\(server.port)/"))
        }
    }

    @Test func letsAConnectionBeyondTheMaximumWait() async throws {
        let server = try HTTPServer(configuration: .init(maximumConnections: 2)) { _ in ServerResponse() }
        let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        let first = try connectToLoopback(port: server.port)
        var second: RawConnection? = try connectToLoopback(port: server.port)
        for connection in [first, try #require(second)] {
            connection.write(request)
            #expect(await onThread { connection.readHead() }.hasPrefix("HTTP/1.1 200 "))
        }
        let third = try connectToLoopback(port: server.port)
        third.write(request)
        // Two more turns of the server's loop, and the third is still not let in.
        for _ in 0..<2 {
            first.write(request)
            #expect(await onThread { first.readHead() }.hasPrefix("HTTP/1.1 200 "))
        }
        #expect(!third.isReadable)
        second = nil
        #expect(await onThread { third.readHead() }.hasPrefix("HTTP/1.1 200 "))
        await server.stop()
    }

    @Test func endsASilentConnection() async throws {
        let server = try HTTPServer(configuration: .init(timeoutSeconds: 1)) { _ in ServerResponse() }
        let connection = try connectToLoopback(port: server.port)
        connection.write("GET / HTTP/1.1\r\nHost:")
        await onThread { connection.waitForClose() }
        await server.stop()
    }
}

/// Counts, and tells when a number is reached.
final class Counter: Sendable {
    private struct State {
        var count = 0
        var wanted: (Int, CheckedContinuation<Void, Never>)?
    }
    private let state = Mutex(State())

    func add() {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            state.count += 1
            guard let (count, waiter) = state.wanted, state.count >= count else { return nil }
            state.wanted = nil
            return waiter
        }
        waiter?.resume()
    }

    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.count < count { state.wanted = (count, continuation) }
                return state.count >= count
            }
            if isReached { continuation.resume() }
        }
    }
}
