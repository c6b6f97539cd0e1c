// Tests of the server-sent event parser against the standard's own examples and recorded streams.
import HTTPClient
import TestSupport
import Testing

/// Parses a stream given in pieces; a stream that ends inside an event gives what was complete.
private func events(_ pieces: [[UInt8]]) throws -> [ServerSentEvent] {
    var parser = ServerSentEventParser()
    return try pieces.flatMap { try parser.push($0) }
}

private func events(_ text: String) throws -> [ServerSentEvent] {
    try events([Array(text.utf8)])
}

/// The recorded streams of the shared samples.
private let recordings = [
    "anthropic-sse/basic_response.txt", "anthropic-sse/tool_use_response.txt",
    "anthropic-sse/unknown_events_response.txt", "anthropic-sse/refusal_response.txt",
    "anthropic-sse/incomplete_partial_json_response.txt",
    "captured/anthropic-sse-malformed-tool-use.litellm-1.106.2.txt",
    "captured/anthropic-sse-text.litellm-1.106.2.txt",
    "captured/openai-sse-text.llama-cpp-python-0.3.36.txt",
    "captured/openai-sse-tool-repeated-name.llama-cpp-python-0.3.36.txt",
]

@Suite struct EventStreamTests {
    // WHATWG HTML, section 9.2.6, the examples below the algorithm.
    @Test func readsTheStandardsExamples() throws {
        #expect(
            try events("data: YHOO\ndata: +2\ndata: 10\n\n") == [ServerSentEvent(data: "YHOO\n+2\n10")])
        #expect(
            try events(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n")
                == [
                    ServerSentEvent(data: "first event", id: "1"), ServerSentEvent(data: "second event", id: ""),
                    ServerSentEvent(data: " third event", id: ""),
                ])
        #expect(
            try events("data\n\ndata\ndata\n\ndata:") == [ServerSentEvent(data: ""), ServerSentEvent(data: "\n")])
        #expect(try events("data:test\n\ndata: test\n\n").map(\.data) == ["test", "test"])
    }

    @Test(arguments: ["\n", "\r", "\r\n"])
    func takesEveryLineEnding(ending: String) throws {
        let text = "\u{FEFF}event: add\ndata: 1\ndata: 2\nretry: 15\n\n: c\n\nevent: x\n\ndata: é\n\n"
        let expected = [
            ServerSentEvent(event: "add", data: "1\n2", retry: 15), ServerSentEvent(data: "é"),
        ]
        let bytes = Array(text.utf8).flatMap { $0 == 0x0A ? Array(ending.utf8) : [$0] }
        #expect(try events([bytes]) == expected)
        for cut in 0...bytes.count { #expect(try events([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected) }
        #expect(try events(bytes.map { [$0] }) == expected)
    }

    @Test func ignoresWhatTheStandardIgnores() throws {
        let text = "id: a\u{0}b\nretry: 1x\nretry:\nDATA: no\ndata : no\nother: no\ndata: yes\n\u{FEFF}data: no\n\n"
        #expect(try events(text) == [ServerSentEvent(data: "yes")])
        #expect(try events("retry: 99999999999999999999\ndata: x\n\n") == [ServerSentEvent(data: "x")])
        #expect(try events([[0x64, 0x61, 0x74, 0x61, 0x3A, 0xFF, 0x0A, 0x0A]]) == [ServerSentEvent(data: "\u{FFFD}")])
    }

    @Test func saysThatAnEventWasNotFinished() throws {
        for text in ["data: x\n", "data: x", "event: x\n", "da"] {
            var parser = ServerSentEventParser()
            #expect(try parser.push(Array(text.utf8)) == [])
            #expect(throws: StreamFormatError.unfinishedEvent) { try parser.finish() }
        }
        for text in ["", "\n", "data: x\n\n", ": c\n", "id: 1\n"] {
            var parser = ServerSentEventParser()
            _ = try parser.push(Array(text.utf8))
            try parser.finish()
        }
    }

    @Test func boundsLinesAndEvents() throws {
        var line = ServerSentEventParser(maximumLineBytes: 10, maximumEventBytes: 100)
        #expect(try line.push(Array("data: 1234\n\n".utf8)).count == 1)
        #expect(try line.push(Array("data: ".utf8)).isEmpty)
        #expect(throws: StreamFormatError.lineTooLong(limit: 10)) { try line.push(Array("12345".utf8)) }
        #expect(throws: StreamFormatError.lineTooLong(limit: 10)) { try line.push(Array("\n\n".utf8)) }
        #expect(throws: StreamFormatError.lineTooLong(limit: 10)) { try line.finish() }
        var event = ServerSentEventParser(maximumLineBytes: 10, maximumEventBytes: 10)
        #expect(try event.push(Array("data: 1234\ndata: 1234\n\n".utf8)).count == 1)
        #expect(throws: StreamFormatError.eventTooLarge(limit: 10)) {
            try event.push(Array("data: 1234\ndata: 1234\ndata\ndata\n".utf8))
        }
        // Lines without content count as well: each adds a line feed.
        var empty = ServerSentEventParser(maximumLineBytes: 10, maximumEventBytes: 10)
        #expect(throws: StreamFormatError.eventTooLarge(limit: 10)) {
            try empty.push(Array(String(repeating: "data\n", count: 20).utf8))
        }
    }

    @Test(.enabled(if: SharedData.isPresent, "the shared samples are absent"), arguments: recordings)
    func readsARecordingTheSameHoweverItIsCut(name: String) throws {
        let bytes = try SharedData.bytes("samples/\(name)")
        let whole = try events([bytes])
        #expect(whole.count > 2)
        #expect(whole.allSatisfy { $0.data.hasPrefix("{") || $0.data == "[DONE]" })
        for cut in 0...bytes.count {
            try #require(try events([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
        }
        #expect(try events(bytes.map { [$0] }) == whole)
    }
}

@Suite struct NDJSONTests {
    @Test func givesEachLine() throws {
        let bytes = Array("{\"a\":1}\r\n\n{\"b\":\"é\"}\n{\"c\":\r3}\nrest".utf8)
        let expected = ["{\"a\":1}", "{\"b\":\"é\"}", "{\"c\":\r3}", "rest"].map { Array($0.utf8) }
        for cut in 0...bytes.count {
            var parser = NDJSONParser()
            var lines = try parser.push(Array(bytes[..<cut]))
            lines += try parser.push(Array(bytes[cut...]))
            if let rest = try parser.finish() { lines.append(rest) }
            #expect(lines == expected)
        }
    }

    @Test func boundsLines() throws {
        var parser = NDJSONParser(maximumLineBytes: 4)
        #expect(try parser.push(Array("1234\n12".utf8)) == [Array("1234".utf8)])
        #expect(throws: StreamFormatError.lineTooLong(limit: 4)) { try parser.push(Array("345".utf8)) }
        #expect(throws: StreamFormatError.lineTooLong(limit: 4)) { try parser.finish() }
    }
}
