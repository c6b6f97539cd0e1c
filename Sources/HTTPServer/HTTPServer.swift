// A loopback HTTP listener: the only room that touches libmicrohttpd.
//
// Requests arrive whole, within limits, at one asynchronous handler; there are no routes here. While the handler works
// its connection is suspended and costs no thread. Responses are bytes or a stream of pieces with back-pressure.
internal import CMicroHTTPD
internal import Glibc
internal import Synchronization

/// Listens on an address and answers requests by a handler, from its initialiser until `stop()`.
public final class HTTPServer: Sendable {
    /// Where to listen, and the limits.
    public struct Configuration: Sendable {
        /// The address to listen on: `127.0.0.1`, `::1`, `localhost`, or another of this machine.
        public var host: String
        /// The port to listen on; 0 lets the system choose a free one.
        public var port: UInt16
        /// The longest request body; a longer one is answered with 413.
        public var maximumBodyBytes: Int
        /// Room for the request line and the header fields, in bytes; beyond it the answer is 414 or 431.
        public var maximumHeaderBytes: Int
        /// Connections open at once, each costing a file descriptor; further ones wait until one is closed.
        public var maximumConnections: Int
        /// How long a connection may be silent while a request or response is under way, and idle after it.
        public var timeoutSeconds: Int
        /// Threads that serve connections.
        public var threads: Int

        /// The standard limits, on loopback.
        public init(
            host: String = "127.0.0.1", port: UInt16 = 0, maximumBodyBytes: Int = 8_388_608,
            maximumHeaderBytes: Int = 32_768, maximumConnections: Int = 1_000, timeoutSeconds: Int = 60,
            threads: Int = 1
        ) {
            self.host = host
            self.port = port
            self.maximumBodyBytes = maximumBodyBytes
            self.maximumHeaderBytes = maximumHeaderBytes
            self.maximumConnections = maximumConnections
            self.timeoutSeconds = timeoutSeconds
            self.threads = threads
        }
    }

    /// The port that is listened on.
    public let port: UInt16

    private let daemon: Daemon

    /// Starts to listen; the handler is called for each whole request, several at a time.
    public init(
        configuration: Configuration = .init(), handler: @escaping @Sendable (ServerRequest) async -> ServerResponse
    ) throws(ServerError) {
        let listener = Listener(maximumBodyBytes: max(0, configuration.maximumBodyBytes), handler: handler)
        daemon = try Daemon(configuration, listener)
        port = daemon.port
    }

    deinit { daemon.beginStop() }

    /// Stops listening, closes all connections, cancels the handlers' tasks, and waits until the threads are gone.
    public func stop() async { await daemon.stop() }
}
