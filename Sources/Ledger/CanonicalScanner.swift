// A one-pass reader that accepts exactly the canonical bytes of the format, and nothing else.
internal import Encoding

/// Walks over bytes and tells whether they are the canonical form (RFC 8785 within the ledger's limits) of one object.
///
/// Parsing, writing anew and comparing says the same (a test holds the two together) at several times the cost,
/// which is what a verification of millions of spans would mostly consist of.
struct CanonicalScanner {
    static let maximumDepth = 32

    /// Where a member stands, quotes included.
    struct Member {
        let key: Range<Int>
        let value: Range<Int>
    }

    private let base: UnsafePointer<UInt8>
    private let count: Int
    private(set) var at = 0
    /// The members of the object that was read last among the values of the outermost one.
    private var inner: [Member] = []

    private init(_ bytes: UnsafeBufferPointer<UInt8>, base: UnsafePointer<UInt8>) {
        self.base = base
        count = bytes.count
    }

    /// Reads one object that fills the bytes; hands out the key and value ranges of its own members, quotes included,
    /// and where a value is an object itself those of its members, which so need no second reading.
    static func members(
        of bytes: UnsafeBufferPointer<UInt8>,
        _ member: (_ key: Range<Int>, _ value: Range<Int>, _ inner: [Member]) -> Void
    ) -> Bool {
        guard let base = bytes.baseAddress, bytes.count <= JSONBounds.maximumSpanBytes else { return false }
        var scanner = CanonicalScanner(bytes, base: base)
        return scanner.outermost(member) && scanner.at == bytes.count
    }

    private mutating func outermost(_ member: (Range<Int>, Range<Int>, [Member]) -> Void) -> Bool {
        inner.reserveCapacity(32)
        return object(depth: 1) { scanner, key, value in
            member(key, value, scanner.inner)
            scanner.inner.removeAll(keepingCapacity: true)
        }
    }

    private mutating func value(depth: Int) -> Bool {
        guard at < count else { return false }
        switch base[at] {
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "{") where depth == 1:
            return object(depth: 2) { scanner, key, value in scanner.inner.append(Member(key: key, value: value)) }
        case UInt8(ascii: "{"): return object(depth: depth + 1) { _, _, _ in }
        case UInt8(ascii: "["): return array(depth: depth + 1)
        case UInt8(ascii: "t"): return word("true")
        case UInt8(ascii: "f"): return word("false")
        case UInt8(ascii: "n"): return word("null")
        default: return integer()
        }
    }

    @inline(__always)
    private mutating func object(
        depth: Int, _ member: (inout CanonicalScanner, Range<Int>, Range<Int>) -> Void
    ) -> Bool {
        guard depth <= Self.maximumDepth, take(UInt8(ascii: "{")) else { return false }
        if take(UInt8(ascii: "}")) { return true }
        var previous: Range<Int>?
        while true {
            let keyStart = at
            guard string() else { return false }
            let key = keyStart..<at
            if let previous, !precedes(previous, key) { return false }
            previous = key
            guard take(UInt8(ascii: ":")) else { return false }
            let valueStart = at
            guard value(depth: depth) else { return false }
            member(&self, key, valueStart..<at)
            if take(UInt8(ascii: ",")) { continue }
            return take(UInt8(ascii: "}"))
        }
    }

    private mutating func array(depth: Int) -> Bool {
        guard depth <= Self.maximumDepth, take(UInt8(ascii: "[")) else { return false }
        if take(UInt8(ascii: "]")) { return true }
        repeat {
            guard value(depth: depth) else { return false }
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "]"))
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard at < count, base[at] == byte else { return false }
        at += 1
        return true
    }

    private mutating func word(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard at + length <= count else { return false }
        for index in 0..<length where base[at + index] != word.utf8Start[index] { return false }
        at += length
        return true
    }

    /// A whole number within ±(2^53−1), without `-0` or leading zeros.
    private mutating func integer() -> Bool {
        let isNegative = take(UInt8(ascii: "-"))
        let start = at
        var magnitude = 0
        while at < count, (0x30...0x39).contains(base[at]) {
            guard at - start < 16 else { return false }
            magnitude = magnitude * 10 + Int(base[at] - 0x30)
            at += 1
        }
        guard at > start, magnitude <= JSONBounds.largestInteger else { return false }
        if base[start] == 0x30 { return at == start + 1 && !isNegative }
        return true
    }

    /// A string with the escapes that RFC 8785 prescribes and no others, in well-formed UTF-8.
    private mutating func string() -> Bool {
        guard take(UInt8(ascii: "\"")) else { return false }
        let start = at
        var isASCII = true
        skipPlain()
        while at < count {
            let byte = base[at]
            at += 1
            if byte == UInt8(ascii: "\"") {
                guard !isASCII else { return true }
                let text = UnsafeBufferPointer(start: base + start, count: at - 1 - start)
                return String(validating: text, as: UTF8.self) != nil
            }
            if byte == UInt8(ascii: "\\") {
                guard escape() else { return false }
                skipPlain()
            } else if byte < 0x20 {
                return false
            } else if byte >= 0x80 {
                isASCII = false
            }
        }
        return false
    }

    /// Passes over eight bytes at once as long as none of them is a quote, a backslash, a control or beyond ASCII.
    @inline(__always)
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let base = UnsafeRawPointer(base)
        while at + 8 <= count {
            let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let (quote, backslash) = (word ^ (ones &* 0x22), word ^ (ones &* 0x5C))
            // The top bit of a byte is set where it is 0, or below 0x20; the lowest of them is never a false one.
            let special =
                ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word | word)
                & (ones &* 0x80)
            if special != 0 {
                at += special.trailingZeroBitCount / 8
                return
            }
            at += 8
        }
    }

    private mutating func escape() -> Bool {
        guard at < count else { return false }
        let byte = base[at]
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            return true
        case UInt8(ascii: "u"):
            // Only control characters without a short form are written with their number, in lower case.
            guard at + 4 <= count, base[at] == 0x30, base[at + 1] == 0x30, base[at + 2] == 0x30 || base[at + 2] == 0x31
            else { return false }
            let last = base[at + 3]
            let digit: UInt8
            switch last {
            case 0x30...0x39: digit = last - 0x30
            case 0x61...0x66: digit = last - 0x57
            default: return false
            }
            let code = (base[at + 2] - 0x30) << 4 | digit
            guard ![0x08, 0x09, 0x0A, 0x0C, 0x0D].contains(code) else { return false }
            at += 4
            return true
        default: return false
        }
    }

    /// Whether one key, quotes included, comes before another in the order of UTF-16 code units.
    private func precedes(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        let (a, b) = (left.lowerBound + 1, right.lowerBound + 1)
        let (aCount, bCount) = (left.count - 2, right.count - 2)
        for index in 0..<min(aCount, bCount) {
            let (x, y) = (base[a + index], base[b + index])
            // Escapes and everything beyond ASCII are compared as the characters they stand for.
            if x == UInt8(ascii: "\\") || y == UInt8(ascii: "\\") || x >= 0x80 || y >= 0x80 {
                return text(left).utf16.lexicographicallyPrecedes(text(right).utf16)
            }
            if x != y { return x < y }
        }
        return aCount < bCount
    }

    private func text(_ range: Range<Int>) -> String {
        let bytes = UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
        return (try? JSON.parse(bytes))?.string ?? ""
    }
}
