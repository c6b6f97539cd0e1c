// Concurrent HTTP requests and streamed bodies: the only room that touches libcurl.
//
// One thread drives all transfers; tasks hand it commands through `Inbox` and wait in continuations that are resumed
// exactly once. `HTTPRequest` carries the limits, `HTTPError` the reasons. `ServerSentEventParser` and `NDJSONParser`
// read the two line formats that come in streamed bodies.
//
// Rules that no caller can change: https only, except to a loopback host; certificates are verified; redirects are
// given back, not followed; no cookies, no .netrc, no logs; bodies and headers are bounded. libcurl itself sends a
// request once more when a kept-alive connection turns out to be closed before any byte of a response.
internal import Glibc
internal import Synchronization

/// Makes requests; shared by any number of tasks.
public final class HTTPClient: Sendable {
    /// What holds for all requests of a client.
    public struct Configuration: Sendable {
        /// Connections open at once, idle ones included, each a file descriptor; further requests wait.
        public var maximumConnections = 1_000
        /// Connections open at once to one host; 0 for no limit but `maximumConnections`.
        public var maximumConnectionsPerHost = 0
        /// Requests accepted at once, waiting ones included; further ones fail with `overloaded`.
        public var maximumRequests = 65_536
        /// Whether https requests go through the proxy that the environment names (`https_proxy`, `no_proxy`).
        public var usesEnvironmentProxy = true
        /// How long after its start a request that lets go of its body keeps it, to send it once more if it must.
        public var bodyReleaseMilliseconds = 1_000
        /// A PEM file of the certificate authorities to trust instead of the system's.
        public var certificateAuthorities: String?

        /// The standard configuration.
        public init() {}
    }

    private let destinations = Destinations()
    private let inbox: Inbox
    private let thread: TransferThread

    /// Starts the transfer thread.
    public init(configuration: Configuration = .init()) throws(HTTPError) {
        inbox = try Inbox(maximumRequests: configuration.maximumRequests)
        thread = try TransferThread(TransferLoop(inbox: inbox, configuration: configuration))
    }

    deinit { inbox.post(.stop) }

    /// Makes a request and waits for the whole response; cancelling the task ends the transfer.
    public func response(to request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let order = try Order(request, among: destinations)
        let inbox = inbox
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { inbox.start(order, .whole($0)) }
        } onCancel: {
            order.cancel(inbox)
        }
        return try result.get()
    }

    /// Makes a request and returns as soon as the header section is there, with the body as a stream.
    public func stream(_ request: HTTPRequest) async throws(HTTPError) -> HTTPStream {
        let buffer = StreamBuffer(order: try Order(request, among: destinations), inbox: inbox)
        let head = try await buffer.open().get()
        return HTTPStream(status: head.status, headers: head.headers, chunks: HTTPBody(StreamLease(buffer)))
    }

    /// Ends all transfers with `closed`, refuses new ones and waits until the thread is gone.
    public func shutdown() async {
        inbox.post(.stop)
        await thread.join()
    }
}
