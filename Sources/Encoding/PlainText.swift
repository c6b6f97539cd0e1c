// Finds the next byte of a string that JSON escapes, eight at a time.

/// What both of the package's writers of JSON ask of a string.
package enum PlainText {
    /// The place of the first quote, backslash or control character at or behind `start`; the count if there is none.
    package static func end(of bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        var at = start
        while at &+ 8 <= bytes.count {
            let word = UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self)
            // A zero byte borrows; that of a byte before it may reach a later one, so a hit is looked at byte by byte.
            let control = (word &- ones &* 0x20) & ~word
            let quotes = word ^ (ones &* 0x22)
            let slashes = word ^ (ones &* 0x5C)
            let hits = control | (quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes
            if hits & high != 0 { break }
            at &+= 8
        }
        while at < bytes.count {
            let byte = base[at]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { return at }
            at &+= 1
        }
        return at
    }
}
