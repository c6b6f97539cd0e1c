// A request as a handler sees it: whole, decoded and within its limits.

/// One request, its body complete.
public struct ServerRequest: Sendable {
    /// The method, as the client wrote it.
    public let method: String
    /// The path, percent-decoded once; it may hold `..`, never a NUL.
    public let path: String
    /// The query's names and values in order, decoded as a form (`+` is a blank).
    public let query: [(String, String)]
    /// The header fields in order.
    public let headers: [(String, String)]
    /// The body; empty for none.
    public let body: [UInt8]

    /// The value of the first header field of that name, whatever its case.
    public func header(_ name: String) -> String? {
        let wanted = name.utf8
        for (found, value) in headers where found.utf8.count == wanted.count {
            if zip(found.utf8, wanted).allSatisfy({ lowercased($0) == lowercased($1) }) { return value }
        }
        return nil
    }

    /// The value of the first query argument of that name.
    public func argument(_ name: String) -> String? { query.first { $0.0 == name }?.1 }
}

/// The lower-case form of an ASCII capital, any other byte as it is.
private func lowercased(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
}

/// Percent-decodes (RFC 3986, section 2.1); nil for a broken escape, a NUL, or bytes that are not UTF-8.
func percentDecoded(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    if !bytes.contains(0x25) { return String(validating: bytes, as: UTF8.self) }
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
        if bytes[index] != 0x25 {
            decoded.append(bytes[index])
            index += 1
            continue
        }
        guard index + 2 < bytes.count, let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2]),
            high | low != 0
        else { return nil }
        decoded.append(high << 4 | low)
        index += 3
    }
    return String(validating: decoded, as: UTF8.self)
}

private func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
}
