// The header lines handed to libcurl: checked, secrets filled in last, and wiped before they are freed.
internal import CCurl
internal import Cryptography
internal import Glibc

/// libcurl's linked list of header lines, owned; every line is wiped when the list goes.
struct HeaderList: ~Copyable {
    private(set) var raw: UnsafeMutablePointer<curl_slist>?

    init() { raw = nil }

    deinit {
        var node = raw
        while let current = node {
            if let data = current.pointee.data { explicit_bzero(data, strlen(data)) }
            node = current.pointee.next
        }
        curl_slist_free_all(raw)
    }

    /// Adds one line, which must not contain a NUL.
    mutating func append(_ line: UnsafePointer<CChar>) throws(HTTPError) {
        guard let longer = curl_slist_append(raw, line) else {
            throw .libraryFailure(code: Int32(bitPattern: CURLE_OUT_OF_MEMORY.rawValue))
        }
        raw = longer
    }

    /// Adds a field; libcurl writes an empty value as `Name;`.
    mutating func append(name: String, value: String) throws(HTTPError) {
        try append(value.isEmpty ? "\(name);" : "\(name): \(value)")
    }

    /// Adds a field whose value ends in a secret; the line is put together in memory that is wiped at once.
    mutating func append(_ field: HTTPRequest.SecretHeader) throws(HTTPError) {
        let opening = Array("\(field.name): \(field.prefix)".utf8)
        let count = opening.count + field.secret.bytes.count
        let line = UnsafeMutableRawBufferPointer.allocate(byteCount: count + 1, alignment: 1)
        defer {
            if let base = line.baseAddress { explicit_bzero(base, count + 1) }
            line.deallocate()
        }
        line.copyBytes(from: opening)
        field.secret.bytes.withUnsafeBytes { secret in
            UnsafeMutableRawBufferPointer(rebasing: line[opening.count..<count]).copyMemory(from: secret)
        }
        line[count] = 0
        guard line[opening.count..<count].allSatisfy(isFieldValueByte) else {
            throw .invalidHeader(name: field.name)
        }
        guard let base = line.baseAddress else { return }
        try append(base.assumingMemoryBound(to: CChar.self))
    }
}

/// Refuses header fields that could not stand on one line of a request (RFC 9110, section 5.5).
func checkFields(_ request: HTTPRequest) throws(HTTPError) {
    guard isToken(request.method), request.method.utf8.count <= 32 else { throw .invalidMethod }
    for field in request.headers {
        guard isToken(field.0), field.1.utf8.allSatisfy(isFieldValueByte) else {
            throw .invalidHeader(name: field.0)
        }
    }
    for field in request.secretHeaders {
        guard isToken(field.name), field.prefix.utf8.allSatisfy(isFieldValueByte) else {
            throw .invalidHeader(name: field.name)
        }
    }
}

/// Whether a text is a token of RFC 9110, section 5.6.2.
private func isToken(_ text: String) -> Bool {
    let marks: StaticString = "!#$%&'*+-.^_`|~"
    return !text.isEmpty
        && text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: marks.withUTF8Buffer { $0.contains(byte) }
            }
        }
}

/// Whether a byte may stand in a field's value: printable, blank, tab, or above ASCII.
private func isFieldValueByte(_ byte: UInt8) -> Bool { (byte >= 0x20 && byte != 0x7F) || byte == 0x09 }
