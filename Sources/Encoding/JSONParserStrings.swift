// Strings: eight bytes at a time to the next byte that matters, UTF-8 checked once, escapes decoded.
internal import Glibc

extension JSONParser {
    /// Reads a string from its opening quote; leaves off behind the closing one.
    mutating func parseString(quote: UInt8) throws(JSONFault) -> String {
        at += 1
        let start = at
        skipPlain(quote: quote)
        guard at < count else { throw fault(.unterminated) }
        if base[at] == quote {
            let text = try makeString(UnsafeBufferPointer(start: base + start, count: at - start), sourceStart: start)
            at += 1
            return text
        }
        return try parseEscapedString(quote: quote, start: start)
    }

    /// Goes on to the next quote, backslash or control character, or the end.
    @inline(__always)
    private mutating func skipPlain(quote: UInt8) {
        while at &+ PlainText.width <= count {
            if let place = PlainText.Block(base + at).firstEscape(quote: quote) {
                at &+= place
                return
            }
            at &+= PlainText.width
        }
        while at < count {
            let byte = base[at]
            if byte == quote || byte == 0x5C || byte < 0x20 { return }
            at &+= 1
        }
    }

    private mutating func parseEscapedString(quote: UInt8, start: Int) throws(JSONFault) -> String {
        scratch.removeAll(keepingCapacity: true)
        var runStart = start
        while true {
            scratch.append(contentsOf: UnsafeBufferPointer(start: base + runStart, count: at - runStart))
            guard at < count else { throw fault(.unterminated) }
            let byte = base[at]
            if byte == quote { break }
            guard byte == 0x5C else { throw fault(.controlCharacter) }
            try parseEscape()
            runStart = at
            skipPlain(quote: quote)
        }
        let result: Result<String, JSONFault> = scratch.withUnsafeBufferPointer { bytes in
            do throws(JSONFault) {
                return .success(try makeString(bytes, sourceStart: start))
            } catch {
                return .failure(error)
            }
        }
        at += 1
        return try result.get()
    }

    /// Reads one escape from its backslash and adds what it stands for to the scratch bytes.
    private mutating func parseEscape() throws(JSONFault) {
        let escapeStart = at
        at += 1
        guard at < count else { throw fault(.unterminated) }
        let byte = base[at]
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(byte)
        case UInt8(ascii: "b"): scratch.append(0x08)
        case UInt8(ascii: "f"): scratch.append(0x0C)
        case UInt8(ascii: "n"): scratch.append(0x0A)
        case UInt8(ascii: "r"): scratch.append(0x0D)
        case UInt8(ascii: "t"): scratch.append(0x09)
        case UInt8(ascii: "u"): append(try parseUnicodeEscape(escapeStart: escapeStart))
        default:
            guard relaxed else { throw JSONFault(kind: .invalidEscape, offset: escapeStart) }
            try parseRelaxedEscape(byte, escapeStart: escapeStart)
        }
    }

    /// Reads what follows `\u`, with the second half of a surrogate pair where there is one.
    private mutating func parseUnicodeEscape(escapeStart: Int) throws(JSONFault) -> Unicode.Scalar {
        let lone = JSONFault(kind: .loneSurrogate, offset: escapeStart)
        let first = try parseHexDigits(4, escapeStart: escapeStart)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, at + 1 < count, base[at] == 0x5C, base[at + 1] == UInt8(ascii: "u") else { throw lone }
        let secondStart = at
        at += 2
        let second = try parseHexDigits(4, escapeStart: secondStart)
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw lone }
        return scalar
    }

    /// Reads that many hexadecimal digits.
    mutating func parseHexDigits(_ digits: Int, escapeStart: Int) throws(JSONFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard at < count else { throw fault(.unterminated) }
            guard let digit = Hex.value(of: base[at]) else {
                throw JSONFault(kind: .invalidEscape, offset: escapeStart)
            }
            value = value << 4 | UInt32(digit)
            at += 1
        }
        return value
    }

    /// Adds a character's UTF-8 bytes to the scratch bytes.
    mutating func append(_ scalar: Unicode.Scalar) { scratch.append(contentsOf: scalar.utf8) }

    /// A string of checked bytes; escapes decode to whole characters, so a fault lies in the source's own bytes.
    private func makeString(
        _ bytes: UnsafeBufferPointer<UInt8>, sourceStart: Int
    ) throws(JSONFault) -> String {
        // `String(validating:)` looks up generic metadata for every string; what was repaired differs from its source.
        let text = String(decoding: bytes, as: UTF8.self)
        if text.utf8.count == bytes.count, Self.isSame(text, bytes) { return text }
        let source = UnsafeBufferPointer(start: base + sourceStart, count: at - sourceStart)
        throw JSONFault(kind: .invalidUTF8, offset: sourceStart + firstInvalidUTF8(source))
    }

    private static func isSame(_ text: String, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return true }
        let isSame = text.utf8.withContiguousStorageIfAvailable { utf8 in
            utf8.baseAddress.map { memcmp($0, base, bytes.count) == 0 } ?? false
        }
        return isSame ?? text.utf8.elementsEqual(bytes)
    }
}

/// The offset of the first byte that belongs to no well-formed UTF-8 sequence; the count if there is none.
private func firstInvalidUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var offset = 0
    while offset < bytes.count {
        var length = 0
        for candidate in 1...4 where offset + candidate <= bytes.count {
            if String(validating: bytes[offset..<offset + candidate], as: UTF8.self) != nil {
                length = candidate
                break
            }
        }
        if length == 0 { return offset }
        offset += length
    }
    return offset
}
