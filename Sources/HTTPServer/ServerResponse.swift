// What a handler answers: a status, header fields, and a body that is whole or still being made.

/// The body of a response.
public enum ServerBody: Sendable {
    /// All of it.
    case bytes([UInt8])
    /// Pieces, each sent as soon as it is there; the stream's end is the body's end.
    ///
    /// At most 256 KiB wait for a slow client, then no further element is taken from the stream: give it a bounded
    /// buffering policy. When the client leaves, the stream is terminated as cancelled. A client that left is noticed
    /// only when something is sent to it, so a long silence should be broken by a heartbeat.
    case stream(AsyncStream<[UInt8]>)
}

/// One response.
public struct ServerResponse: Sendable {
    /// The status code, 200 to 599.
    public var status: Int
    /// Header fields; `Content-Length`, `Transfer-Encoding` and `Date` are added by the server.
    public var headers: [(String, String)]
    /// The body.
    public var body: ServerBody

    /// A response; a name or value that does not fit a header line turns it into a bare 500.
    public init(status: Int = 200, headers: [(String, String)] = [], body: ServerBody = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
