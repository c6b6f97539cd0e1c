// Properties of what reads streams: where the pieces of a stream end must not matter.
import HTTPClient
import Providers

func takeEventStream(_ bytes: [UInt8]) throws(PropertyBroken) -> Bool {
    var isAccepted = false
    // Small limits, so that short inputs reach them, and the real ones.
    for (line, event) in [(16_777_216, 16_777_216), (24, 40)] {
        let whole = events([bytes], line: line, event: event)
        for pieces in divisions(of: bytes) {
            let divided = events(pieces, line: line, event: event)
            try need(divided.failure == whole.failure, "a division changes no failure of events")
            if whole.failure == nil || whole.failure == .unfinishedEvent {
                try need(divided.events == whole.events, "a division changes no event")
            }
        }
        isAccepted = isAccepted || !whole.events.isEmpty
        let lines = records([bytes], line: line)
        for pieces in divisions(of: bytes) {
            let divided = records(pieces, line: line)
            try need(divided.failure == lines.failure, "a division changes no failure of lines")
            if lines.failure == nil { try need(divided.lines == lines.lines, "a division changes no line") }
        }
    }
    return isAccepted
}

func takeReply(_ bytes: [UInt8]) throws(PropertyBroken) -> Bool {
    var isAccepted = false
    for dialect in [DialectName.anthropic, .openai] {
        let whole = ReplyReading.stream([bytes], dialect: dialect)
        for pieces in divisions(of: bytes) {
            let divided = ReplyReading.stream(pieces, dialect: dialect)
            // A failure behind the end of a reply is seen only where it comes in the same piece.
            if let whole { try need(divided == whole, "a division changes no reply") }
        }
        for reply in [whole, ReplyReading.whole(bytes, dialect: dialect)] {
            guard let reply else { continue }
            let ids = reply.toolUses.map(\.id)
            try need(Set(ids).count == ids.count, "no two calls have one id")
            try need(Reply(json: reply.json) == reply, "a reply survives the journal")
            try need(reply.stop != .refusal || reply.blocks.isEmpty, "a refusal is discarded")
            isAccepted = true
        }
    }
    return isAccepted
}

func takeBatch(_ bytes: [UInt8]) throws(PropertyBroken) -> Bool {
    var isAccepted = false
    for dialect in [DialectName.anthropic, .openai] {
        let whole = ReplyReading.results([bytes], dialect: dialect) ?? []
        for pieces in divisions(of: bytes) {
            let divided = ReplyReading.results(pieces, dialect: dialect) ?? []
            try need(
                divided.map(\.name) == whole.map(\.name) && divided.map(\.result) == whole.map(\.result),
                "a division changes no result")
        }
        for (_, result) in whole {
            switch result {
            case .reply(let reply):
                let ids = reply.toolUses.map(\.id)
                try need(Set(ids).count == ids.count, "no two calls have one id")
                try need(Reply(json: reply.json) == reply, "a reply survives the journal")
                try need(reply.stop != .refusal || reply.blocks.isEmpty, "a refusal is discarded")
                try need(isPlain(reply.requestID), "a request's id is a plain word")
                isAccepted = true
            case .failed(.refused(let refusal)):
                for word in [refusal.kind, refusal.code, refusal.requestID] {
                    try need(isPlain(word), "an error's words are plain words, never a text")
                }
            case .failed(.malformed(_, let requestID)):
                try need(isPlain(requestID), "a request's id is a plain word")
            case .failed: throw PropertyBroken(description: "a line is a reply, refused or malformed")
            }
        }
    }
    return isAccepted
}

/// Whether a word may stand in a log: short, of letters, digits and a few marks.
private func isPlain(_ word: String?) -> Bool {
    guard let word else { return true }
    return word.utf8.count <= 128 && word.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x7B }
}

/// The input in pieces: of growing lengths, and where it is short also one byte each.
private func divisions(of bytes: [UInt8]) -> [[[UInt8]]] {
    var growing: [[UInt8]] = []
    var (start, length) = (0, 1)
    while start < bytes.count {
        let end = min(start + length, bytes.count)
        growing.append(Array(bytes[start..<end]))
        (start, length) = (end, length * 2 % 61)
    }
    return bytes.count <= 512 ? [bytes.map { [$0] }, growing] : [growing]
}

private func events(
    _ pieces: [[UInt8]], line: Int, event: Int
) -> (events: [ServerSentEvent], failure: StreamFormatError?) {
    var parser = ServerSentEventParser(maximumLineBytes: line, maximumEventBytes: event)
    var found: [ServerSentEvent] = []
    do throws(StreamFormatError) {
        for piece in pieces { found += try parser.push(piece) }
        try parser.finish()
    } catch {
        return (found, error)
    }
    return (found, nil)
}

private func records(_ pieces: [[UInt8]], line: Int) -> (lines: [[UInt8]], failure: StreamFormatError?) {
    var parser = NDJSONParser(maximumLineBytes: line)
    var found: [[UInt8]] = []
    do throws(StreamFormatError) {
        for piece in pieces { found += try parser.push(piece) }
        if let last = try parser.finish() { found.append(last) }
    } catch {
        return (found, error)
    }
    return (found, nil)
}
