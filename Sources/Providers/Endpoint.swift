// A provider's base URL, taken apart strictly: the key is bound to exactly this host.

/// Where a provider is: https, or http on loopback; without user, query and fragment, so that no host poses as another.
struct Endpoint: Sendable, Equatable {
    let scheme: String
    /// The host in lower case, IPv6 in brackets.
    let host: String
    let port: Int?
    /// The path without a slash at its end.
    let path: String
    /// Whether the host is this machine by its literal name or address.
    let isLoopback: Bool

    /// Reads a base URL as the providers' own SDKs write it; the fault names what is wrong with it.
    init(_ text: String) throws(ProviderSettingsFault) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }),
            text.utf8.count <= 2_000,
            let mark = text.range(of: "://")
        else { throw .invalidBaseURL }
        scheme = text[..<mark.lowerBound].lowercased()
        let rest = text[mark.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let path = rest[authority.endIndex...]
        guard !authority.contains("@"), !path.contains("?"), !path.contains("#") else { throw .invalidBaseURL }
        let (host, port) = try Self.split(authority)
        self.host = host
        self.port = port
        isLoopback = Self.isLoopback(host)
        self.path = String(path.reversed().drop { $0 == "/" }.reversed())
        guard scheme == "https" || scheme == "http" else { throw .invalidBaseURL }
        guard scheme == "https" || isLoopback else { throw .insecureBaseURL(host: host) }
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// The URL of something below the base.
    func url(_ suffix: String) -> String {
        "\(scheme)://\(host)\(port.map { ":\($0)" } ?? "")\(path)\(suffix)"
    }

    private static func split(_ authority: Substring) throws(ProviderSettingsFault) -> (String, Int?) {
        var host = authority
        var port: Int?
        let colon = authority.lastIndex(of: ":")
        if let colon, authority.last != "]" {
            host = authority[..<colon]
            guard let number = UInt16(authority[authority.index(after: colon)...]), number > 0 else {
                throw .invalidBaseURL
            }
            port = Int(number)
        }
        let name = host.lowercased()
        let plain = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
        }
        let bracketed =
            name.hasPrefix("[") && name.hasSuffix("]")
            && name.dropFirst().dropLast().utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || $0 == UInt8(ascii: ":")
                    || $0 == UInt8(ascii: ".")
            }
        guard !name.isEmpty, plain || bracketed else { throw .invalidBaseURL }
        return (name, port)
    }
}

extension String {
    /// Where a text first occurs, without Foundation.
    fileprivate func range(of needle: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
            start = index(after: start)
        }
        return nil
    }
}
