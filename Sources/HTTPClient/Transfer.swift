// One transfer on the transfer thread: what libcurl delivered so far, and the limits it is held to.
internal import CCurl
internal import Glibc

/// What has happened to transfers since the loop last looked; of the transfer thread alone.
final class Arrivals {
    private var buffers: [StreamBuffer] = []
    private var sent: [Transfer] = []

    /// Something has arrived for a stream.
    func note(_ buffer: StreamBuffer) {
        if buffers.last !== buffer { buffers.append(buffer) }
    }

    /// Wakes who waits for them.
    func wake() {
        for buffer in buffers { buffer.wake() }
        buffers.removeAll(keepingCapacity: true)
    }

    /// libcurl has taken the last of a transfer's body.
    func noteSent(_ transfer: Transfer) { sent.append(transfer) }

    /// Takes the transfers of which that was said.
    func takeSent() -> [Transfer] {
        defer { sent = [] }
        return sent
    }
}

/// One running transfer; made, used and ended on the transfer thread alone.
final class Transfer {
    let order: Order
    let receiver: Receiver
    let easy: UnsafeMutableRawPointer
    /// When the transfer began, on the loop's clock.
    let started: UInt64
    /// When the last byte arrived.
    var lastActivity: UInt64
    /// Whether the consumer's slowness holds the transfer back.
    private(set) var isPaused = false
    /// Why a callback refused to go on; comes before libcurl's own reason.
    private(set) var refusal: HTTPError?
    private(set) var head: ResponseHead?

    private var fields: [(String, String)] = []
    private var headerBytes = 0
    private var body: [UInt8] = []
    private var bodyBytes = 0
    private let headerList: HeaderList
    /// Streams that the loop wakes once it has taken in what has arrived.
    private let arrivals: Arrivals
    /// How much of the request's body libcurl has taken.
    private var sentBytes = 0
    private let bodyLength: Int
    /// A body that is kept, at a fixed address for as long as libcurl may read it.
    private let keptBody: UnsafeMutableRawBufferPointer?

    init(
        _ order: Order, _ receiver: Receiver, easy: UnsafeMutableRawPointer, arrivals: Arrivals, now: UInt64
    ) throws(HTTPError) {
        let request = order.request
        var list = HeaderList()
        try list.append("Expect:")
        var hasContentType = false
        for field in request.headers {
            if equalIgnoringCase(field.0, "content-type") { hasContentType = true }
            try list.append(name: field.0, value: field.1)
        }
        // libcurl would call a body without a type a form.
        if !hasContentType { try list.append("Content-Type:") }
        for field in request.secretHeaders { try list.append(field) }
        headerList = list
        self.order = order
        self.receiver = receiver
        self.easy = easy
        self.arrivals = arrivals
        started = now
        lastActivity = now
        bodyLength = request.payload.count
        keptBody = request.releasesBody ? nil : .allocate(byteCount: max(1, bodyLength), alignment: 1)
        if let keptBody { _ = request.payload.copy(from: 0, to: keptBody) }
    }

    deinit { keptBody?.deallocate() }

    /// A kept body, valid for as long as the transfer is; nil where libcurl is to ask for it piece by piece.
    var bodyAddress: UnsafeRawPointer? { keptBody.flatMap { UnsafeRawPointer($0.baseAddress) } }

    /// The header lines, valid for as long as the transfer is.
    var headerLines: UnsafeMutablePointer<curl_slist>? { headerList.raw }

    /// Whether libcurl has taken the whole body, and the body may be let go of.
    var isBodySent: Bool { order.request.releasesBody && bodyLength > 0 && sentBytes == bodyLength }

    /// How much libcurl is to take of the body at once: all of a long one, so that it goes out in one piece.
    var uploadBytes: Int {
        min(max(bodyLength, Self.uploadBytesAllowed.lowerBound), Self.uploadBytesAllowed.upperBound)
    }

    /// At least what libcurl allows; at most what an odd body may hold of memory.
    private static let uploadBytesAllowed = 16_384...262_144

