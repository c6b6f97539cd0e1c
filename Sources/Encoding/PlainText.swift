// Finds the next byte of a string that JSON escapes, eight at a time.

/// What readers and writers of JSON ask of a string, eight bytes at a time.
package enum PlainText {
    /// The place of the first quote, backslash or control character at or behind `start`; the count if there is none.
    package static func end(of bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var at = start
        while at &+ 8 <= bytes.count {
            let word = UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self)
            if mayEscape(in: word) { break }
            at &+= 8
        }
        while at < bytes.count {
            let byte = base[at]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { return at }
            at &+= 1
        }
        return at
    }

    /// Whether one of eight bytes may be the quote, a backslash or a control character; never false where one is.
    ///
    /// The classic zero-byte test, three times: control characters, the quote, the backslash. A zero byte borrows, and
    /// that of a byte before it may reach a later one: a hit is looked at byte by byte.
    @inline(__always)
    static func mayEscape(in word: UInt64, quote: UInt8 = 0x22) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let control = (word &- ones &* 0x20) & ~word
        let quotes = word ^ (ones &* UInt64(quote))
        let slashes = word ^ (ones &* 0x5C)
        let hits = control | (quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes
        return hits & 0x8080_8080_8080_8080 != 0
    }
}
