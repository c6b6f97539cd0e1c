// Server-sent events: the parser of the WHATWG HTML standard, section 9.2.6, fed with chunks of any size.

/// One event of a stream.
public struct ServerSentEvent: Equatable, Sendable {
    /// The event's type; nil where the stream named none (the standard then says `message`).
    public let event: String?
    /// The data lines, joined by line feeds.
    public let data: String
    /// The last event id that the stream gave so far, nil where it gave none yet.
    public let id: String?
    /// The reconnection time that the lines of this event set, in milliseconds.
    public let retry: Int?

    /// An event as a parser gives it.
    public init(event: String? = nil, data: String, id: String? = nil, retry: Int? = nil) {
        self.event = event
        self.data = data
        self.id = id
        self.retry = retry
    }
}

/// Turns chunks of bytes into events; a chunk may end anywhere, inside a character or between CR and LF too.
public struct ServerSentEventParser: Sendable {
    /// The largest data of one event that is accepted, in bytes.
    public let maximumEventBytes: Int
    private var splitter: LineSplitter
    private var isAtStart = true
    private var data: [UInt8] = []
    private var hasData = false
    private var event: String?
    private var id: String?
    private var retry: Int?
    private var failure: StreamFormatError?

    /// A parser at the start of a stream, with limits in bytes.
    public init(maximumLineBytes: Int = 16_777_216, maximumEventBytes: Int = 16_777_216) {
        self.maximumEventBytes = maximumEventBytes
        splitter = LineSplitter(maximumLineBytes: maximumLineBytes, endings: .carriageReturnToo)
    }

    /// Takes the next bytes of the stream and returns the events that they complete.
    public mutating func push(_ chunk: [UInt8]) throws(StreamFormatError) -> [ServerSentEvent] {
        if let failure { throw failure }
        var events: [ServerSentEvent] = []
        events.reserveCapacity(16)
        do throws(StreamFormatError) {
            var offset = 0
            while let line = try splitter.next(in: chunk, from: &offset) {
                if let event = try take(line) { events.append(event) }
            }
        } catch {
            failure = error
            throw error
        }
        return events
    }

    /// Ends the stream: an event without its closing blank line is dropped, as the standard says, and reported.
    public mutating func finish() throws(StreamFormatError) {
        if let failure { throw failure }
        if hasData || event != nil || !splitter.isAtLineStart {
            failure = .unfinishedEvent
            throw .unfinishedEvent
        }
    }

    private mutating func take(_ line: ArraySlice<UInt8>) throws(StreamFormatError) -> ServerSentEvent? {
        var line = line
        if isAtStart {
            isAtStart = false
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
        }
        if line.isEmpty { return complete() }
        guard let colon = line.firstIndex(of: 0x3A) else {
            try take(field: line, value: [])
            return nil
        }
        if colon == line.startIndex { return nil }  // a comment
        var value = line[(colon + 1)...]
        if value.first == 0x20 { value = value.dropFirst() }
        try take(field: line[..<colon], value: value)
        return nil
    }

    private mutating func take(field: ArraySlice<UInt8>, value: ArraySlice<UInt8>) throws(StreamFormatError) {
        if Self.isName(field, "data") {
            guard data.count + (hasData ? 1 : 0) + value.count <= maximumEventBytes else {
                throw .eventTooLarge(limit: maximumEventBytes)
            }
            if hasData { data.append(0x0A) }
            data.append(contentsOf: value)
            hasData = true
        } else if Self.isName(field, "event") {
            event = value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
        } else if Self.isName(field, "id") {
            if !value.contains(0) { id = String(decoding: value, as: UTF8.self) }
        } else if Self.isName(field, "retry") {
            if value.allSatisfy({ (0x30...0x39).contains($0) }) { retry = Int(String(decoding: value, as: UTF8.self)) }
        }
    }

    private static func isName(_ field: ArraySlice<UInt8>, _ name: StaticString) -> Bool {
        field.count == name.utf8CodeUnitCount
            && field.withUnsafeBytes {
                $0.elementsEqual(UnsafeRawBufferPointer(start: name.utf8Start, count: $0.count))
            }
    }

    /// A blank line: what was gathered is an event, unless it has no data.
    private mutating func complete() -> ServerSentEvent? {
        defer {
            data.removeAll(keepingCapacity: data.count <= 65_536)
            hasData = false
            event = nil
            retry = nil
        }
        guard hasData else { return nil }
        return ServerSentEvent(event: event, data: String(decoding: data, as: UTF8.self), id: id, retry: retry)
    }
}
