// The running daemon: its callbacks, the exchanges it has open, and its orderly end.
internal import CMicroHTTPD
internal import Glibc
internal import Synchronization

/// What all callbacks of one server share.
final class Listener: Sendable {
    private struct State {
        var exchanges: [ObjectIdentifier: Exchange] = [:]
        var isStopping = false
    }

    private let handler: @Sendable (ServerRequest) async -> ServerResponse
    private let maximumBodyBytes: Int
    private let state = Mutex(State())

    init(maximumBodyBytes: Int, handler: @escaping @Sendable (ServerRequest) async -> ServerResponse) {
        self.maximumBodyBytes = maximumBodyBytes
        self.handler = handler
    }

    /// Closes every open exchange and refuses new ones; libmicrohttpd aborts when stopped with suspended connections.
    func closeAll() {
        let open = state.withLock { state in
            state.isStopping = true
            return Array(state.exchanges.values)
        }
        for exchange in open { exchange.close() }
    }

    // MARK: Callbacks, on a thread of libmicrohttpd

    /// The request line and headers are there.
    fileprivate func begin(_ arrival: Arrival, _ connection: OpaquePointer) -> (Exchange?, MHD_Result) {
        if let status = arrival.earlyRefusal { return (nil, queueBare(status, on: connection)) }
        let exchange = Exchange(arrival)
        let isAccepted = state.withLock { state in
            if !state.isStopping { state.exchanges[ObjectIdentifier(exchange)] = exchange }
            return !state.isStopping
        }
        return isAccepted ? (exchange, .YES) : (nil, .NO)
    }

    fileprivate func makeArrival(
        _ connection: OpaquePointer, method: UnsafePointer<CChar>, path: UnsafePointer<CChar>
    ) -> Arrival {
        Arrival(connection, method: method, path: path, maximumBodyBytes: maximumBodyBytes)
    }

    /// The request is whole, or its response is.
    fileprivate func proceed(_ exchange: Exchange, _ connection: OpaquePointer) -> MHD_Result {
        if let response = exchange.takeResponse() { return exchange.queue(response, on: connection) }
        if exchange.arrival.isTooLarge { return queueBare(413, on: connection) }
        if !exchange.arrival.isHandled {
            exchange.arrival.isHandled = true
            // Suspended first, so that the response always finds something to resume.
            guard exchange.suspend(ConnectionReference(raw: connection)) else { return .NO }
            let request = exchange.arrival.complete()
            exchange.run(Task { await self.answer(request, exchange) })
            return .YES
        }
        return exchange.suspend(ConnectionReference(raw: connection)) ? .YES : .NO
    }

    fileprivate func end(_ exchange: Exchange) {
        _ = state.withLock { $0.exchanges.removeValue(forKey: ObjectIdentifier(exchange)) }
        exchange.close()
    }

    private func answer(_ request: ServerRequest, _ exchange: Exchange) async {
        let response = await handler(request)
        guard exchange.respond(response), case .stream(let chunks) = response.body else { return }
        for await chunk in chunks {
            // Read on in a cancelled task the stream ends, and whoever fills it is told; left, it would never learn.
            if await !exchange.push(chunk) { withUnsafeCurrentTask { $0?.cancel() } }
        }
        exchange.endStream()
    }
}

/// Called for the headers, for each piece of the body, for its end, and after each resumption.
func requestArrived(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ path: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ data: UnsafePointer<CChar>?,
    _ count: UnsafeMutablePointer<Int>?, _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context, let connection, let path, let method, let count, let slot else { return .NO }
    let listener = Unmanaged<Listener>.fromOpaque(context).takeUnretainedValue()
    guard let known = slot.pointee else {
        let arrival = listener.makeArrival(connection, method: method, path: path)
        let (exchange, result) = listener.begin(arrival, connection)
        if let exchange { slot.pointee = Unmanaged.passRetained(exchange).toOpaque() }
        return result
    }
    let exchange = Unmanaged<Exchange>.fromOpaque(known).takeUnretainedValue()
    guard count.pointee > 0 else { return listener.proceed(exchange, connection) }
    let bytes = UnsafeRawBufferPointer(start: data, count: count.pointee)
    count.pointee = 0
    return exchange.arrival.take(bytes) ? .YES : .NO
}

/// Called once for each request that was begun, however it ended.
func requestCompleted(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ code: MHD_RequestTerminationCode
) {
    guard let context, let known = slot?.pointee else { return }
    slot?.pointee = nil
    let exchange = Unmanaged<Exchange>.fromOpaque(known).takeRetainedValue()
    Unmanaged<Listener>.fromOpaque(context).takeUnretainedValue().end(exchange)
}
