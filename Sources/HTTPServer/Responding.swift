// From a handler's response to libmicrohttpd's.
internal import CMicroHTTPD

extension Exchange {
    /// Queues a response on the exchange's connection; `.NO` closes it.
    func queue(_ response: ServerResponse, on connection: OpaquePointer) -> MHD_Result {
        guard (200..<600).contains(response.status), let raw = makeResponse(response.body, connection) else {
            return queueBare(500, on: connection)
        }
        defer { MHD_destroy_response(raw) }
        for (name, value) in response.headers where MHD_add_response_header(raw, name, value) != .YES {
            return queueBare(500, on: connection)
        }
        return MHD_queue_response(connection, UInt32(response.status), raw)
    }

    private func makeResponse(_ body: ServerBody, _ connection: OpaquePointer) -> OpaquePointer? {
        switch body {
        case .bytes(let bytes):
            return bytes.withUnsafeBytes { buffer in
                MHD_create_response_from_buffer(
                    buffer.count, UnsafeMutableRawPointer(mutating: buffer.baseAddress), .RESPMEM_MUST_COPY)
            }
        case .stream:
            let source = Unmanaged.passRetained(StreamSource(exchange: self, connection: .init(raw: connection)))
            let raw = MHD_create_response_from_callback(
                shim_unknown_size(), 32_768, streamWanted, source.toOpaque(), streamDropped)
            if raw == nil { source.release() }
            return raw
        }
    }
}

/// Queues a response without a body, after which the connection is closed.
func queueBare(_ status: Int, on connection: OpaquePointer) -> MHD_Result {
    guard let raw = MHD_create_response_from_buffer(0, nil, .RESPMEM_PERSISTENT) else { return .NO }
    defer { MHD_destroy_response(raw) }
    MHD_add_response_header(raw, "Connection", "close")
    return MHD_queue_response(connection, UInt32(status), raw)
}

/// What libmicrohttpd's reader is given: whose bytes, and whom to suspend when there are none.
private final class StreamSource {
    let exchange: Exchange
    let connection: ConnectionReference
    init(exchange: Exchange, connection: ConnectionReference) {
        self.exchange = exchange
        self.connection = connection
    }
}

private func streamWanted(
    _ context: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int
) -> Int {
    guard let context, let buffer else { return shim_end_with_error() }
    let source = Unmanaged<StreamSource>.fromOpaque(context).takeUnretainedValue()
    let room = UnsafeMutableRawBufferPointer(start: buffer, count: capacity)
    return source.exchange.read(into: room, from: source.connection)
}

private func streamDropped(_ context: UnsafeMutableRawPointer?) {
    guard let context else { return }
    Unmanaged<StreamSource>.fromOpaque(context).release()
}
