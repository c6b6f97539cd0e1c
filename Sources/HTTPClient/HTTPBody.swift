// The body of a streamed response as an asynchronous sequence with a typed error.

/// The pieces of a body, in order, for one consumer; ends with nil, or throws when the transfer fails.
///
/// When the consumer is slow the transfer is paused; when the last copy of the value is dropped it is cancelled.
public struct HTTPBody: AsyncSequence, Sendable {
    /// A piece of the body, never empty.
    public typealias Element = [UInt8]
    /// Why the body ended early.
    public typealias Failure = HTTPError

    private let lease: StreamLease

    init(_ lease: StreamLease) { self.lease = lease }

    /// Says that nobody wants the rest, which runs out unread: the connection can then serve the next request.
    ///
    /// The limits of the request hold for what still comes.
    public func leave() { lease.buffer.leave() }

    /// The iterator; all iterators of a body share what is left of it.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(lease: lease) }

    /// Takes the pieces one after the other.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let lease: StreamLease

        /// What has arrived since the last call, waiting for it if need be; nil at the end.
        public mutating func next() async throws(HTTPError) -> [UInt8]? {
            try await lease.buffer.next().get()
        }

        /// What has arrived since the last call, waiting for it if need be; nil at the end.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(HTTPError) -> [UInt8]? {
            try await lease.buffer.next().get()
        }
    }
}

/// Held by everything that can still read a stream: its end is the end of the transfer.
final class StreamLease: Sendable {
    let buffer: StreamBuffer
    init(_ buffer: StreamBuffer) { self.buffer = buffer }
    deinit { buffer.abandon() }
}
