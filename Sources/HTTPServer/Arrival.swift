// What has arrived of a request: its lines, checked and decoded, and its body, held to the limit.
internal import CMicroHTTPD

/// A request while it arrives.
///
/// Safe to send: only the thread of its connection touches it, and one connection has one thread.
final class Arrival: @unchecked Sendable {
    private let method: String
    private let path: String?
    private var query: [(String, String)] = []
    private var headers: [(String, String)] = []
    private var isBroken = false
    private let maximumBodyBytes: Int
    private var body: [UInt8] = []
    private var discarded = 0
    /// Whether the handler was started.
    var isHandled = false

    /// Reads the request line and the header fields off a connection.
    init(_ connection: OpaquePointer, method: UnsafePointer<CChar>, path: UnsafePointer<CChar>, maximumBodyBytes: Int) {
        self.method = String(cString: method)
        self.path = decoded(path, strlen(path))
        self.maximumBodyBytes = maximumBodyBytes
        let this = Unmanaged.passUnretained(self).toOpaque()
        MHD_get_connection_values_n(connection, .HEADER_KIND, headerFound, this)
        MHD_get_connection_values_n(connection, .GET_ARGUMENT_KIND, argumentFound, this)
    }

    /// The status of a refusal that is due before the body is read; nil when the body may come.
    var earlyRefusal: Int? {
        if isBroken || path == nil { return 400 }
        guard let announced = headers.first(where: { $0.0.lowercased() == "content-length" })?.1 else { return nil }
        guard let count = Int(announced), count >= 0 else { return 400 }
        if count > maximumBodyBytes { return 413 }
        body.reserveCapacity(min(count, 1_048_576))
        return nil
    }

    /// Whether the body turned out longer than allowed.
    var isTooLarge: Bool { discarded > 0 }

    /// Takes bytes of the body; false when so many come beyond the limit that no answer is owed.
    func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if discarded == 0, bytes.count <= maximumBodyBytes - body.count {
            body.append(contentsOf: bytes)
            return true
        }
        body = []
        discarded += bytes.count
        return discarded <= maximumBodyBytes + 65_536
    }

    /// The whole request, once.
    func complete() -> ServerRequest {
        var whole: [UInt8] = []
        swap(&whole, &body)
        return ServerRequest(method: method, path: path ?? "", query: query, headers: headers, body: whole)
    }

    fileprivate func addHeader(_ name: String, _ value: String) { headers.append((name, value)) }

    fileprivate func addArgument(_ name: String?, _ value: String?) {
        guard let name, let value else { return isBroken = true }
        query.append((name, value))
    }
}

private func decoded(_ text: UnsafePointer<CChar>?, _ count: Int) -> String? {
    guard let text else { return "" }
    return text.withMemoryRebound(to: UInt8.self, capacity: count) {
        percentDecoded(UnsafeBufferPointer(start: $0, count: count))
    }
}

private func text(_ bytes: UnsafePointer<CChar>?, _ count: Int) -> String {
    String(decoding: UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count), as: UTF8.self)
}

private func headerFound(
    _ context: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?, _ nameCount: Int,
    _ value: UnsafePointer<CChar>?, _ valueCount: Int
) -> MHD_Result {
    guard let context else { return .NO }
    Unmanaged<Arrival>.fromOpaque(context).takeUnretainedValue()
        .addHeader(text(name, nameCount), text(value, valueCount))
    return .YES
}

private func argumentFound(
    _ context: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?, _ nameCount: Int,
    _ value: UnsafePointer<CChar>?, _ valueCount: Int
) -> MHD_Result {
    guard let context else { return .NO }
    Unmanaged<Arrival>.fromOpaque(context).takeUnretainedValue()
        .addArgument(decoded(name, nameCount), decoded(value, valueCount))
    return .YES
}
