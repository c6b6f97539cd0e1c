// A request and its limits: everything the client needs to know, given before it starts.
public import Cryptography

/// One request: where, what, and how long and how much at most.
public struct HTTPRequest: Sendable {
    /// A header whose value is secret: it is read from its guarded memory only when the transfer starts.
    public typealias SecretHeader = (name: String, prefix: String, secret: SharedSecret)

    /// The method, a token such as `GET` or `POST`.
    public var method = "GET"
    /// An absolute URL: https, or http to a loopback host (127.0.0.0/8, ::1, localhost).
    public var url: String
    /// Header fields, sent in this order.
    public var headers: [(String, String)] = []
    /// Secret header fields; the value is `prefix` followed by the secret's bytes.
    public var secretHeaders: [SecretHeader] = []
    /// The body; empty for none, or where it was let go of.
    public var body: [UInt8] {
        get { payload.bytes }
        set { payload = RequestBody(newValue) }
    }
    /// The body as it is shared.
    public private(set) var payload: RequestBody
    /// Whether the client lets go of the body a moment after it was sent: for long bodies and answers that take long.
    ///
    /// Where a kept-alive connection turns out to be dead only after that moment, the request fails as `connectionLost`
    /// instead of being sent again.
    public var releasesBody = false
    /// How long connecting may take, TLS included.
    public var connectTimeoutMilliseconds = 10_000
    /// How long everything may take, from the start to the last byte, waiting for a slow consumer included.
    public var totalTimeoutMilliseconds = 600_000
    /// How long no byte may arrive, the wait for the first one included; 0 for no such limit.
    public var idleTimeoutMilliseconds = 300_000
    /// The longest body accepted.
    public var maximumResponseBytes = 33_554_432
    /// The longest header section accepted.
    public var maximumHeaderBytes = 65_536

    /// A request with the standard limits.
    public init(
        method: String = "GET", url: String, headers: [(String, String)] = [], secretHeaders: [SecretHeader] = [],
        body: [UInt8] = []
    ) {
        self.init(method: method, url: url, headers: headers, secretHeaders: secretHeaders, payload: RequestBody(body))
    }

    /// A request whose body is shared with others.
    public init(
        method: String = "GET", url: String, headers: [(String, String)] = [], secretHeaders: [SecretHeader] = [],
        payload: RequestBody
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.secretHeaders = secretHeaders
        self.payload = payload
    }
}
