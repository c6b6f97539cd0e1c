// What the program says when a provider answers with what no provider should.
import TestSupport
import Testing

@Suite struct BadProviderTests {
    /// What `provider check` says of a server that answers with these bytes, and its exit code.
    private func check(_ answer: String) async throws -> BinaryResult {
        let server = try RawServer { connection in
            _ = connection.readHead()
            connection.write(answer)
        }
        let directory = try TemporaryDirectory()
        let binary = try Binary("sanctuary")
        let environment = ["SANCTUARY_HOME": "\(directory.path)/home"]
        try await #require(binary.run(["init"], environment: environment, in: directory.path).code == 0)
        let settings = """
            { providers: { bad: { dialect: "openai", stream: false, baseURL: "http://127.0.0.1:\(server.port)/v1" } } }
            """
        try writeFile("\(directory.path)/home/sanctuary.json", Array(settings.utf8))
        let result = try await binary.run(
            ["provider", "check", "bad/m"], environment: environment, in: directory.path)
        withExtendedLifetime(server) {}
        return result
    }

    private func http(_ status: String, _ body: String, length: Int? = nil) -> String {
        "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(length ?? body.utf8.count)\r\n"
            + "Connection: close\r\n\r\n\(body)"
    }

    @Test func garbageAndErrorsAreNamedAndNeverQuoted() async throws {
        let secret = "SECRET-BODY"
        let cases: [(String, String)] = [
            (http("200 OK", secret), "the provider's answer cannot be used"),
            (http("200 OK", "{\"choices\":[]}"), "the provider's answer cannot be used"),
            (http("200 OK", "{\"id\":", length: 4_000), "the server's answer ended in the middle"),
            (
                http("401 Unauthorized", "{\"error\":{\"message\":\"\(secret)\"}}"),
                "the provider answered with status 401"
            ),
            (http("500 Internal Server Error", secret), "the provider answered with status 500"),
            (http("302 Found", secret), "the provider answered with status 302"),
            ("SSH-2.0-\(secret)\r\n", "sanctuary: error: bad/m: "), ("", "sanctuary: error: bad/m: "),
        ]
        for (answer, words) in cases {
            let result = try await check(answer)
            #expect(result.code == 1, "\(answer)")
            #expect(result.errors.contains(words), "\(answer): \(result.errors)")
            #expect(!(result.errors + result.output).contains(secret), "\(result.errors)")
        }
    }
}
