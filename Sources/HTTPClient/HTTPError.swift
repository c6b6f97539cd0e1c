// The one error type of the HTTP client: what went wrong with a transfer, as data.

/// Why a request could not be made or a response not be read; never holds header values, bodies or URLs.
public enum HTTPError: Error, Equatable, Sendable {
    /// The time-out that ran out.
    public enum Phase: String, Equatable, Sendable {
        /// No connection (TLS included) within `connectTimeoutMilliseconds`.
        case connect
        /// Not finished within `totalTimeoutMilliseconds`.
        case total
        /// No byte arrived for `idleTimeoutMilliseconds`.
        case idle
    }

    /// The URL is not an absolute http or https URL of printable ASCII with a host and without user or password.
    case invalidURL
    /// Plain http to a host that is not loopback; nothing was sent.
    case insecureURL(host: String)
    /// The method is not an HTTP token.
    case invalidMethod
    /// A header's name is not a token, or its value holds a control character.
    case invalidHeader(name: String)
    /// The host's name has no address.
    case resolveFailed
    /// No connection could be opened.
    case connectFailed
    /// TLS failed, an unverified certificate included; the code is libcurl's `CURLcode`.
    case tls(code: Int32)
    /// A time-out ran out.
    case timedOut(Phase)
    /// The body is longer than `maximumResponseBytes`.
    case tooLarge(limit: Int)
    /// The header section is longer than `maximumHeaderBytes`.
    case headersTooLarge(limit: Int)
    /// The connection ended inside the body: before its announced length, its last chunk, or the end of the stream.
    case truncated
    /// The connection ended before a whole header section had arrived.
    case connectionLost
    /// What came back is not HTTP.
    case malformedResponse
    /// The task was cancelled or the stream dropped.
    case cancelled
    /// The client was shut down.
    case closed
    /// More requests at once than the client's `maximumRequests`.
    case overloaded(limit: Int)
    /// Any other failure of libcurl, by its `CURLcode`; negative: the system's `errno`.
    case libraryFailure(code: Int32)
}
