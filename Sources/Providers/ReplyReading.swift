// Reading replies without a connection, for tests in the package that feed the dialects what no provider would send.
internal import Encoding
internal import HTTPClient

/// What a dialect makes of bytes that a provider might have sent.
package enum ReplyReading {
    /// The reply of a stream of events that came in these pieces; nil where it gives none.
    package static func stream(_ pieces: [[UInt8]], dialect: DialectName) -> Reply? {
        var parser = ServerSentEventParser()
        var assembler = wire(dialect).assembler()
        for piece in pieces where !assembler.isComplete {
            guard let events = try? parser.push(piece) else { return nil }
            for event in events {
                do { try assembler.push(event) } catch { return nil }
            }
        }
        return (try? assembler.finish()).map(reply)
    }

    /// The reply of a body that came whole; nil where it gives none.
    package static func whole(_ body: [UInt8], dialect: DialectName) -> Reply? {
        guard let json = try? JSON.parse(body) else { return nil }
        return (try? wire(dialect).reply(from: json)).map(reply)
    }

    /// What the lines of a batch's results say, in pieces as they came; nil where they are no lines.
    package static func results(
        _ pieces: [[UInt8]], dialect: DialectName
    ) -> [(name: String, result: BatchResult)]? {
        let batches: any BatchDialect =
            switch dialect {
            case .anthropic, .rehearsal: AnthropicBatches()
            case .openai: OpenAIBatches()
            }
        var parser = NDJSONParser(maximumLineBytes: BatchLimits.maximumLineBytes)
        var lines: [[UInt8]] = []
        do throws(StreamFormatError) {
            for piece in pieces { lines += try parser.push(piece) }
            if let last = try parser.finish() { lines.append(last) }
        } catch {
            return nil
        }
        return lines.compactMap { line in (try? JSON.parse(line)).flatMap { batches.result(from: $0) } }
    }

    private static func wire(_ name: DialectName) -> any Dialect {
        switch name {
        case .anthropic, .rehearsal: AnthropicDialect()
        case .openai: OpenAIDialect()
        }
    }

    private static func reply(_ wire: WireReply) -> Reply {
        Reply(wire, inputEstimate: nil, requestID: nil)
    }
}
