// From libcurl's codes to this room's errors.
internal import CCurl

extension Transfer {
    /// What the code that libcurl ended the transfer with means for the caller; nil for success.
    func error(for code: CURLcode) -> HTTPError? {
        if code == CURLE_OK { return nil }
        if let refusal { return refusal }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return .resolveFailed
        case CURLE_COULDNT_CONNECT, CURLE_PROXY: return .connectFailed
        case CURLE_OPERATION_TIMEDOUT: return .timedOut(hasUsedItsTime || wasConnected ? .total : .connect)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CRL_BADFILE, CURLE_USE_SSL_FAILED:
            return .tls(code: Int32(bitPattern: code.rawValue))
        case CURLE_FILESIZE_EXCEEDED: return .tooLarge(limit: order.request.maximumResponseBytes)
        case CURLE_PARTIAL_FILE: return .truncated
        // The body was let go of when the connection turned out to be dead.
        case CURLE_SEND_FAIL_REWIND: return .connectionLost
        case CURLE_ABORTED_BY_CALLBACK where head == nil && order.request.payload.isReleased: return .connectionLost
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_HTTP2, CURLE_HTTP2_STREAM:
            return head == nil ? .connectionLost : .truncated
        // A line that is no status line counts as HTTP/0.9, which is not allowed.
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
            return .malformedResponse
        // libcurl holds a single header line to 100 KiB and reports a longer one as lack of memory.
        case CURLE_OUT_OF_MEMORY where head == nil:
            return .headersTooLarge(limit: order.request.maximumHeaderBytes)
        default: return .libraryFailure(code: Int32(bitPattern: code.rawValue))
        }
    }

    /// Whether the time for the whole is over, in whichever step.
    private var hasUsedItsTime: Bool {
        monotonicNow() - started >= UInt64(max(1, order.request.totalTimeoutMilliseconds)) * 1_000_000
    }

    /// Whether the transfer got as far as sending its request.
    private var wasConnected: Bool {
        var microseconds: Int64 = 0
        shim_get_offset(easy, CURLINFO_PRETRANSFER_TIME_T, &microseconds)
        return microseconds > 0
    }
}