    /// Lets libcurl give back the buffer that it sends from, once it has sent all of it; false where it has not yet.
    ///
    /// Thousands of transfers wait at once for their answers, and each would keep it.
    func freeUploadBuffer() -> Bool {
        guard order.request.releasesBody, bodyLength > 0 else { return true }
        var sent: Int64 = 0
        shim_get_offset(easy, CURLINFO_SIZE_UPLOAD_T, &sent)
        guard sent == Int64(bodyLength) else { return false }
        // Another size makes libcurl free the buffer, and make a new one should it send anything again.
        return shim_set_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, Self.uploadBytesAllowed.lowerBound) == CURLE_OK
    }

    /// Gives libcurl the next bytes of the body; nil where they are gone.
    func giveBody(_ target: UnsafeMutableRawBufferPointer) -> Int? {
        guard let count = order.request.payload.copy(from: sentBytes, to: target) else { return nil }
        sentBytes += count
        if isBodySent { arrivals.noteSent(self) }
        return count
    }

    /// Goes back to a place in the body, to send it once more; false where it is gone.
    func rewindBody(to place: Int) -> Bool {
        guard !order.request.payload.isReleased, (0...bodyLength).contains(place) else { return false }
        sentBytes = place
        return true
    }

    /// Takes one header line; false to end the transfer.
    func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        headerBytes += line.count
        guard headerBytes <= order.request.maximumHeaderBytes else {
            refusal = .headersTooLarge(limit: order.request.maximumHeaderBytes)
            return false
        }
        guard head == nil else { return true }  // trailers count, but are not kept
        var end = line.count
        while end > 0, line[end - 1] == 0x0A || line[end - 1] == 0x0D { end -= 1 }
        if end == 0 { return completeHead() }
        if line.starts(with: "HTTP/".utf8) {
            fields.removeAll()
            return true
        }
        guard let colon = line[..<end].firstIndex(of: 0x3A) else { return true }
        let value = line[(colon + 1)..<end].drop { $0 == 0x20 || $0 == 0x09 }
        let last = value.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? value.startIndex
        fields.append(
            (
                String(decoding: line[..<colon], as: UTF8.self),
                String(decoding: value[value.startIndex..<last], as: UTF8.self)
            ))
        return true
    }

    private func completeHead() -> Bool {
        var status = 0
        shim_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        if (100..<200).contains(status) { return true }  // an interim response; the real one follows
        let head = ResponseHead(status: status, headers: HTTPHeaders(fields))
        self.head = head
        if case .streamed(let buffer) = receiver {
            buffer.deliver(head)
            arrivals.note(buffer)
        }
        return true
    }

    /// What became of bytes of the body.
    enum Intake { case taken, pause, refuse }

    /// Takes bytes of the body.
    func takeBody(_ bytes: UnsafeRawBufferPointer) -> Intake {
        guard bytes.count <= order.request.maximumResponseBytes - bodyBytes else {
            refusal = .tooLarge(limit: order.request.maximumResponseBytes)
            return .refuse
        }
        switch receiver {
        case .whole:
            if body.isEmpty { reserve() }
            body.append(contentsOf: bytes)
        case .streamed(let buffer):
            guard buffer.deliver(bytes) else {
                isPaused = true
                return .pause
            }
            arrivals.note(buffer)
        }
        bodyBytes += bytes.count
        return .taken
    }

    /// Makes room for the announced length at once, though never more than 1 MiB on a stranger's word.
    private func reserve() {
        var announced: Int64 = 0
        shim_get_offset(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced)
        if announced > 0 { body.reserveCapacity(Int(min(announced, 1_048_576))) }
    }

    /// Lets a paused transfer go on; an error of libcurl ends it.
    func resume(now: UInt64) -> CURLcode {
        guard isPaused else { return CURLE_OK }
        isPaused = false
        lastActivity = now
        return curl_easy_pause(easy, CURLPAUSE_CONT)
    }

    /// Hands the result to whoever waits for it.
    func end(_ error: HTTPError?) {
        switch receiver {
        case .streamed(let buffer):
            buffer.finish(error ?? (head == nil ? .malformedResponse : nil))
        case .whole(let continuation):
            if let error { return continuation.resume(returning: .failure(error)) }
            guard let head else { return continuation.resume(returning: .failure(.malformedResponse)) }
            let response = HTTPResponse(status: head.status, headers: head.headers, body: body)
            continuation.resume(returning: .success(response))
        }
    }
}
