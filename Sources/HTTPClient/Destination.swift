// Where a request goes: the URL taken apart by libcurl's own parser, and the rule of https except on loopback.
internal import CCurl
internal import Synchronization

/// A URL that was parsed once and is allowed; the transfer uses this very handle, so that nothing is parsed twice.
///
/// Safe to send: the handle is written in the initialiser only, and libcurl reads a duplicate of it.
final class Destination: @unchecked Sendable {
    /// The longest URL accepted.
    static let maximumBytes = 8_192

    let handle: OpaquePointer
    let host: String
    let isLoopback: Bool
    let isEncrypted: Bool

    init(_ url: String) throws(HTTPError) {
        let bytes = url.utf8
        guard bytes.count <= Self.maximumBytes, bytes.allSatisfy({ (0x21...0x7E).contains($0) }),
            Self.hasAuthority(url), let handle = curl_url()
        else { throw .invalidURL }
        do throws(HTTPError) {
            // No flag: no guessing of the scheme, no unknown scheme, no spaces, no dot segments left.
            guard curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK else { throw .invalidURL }
            guard let scheme = part(handle, CURLUPART_SCHEME), let host = part(handle, CURLUPART_HOST), !host.isEmpty,
                part(handle, CURLUPART_USER) == nil, part(handle, CURLUPART_PASSWORD) == nil,
                part(handle, CURLUPART_OPTIONS) == nil, part(handle, CURLUPART_ZONEID) == nil
            else { throw .invalidURL }
            let isLoopback = Self.isLoopback(host)
            switch scheme {
            case "https": break
            case "http": guard isLoopback else { throw .insecureURL(host: host) }
            default: throw .invalidURL
            }
            self.host = host
            self.isLoopback = isLoopback
            isEncrypted = scheme == "https"
        } catch {
            curl_url_cleanup(handle)
            throw error
        }
        self.handle = handle
    }

    deinit { curl_url_cleanup(handle) }

    /// Whether a URL has a scheme, two slashes and no third; libcurl would also take one slash or three.
    private static func hasAuthority(_ url: String) -> Bool {
        guard let colon = url.utf8.firstIndex(of: 0x3A) else { return false }
        let slash: UInt8 = 0x2F
        let rest = url.utf8[colon...].dropFirst()
        return rest.starts(with: [slash, slash]) && rest.dropFirst(2).first != slash
    }

    /// Whether a host, as libcurl normalised it, is this machine: `localhost`, `[::1]` or four numbers from 127.
    static func isLoopback(_ host: String) -> Bool {
        if equalIgnoringCase(host, "localhost") || host == "[::1]" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 4, numbers[0] == "127" else { return false }
        return numbers.allSatisfy { number in
            (1...3).contains(number.utf8.count) && number.utf8.allSatisfy { (0x30...0x39).contains($0) }
                && UInt8(number) != nil
        }
    }
}

/// The destinations that a client has seen: nearly all of its requests go to a few, parsed once.
final class Destinations: Sendable {
    /// More than a home has providers; a client that asks more places parses each again now and then.
    private static let kept = 64

    private let seen = Mutex<[[UInt8]: Destination]>([:])

    /// Where a URL leads.
    func destination(of url: String) throws(HTTPError) -> Destination {
        let bytes = Array(url.utf8)
        if let known = seen.withLock({ $0[bytes] }) { return known }
        let destination = try Destination(url)
        seen.withLock { seen in
            if seen.count >= Self.kept { seen.removeAll() }
            seen[bytes] = destination
        }
        return destination
    }
}

/// One part of a parsed URL, nil where it has none.
private func part(_ handle: OpaquePointer, _ which: CURLUPart) -> String? {
    var found: UnsafeMutablePointer<CChar>?
    guard curl_url_get(handle, which, &found, 0) == CURLUE_OK, let found else { return nil }
    defer { curl_free(found) }
    return String(cString: found)
}
