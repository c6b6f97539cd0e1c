// Tests that need a process of their own: the environment's proxy, and what a transfer leaves behind in memory.
import Cryptography
import Glibc
import HTTPClient
import HTTPServer
import TestSupport
import Testing

@Suite struct EnvironmentTests {
    @Test func neverUsesAProxyForLoopback() async {
        await #expect(processExitsWith: .success) {
            let proxy = try RawServer { connection in _ = connection.readHead() }
            for name in ["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
                setenv(name, "http://127.0.0.1:\(proxy.port)", 1)
            }
            let server = try HTTPServer { _ in ServerResponse(status: 204) }
            let client = try HTTPClient()
            for host in ["127.0.0.1", "localhost"] {
                let response = try await client.response(to: HTTPRequest(url: "http://\(host):\(server.port)/"))
                #expect(response.status == 204)
            }
            #expect(proxy.connectionCount == 0)
        }
    }

    @Test func asksTheProxyForATunnelAndShowsItNoHeader() async {
        await #expect(processExitsWith: .success) {
            let asked = Signal()
            let proxy = try RawServer { connection in
                let head = connection.readHead()
                if head.hasPrefix("CONNECT provider.example:443 HTTP/1.1\r\n"), !head.contains("sk-secret"),
                    !head.contains("X-Plain")
                {
                    asked.raise()
                }
                connection.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            }
            setenv("https_proxy", "http://127.0.0.1:\(proxy.port)", 1)
            let client = try HTTPClient()
            var request = HTTPRequest(url: "https://provider.example/", headers: [("X-Plain", "1")])
            let secret = SharedSecret(SecretBytes(copying: Array("sk-secret-value".utf8)))
            request.secretHeaders = [(name: "Authorization", prefix: "Bearer ", secret: secret)]
            await #expect(throws: HTTPError.self) { try await client.response(to: request) }
            await asked.wait()
        }
    }

    @Test func leavesNoSecretBehindInMemory() async {
        await #expect(processExitsWith: .success) {
            // Answers without reading, so that no copy of the request is this server's.
            let server = try RawServer { connection in
                connection.waitUntilReadable()
                connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                // Closed with the request unread, the connection is reset, perhaps before the client has read.
                connection.waitForCloseUnread()
            }
            let client = try HTTPClient()
            var request = HTTPRequest(method: "POST", url: "http://127.0.0.1:\(server.port)/", body: [1, 2, 3])
            let secret = SharedSecret(RandomSource.system.secret(12).hexLine().copy(0..<24))
            request.secretHeaders = [(name: "Authorization", prefix: "Bearer ", secret: secret)]
            let response = try await client.response(to: request)
            #expect(response.status == 200)
            await client.shutdown()
            let found = try secret.bytes.withUnsafeBytes { try occurrences(of: $0) }
            // The one is the secret itself, in its guarded memory.
            #expect(found == 1)
        }
    }
}

/// How often some bytes stand in this process's writable memory.
private func occurrences(of needle: UnsafeRawBufferPointer) throws -> Int {
    let memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC)
    defer { close(memory) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1_048_576 + needle.count, alignment: 16)
    defer { buffer.deallocate() }
    let own = UInt(bitPattern: buffer.baseAddress)
    var found = 0
    for line in String(decoding: try readFile("/proc/self/maps"), as: UTF8.self).split(separator: "\n") {
        let fields = line.split(separator: " ")
        let bounds = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard fields[1].hasPrefix("r"), bounds.count == 2, !(bounds[0]..<bounds[1]).contains(own) else { continue }
        var position = bounds[0]
        while position < bounds[1] {
            let wanted = min(buffer.count, Int(bounds[1] - position))
            let count = pread(memory, buffer.baseAddress, wanted, off_t(Int(bitPattern: position)))
            guard count > 0 else { break }
            found += occurrences(of: needle, in: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            if count < buffer.count { break }
            position += UInt(count - needle.count + 1)
        }
    }
    return found
}

private func occurrences(of needle: UnsafeRawBufferPointer, in haystack: UnsafeRawBufferPointer) -> Int {
    guard let first = needle.first, let start = haystack.baseAddress, let wanted = needle.baseAddress else { return 0 }
    var found = 0
    var offset = 0
    while offset + needle.count <= haystack.count,
        let hit = memchr(start + offset, Int32(first), haystack.count - needle.count + 1 - offset)
    {
        if memcmp(hit, wanted, needle.count) == 0 { found += 1 }
        offset = UnsafeRawPointer(hit) - start + 1
    }
    return found
}
