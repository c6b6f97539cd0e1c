// What the settings dialect adds to strict JSON: the part of JSON5 that people use when they write by hand.

extension JSONParser {
    /// Passes one comment or one of JSON5's further white-space characters; false where there is none.
    mutating func skipRelaxedSpace() throws(JSONFault) -> Bool {
        switch base[at] {
        case 0x0B, 0x0C:
            at += 1
            return true
        case 0xC2 where follows([0xC2, 0xA0]):  // no-break space
            at += 2
            return true
        case 0xE2 where follows([0xE2, 0x80, 0xA8]) || follows([0xE2, 0x80, 0xA9]):  // line and paragraph separator
            at += 3
            return true
        case UInt8(ascii: "/"): return try skipComment()
        default: return false
        }
    }

    private func follows(_ bytes: [UInt8]) -> Bool {
        at + bytes.count <= count && bytes.indices.allSatisfy { base[at + $0] == bytes[$0] }
    }

    private mutating func skipComment() throws(JSONFault) -> Bool {
        let start = at
        if follows(Array("//".utf8)) {
            while at < count, base[at] != 0x0A, base[at] != 0x0D { at += 1 }
            try checkUTF8(from: start)
            return true
        }
        guard follows(Array("/*".utf8)) else { throw fault(.unexpectedByte) }
        at += 2
        while !follows(Array("*/".utf8)) {
            guard at < count else { throw fault(.unterminated) }
            at += 1
        }
        at += 2
        try checkUTF8(from: start)
        return true
    }

    private func checkUTF8(from start: Int) throws(JSONFault) {
        let comment = UnsafeBufferPointer(start: base + start, count: at - start)
        guard String(validating: comment, as: UTF8.self) == nil else { return }
        throw JSONFault(kind: .invalidUTF8, offset: start)
    }

    /// Reads a value that only the relaxed dialect has: a single-quoted string, or a number after `+` or `.`.
    mutating func parseRelaxedValue() throws(JSONFault) -> JSON {
        switch base[at] {
        case UInt8(ascii: "'"): return .string(try parseString(quote: UInt8(ascii: "'")))
        case UInt8(ascii: "."): return try parseNumber()
        case UInt8(ascii: "+"):
            at += 1
            guard at < count, base[at] == UInt8(ascii: ".") || (0x30...0x39).contains(base[at]) else {
                throw faultHere()
            }
            return try parseNumber()
        default: throw fault(.unexpectedByte)
        }
    }

    /// Reads a single-quoted or a bare key: ASCII letters, digits, `_` and `$`, not starting with a digit.
    mutating func parseRelaxedKey() throws(JSONFault) -> String {
        if base[at] == UInt8(ascii: "'") { return try parseString(quote: UInt8(ascii: "'")) }
        let start = at
        while at < count {
            let byte = base[at]
            let letter = (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
            guard letter || (at > start && (0x30...0x39).contains(byte)) else { break }
            at += 1
        }
        guard at > start else { throw faultHere() }
        return String(decoding: UnsafeBufferPointer(start: base + start, count: at - start), as: UTF8.self)
    }

    /// Reads the rest of an escape that only the relaxed dialect has; `byte` is the one after the backslash.
    mutating func parseRelaxedEscape(_ byte: UInt8, escapeStart: Int) throws(JSONFault) {
        switch byte {
        case UInt8(ascii: "'"): scratch.append(byte)
        case UInt8(ascii: "v"): scratch.append(0x0B)
        case UInt8(ascii: "0"):
            guard at >= count || !(0x30...0x39).contains(base[at]) else {
                throw JSONFault(kind: .invalidEscape, offset: escapeStart)
            }
            scratch.append(0)
        case UInt8(ascii: "x"):
            let value = try parseHexDigits(2, escapeStart: escapeStart)
            append(Unicode.Scalar(UInt8(truncatingIfNeeded: value)))
        case 0x0A: return  // a line continued
        case 0x0D: if at < count, base[at] == 0x0A { at += 1 }
        default: throw JSONFault(kind: .invalidEscape, offset: escapeStart)
        }
    }
}
