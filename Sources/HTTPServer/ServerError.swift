// The one error type of the HTTP server: why it could not listen.

/// Why a server did not start.
public enum ServerError: Error, Equatable, Sendable {
    /// The host is not an IPv4 or IPv6 address, nor `localhost`.
    case invalidHost(String)
    /// The address and port could not be listened on; the code is the system's `errno`, 0 where it gave none.
    case listenFailed(code: Int32)
}
