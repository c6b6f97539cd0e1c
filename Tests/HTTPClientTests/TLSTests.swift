// Tests of TLS against OpenSSL's own test server: who is trusted, and under which name.
import Glibc
import HTTPClient
import TestSupport
import Testing

/// `openssl s_server` with a certificate of its own for `localhost`.
private final class TLSServer: Sendable {
    static let isPossible = access("/usr/bin/openssl", X_OK) == 0

    let port: UInt16
    let certificate: String
    private let directory: TemporaryDirectory
    private let process: pid_t
    private let output: Int32

    init() async throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        certificate = "\(directory.path)/certificate.pem"
        let key = "\(directory.path)/key.pem"
        let maker = try spawn([
            "/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key,
            "-out", certificate,
        ])
        let status = await onThread {
            var status: Int32 = 0
            waitpid(maker.process, &status, 0)
            return status
        }
        close(maker.output)
        try #require(status == 0)
        let server = try spawn([
            "/usr/bin/openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www",
        ])
        process = server.process
        output = server.output
        // The first line that it prints: ACCEPT 127.0.0.1:PORT.
        port = try await #require(onThread { acceptedPort(server.output) })
    }

    deinit {
        kill(process, SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
        close(output)
    }
}

private func acceptedPort(_ output: Int32) -> UInt16? {
    var text = ""
    var byte: UInt8 = 0
    while read(output, &byte, 1) == 1 {
        if byte != 0x0A {
            text.unicodeScalars.append(Unicode.Scalar(byte))
            continue
        }
        if text.hasPrefix("ACCEPT"), let port = text.split(separator: ":").last { return UInt16(port) }
        text = ""
    }
    return nil
}

private func spawn(_ arguments: [String]) throws -> (process: pid_t, output: Int32) {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    closeAll(from: 3, &actions)
    let strings = arguments.map { strdup($0) }
    defer { for string in strings { free(string) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, arguments[0], &actions, nil, strings + [nil], environ)
    close(ends[1])
    try #require(code == 0)
    return (process, ends[0])
}

@Suite(.enabled(if: TLSServer.isPossible, "openssl is not installed"))
struct TLSTests {
    @Test func trustsOnlyWhomItIsToldToTrust() async throws {
        let server = try await TLSServer()
        func request(to host: String) -> HTTPRequest {
            var request = HTTPRequest(url: "https://\(host):\(server.port)/")
            // However long a busy machine keeps the other program waiting.
            request.connectTimeoutMilliseconds = 600_000
            return request
        }
        let named = request(to: "localhost")
        let stranger = try HTTPClient()
        await #expect(throws: HTTPError.tls(code: 60)) { try await stranger.response(to: named) }

        var configuration = HTTPClient.Configuration()
        configuration.certificateAuthorities = server.certificate
        let client = try HTTPClient(configuration: configuration)
        #expect(try await client.response(to: named).status == 200)
        // The certificate is for the name alone.
        let address = request(to: "127.0.0.1")
        await #expect(throws: HTTPError.tls(code: 60)) { try await client.response(to: address) }

        configuration.certificateAuthorities = "/nowhere/authorities.pem"
        let misled = try HTTPClient(configuration: configuration)
        await #expect(throws: HTTPError.tls(code: 77)) { try await misled.response(to: named) }
    }
}
