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
    /// The body; empty for none.
    public var body: [UInt8] = []
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
        self.method = method
        self.url = url
        self.headers = headers
        self.secretHeaders = secretHeaders
        self.body = body
    }
}
