// A response: whole, or its head with the body as a stream.

/// A whole response.
public struct HTTPResponse: Sendable {
    /// The status code; redirects (3xx) are given as they are, never followed.
    public let status: Int
    /// The header fields.
    public let headers: HTTPHeaders
    /// The body.
    public let body: [UInt8]
}

/// A response whose body is still arriving; dropping it ends the transfer.
public struct HTTPStream: Sendable {
    /// The status code; redirects (3xx) are given as they are, never followed.
    public let status: Int
    /// The header fields.
    public let headers: HTTPHeaders
    /// The body in pieces, as they arrive.
    public let chunks: HTTPBody
}

/// The status line and the header fields.
struct ResponseHead: Sendable {
    let status: Int
    let headers: HTTPHeaders
}
