// Numbers: whole ones exactly, the others as the nearest double.

extension JSONParser {
    /// No number is longer than this, in bytes: the longest double that means something has some 1,080 digits.
    static let longestNumber = 4096

    /// Reads a number of the strict grammar (RFC 8259 section 6).
    mutating func parseNumber() throws(JSONFault) -> JSON {
        let start = at
        let negative = base[at] == UInt8(ascii: "-")
        if negative { at += 1 }
        let integerStart = at
        let (magnitude, overflow) = skipDigits()
        let digits = at - integerStart
        if relaxed, digits == 1, magnitude == 0, at < count, base[at] | 0x20 == UInt8(ascii: "x") {
            return try parseHexadecimal(start: start, negative: negative)
        }
        let pointFollows = at < count && base[at] == UInt8(ascii: ".")
        guard digits > 0 || (relaxed && pointFollows) else { throw at < count ? faultAt(start) : fault(.unterminated) }
        guard digits <= 1 || base[integerStart] != UInt8(ascii: "0") else { throw faultAt(start) }
        var whole = true
        if pointFollows {
            whole = false
            try skipFraction(start: start, digitsBefore: digits)
        }
        if at < count, base[at] | 0x20 == UInt8(ascii: "e") {
            whole = false
            try skipExponent(start: start)
        }
        if whole, !overflow, let value = signed(magnitude, negative: negative) {
            return try checked(value, start: start)
        }
        guard !limits.onlySafeIntegers else { throw JSONFault(kind: .notCanonicalNumber, offset: start) }
        return .number(try makeDouble(start: start))
    }

    @inline(__always)
    private func faultAt(_ start: Int) -> JSONFault { JSONFault(kind: .invalidNumber, offset: start) }

    /// Passes digits; their value, and whether it went past 64 bits.
    @inline(__always)
    private mutating func skipDigits() -> (value: UInt64, overflow: Bool) {
        var value: UInt64 = 0
        var overflow = false
        while at < count {
            let digit = base[at] &- 0x30
            if digit > 9 { break }
            let (product, first) = value.multipliedReportingOverflow(by: 10)
            let (sum, second) = product.addingReportingOverflow(UInt64(digit))
            overflow = overflow || first || second
            value = sum
            at &+= 1
        }
        return (value, overflow)
    }

    private mutating func skipFraction(start: Int, digitsBefore: Int) throws(JSONFault) {
        at += 1
        let fractionStart = at
        _ = skipDigits()
        if at > fractionStart || (relaxed && digitsBefore > 0) { return }
        throw at < count ? faultAt(start) : fault(.unterminated)
    }

    private mutating func skipExponent(start: Int) throws(JSONFault) {
        at += 1
        if at < count, base[at] == UInt8(ascii: "+") || base[at] == UInt8(ascii: "-") { at += 1 }
        let digitStart = at
        _ = skipDigits()
        if at == digitStart { throw at < count ? faultAt(start) : fault(.unterminated) }
    }

    /// The signed value, unless it is outside 64 bits or minus zero, which only a double has.
    private func signed(_ magnitude: UInt64, negative: Bool) -> Int64? {
        guard negative else { return Int64(exactly: magnitude) }
        if magnitude == 0 { return nil }
        return magnitude <= 1 << 63 ? 0 &- Int64(truncatingIfNeeded: magnitude) : nil
    }

    private func checked(_ value: Int64, start: Int) throws(JSONFault) -> JSON {
        if limits.onlySafeIntegers, value.magnitude > UInt64(JSONLimits.largestSafeInteger) {
            throw JSONFault(kind: .notCanonicalNumber, offset: start)
        }
        return .integer(value)
    }

    /// The double nearest to the number's text; Swift's own conversion rounds correctly and knows no locale.
    private func makeDouble(start: Int) throws(JSONFault) -> Double {
        let text = UnsafeBufferPointer(start: base + start, count: at - start)
        guard text.count <= Self.longestNumber, let value = Double(String(decoding: text, as: UTF8.self)),
            value.isFinite
        else { throw faultAt(start) }
        return value
    }

    /// Reads the digits after `0x`, at most 64 bits' worth; whole numbers only.
    private mutating func parseHexadecimal(start: Int, negative: Bool) throws(JSONFault) -> JSON {
        at += 1
        var magnitude: UInt64 = 0
        let digitStart = at
        while at < count, let digit = Hex.value(of: base[at]) {
            guard magnitude >> 60 == 0 else { throw faultAt(start) }
            magnitude = magnitude << 4 | UInt64(digit)
            at += 1
        }
        guard at > digitStart else { throw at < count ? faultAt(start) : fault(.unterminated) }
        if magnitude == 0 { return .integer(0) }
        guard let value = signed(magnitude, negative: negative) else { throw faultAt(start) }
        return try checked(value, start: start)
    }
}
