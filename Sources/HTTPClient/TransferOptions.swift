// Every option that a transfer is given: the rules of the house, in one place.
internal import CCurl

/// What the client as a whole lays down for each transfer.
struct TransferSettings {
    let usesEnvironmentProxy: Bool
    let certificateAuthorities: String?
}

extension Transfer {
    /// Sets all options on the transfer's handle, which must be fresh or reset.
    func setOptions(_ settings: TransferSettings) throws(HTTPError) {
        let setter = OptionSetter(easy: easy)
        let request = order.request
        try setter.check(shim_set_url(easy, order.destination.handle))
        try setRequest(setter)
        try setter.check(shim_set_callback(easy, CURLOPT_HEADERFUNCTION, headerArrived))
        try setter.check(shim_set_callback(easy, CURLOPT_WRITEFUNCTION, bodyArrived))
        let this = Unmanaged.passUnretained(self).toOpaque()
        try setter.pointer(CURLOPT_HEADERDATA, this)
        try setter.pointer(CURLOPT_WRITEDATA, this)
        try setter.pointer(CURLOPT_PRIVATE, this)

        try setter.long(CURLOPT_BUFFERSIZE, Self.receiveBytes)
        try setter.long(CURLOPT_CONNECTTIMEOUT_MS, max(1, request.connectTimeoutMilliseconds))
        try setter.long(CURLOPT_TIMEOUT_MS, max(1, request.totalTimeoutMilliseconds))
        try setter.check(
            shim_set_offset(easy, CURLOPT_MAXFILESIZE_LARGE, Int64(max(1, request.maximumResponseBytes))))

        // Signals would interrupt other threads, and waiting for a name without an answer would hold up all others.
        try setter.long(CURLOPT_NOSIGNAL, 1)
        try setter.long(CURLOPT_QUICK_EXIT, 1)
        try setter.long(CURLOPT_TCP_KEEPALIVE, 1)
        // A transfer stays with the one host that was checked.
        try setter.long(CURLOPT_FOLLOWLOCATION, 0)
        try setter.string(CURLOPT_PROTOCOLS_STR, order.destination.isLoopback ? "http,https" : "https")
        try setter.string(CURLOPT_REDIR_PROTOCOLS_STR, "https")
        try setter.long(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        try setter.long(CURLOPT_HTTP09_ALLOWED, 0)
        try setter.long(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
        try setter.long(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        if order.destination.isLoopback || !settings.usesEnvironmentProxy { try setter.string(CURLOPT_PROXY, "") }

        try setter.long(CURLOPT_SSL_VERIFYPEER, 1)
        try setter.long(CURLOPT_SSL_VERIFYHOST, 2)
        try setter.long(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        if let file = settings.certificateAuthorities { try setter.string(CURLOPT_CAINFO, file) }
        // HTTP/2 where TLS offers it: a new request waits until the handshake tells if it may share the connection.
        // Not so without TLS, where only the first response would tell, and all other requests would wait for it.
        try setter.long(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        try setter.long(CURLOPT_PIPEWAIT, order.destination.isEncrypted ? 1 : 0)
    }

    private func setRequest(_ setter: OptionSetter) throws(HTTPError) {
        let request = order.request
        switch request.method {
        case "HEAD": try setter.long(CURLOPT_NOBODY, 1)
        case "GET" where request.payload.count == 0: break
        default:
            if request.payload.count > 0 || ["POST", "PUT", "PATCH"].contains(request.method) {
                try setter.long(CURLOPT_POST, 1)
                try setter.check(shim_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, Int64(request.payload.count)))
                try setBody(setter)
            }
            if request.method != "POST" { try setter.string(CURLOPT_CUSTOMREQUEST, request.method) }
        }
        try setter.check(shim_set_headers(easy, headerLines))
    }
    /// A body that is let go of is asked for piece by piece; another one can go out together with the headers.
    private func setBody(_ setter: OptionSetter) throws(HTTPError) {
        if let bodyAddress { return try setter.pointer(CURLOPT_POSTFIELDS, bodyAddress) }
        let this = Unmanaged.passUnretained(self).toOpaque()
        // Never without a source: libcurl would read the body from standard input.
        try setter.check(shim_set_callback(easy, CURLOPT_READFUNCTION, bodyWanted))
        try setter.check(shim_set_seek(easy, rewindWanted))
        try setter.pointer(CURLOPT_READDATA, this)
        try setter.pointer(CURLOPT_SEEKDATA, this)
        try setter.long(CURLOPT_UPLOAD_BUFFERSIZE, uploadBytes)
    }

    /// Held for as long as the transfer is, and thousands of them wait at once: an answer of a few KiB fits.
    private static let receiveBytes = 4_096
}

/// Sets options and turns a refusal into an error.
private struct OptionSetter {
    let easy: UnsafeMutableRawPointer

    func check(_ code: CURLcode) throws(HTTPError) {
        guard code == CURLE_OK else { throw .libraryFailure(code: Int32(bitPattern: code.rawValue)) }
    }
    func long(_ option: CURLoption, _ value: Int) throws(HTTPError) { try check(shim_set_long(easy, option, value)) }
    func string(_ option: CURLoption, _ value: String) throws(HTTPError) {
        try check(shim_set_string(easy, option, value))
    }
    func pointer(_ option: CURLoption, _ value: UnsafeRawPointer) throws(HTTPError) {
        try check(shim_set_pointer(easy, option, value))
    }
}

private func headerArrived(
    _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let data, let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    transfer.lastActivity = monotonicNow()
    return transfer.takeHeader(UnsafeRawBufferPointer(start: data, count: size * count)) ? size * count : 0
}

private func bodyArrived(
    _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let data, let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    transfer.lastActivity = monotonicNow()
    switch transfer.takeBody(UnsafeRawBufferPointer(start: data, count: size * count)) {
    case .taken: return size * count
    case .pause: return shim_write_pause()
    case .refuse: return 0
    }
}

private func bodyWanted(
    _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let data, let context else { return shim_read_abort() }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.giveBody(UnsafeMutableRawBufferPointer(start: data, count: size * count)) ?? shim_read_abort()
}

private func rewindWanted(_ context: UnsafeMutableRawPointer?, _ place: Int64, _ origin: Int32) -> Int32 {
    guard let context, origin == SEEK_SET else { return CURL_SEEKFUNC_FAIL }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    return transfer.rewindBody(to: Int(place)) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
}
