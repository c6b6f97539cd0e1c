// Finds the next byte of a string that JSON escapes, sixteen at a time.

/// What readers and writers of JSON ask of a string, sixteen bytes at a time.
package enum PlainText {
    /// How many bytes one look takes in.
    static let width = 16

    /// The place of the first quote, backslash or control character at or behind `start`; the count if there is none.
    package static func end(of bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var at = start
        while at &+ width <= bytes.count {
            let block = Block(base + at)
            if let place = block.firstEscape(quote: 0x22) { return at &+ place }
            at &+= width
        }
        while at < bytes.count {
            let byte = bytes[at]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { return at }
            at &+= 1
        }
        return at
    }

    /// Sixteen bytes of a string, as two words: the vectors that Swift compares byte by byte are slower.
    struct Block {
        private let words: SIMD2<UInt64>

        /// Those from here on.
        @inline(__always)
        init(_ base: UnsafePointer<UInt8>) {
            words = UnsafeRawPointer(base).loadUnaligned(as: SIMD2<UInt64>.self)
        }

        /// The place of the first quote, backslash or control character among them; nil where there is none.
        ///
        /// The classic zero-byte test, three times: control characters, the quote, the backslash. A byte that is found
        /// borrows, so that later ones of its word may look found too; the first one is.
        @inline(__always)
        func firstEscape(quote: UInt8) -> Int? {
            let ones = SIMD2<UInt64>(repeating: 0x0101_0101_0101_0101)
            let control = (words &- SIMD2(repeating: 0x2020_2020_2020_2020)) & ~words
            let quotes = words ^ SIMD2(repeating: 0x0101_0101_0101_0101 &* UInt64(quote))
            let slashes = words ^ SIMD2(repeating: 0x5C5C_5C5C_5C5C_5C5C)
            let hits =
                (control | (quotes &- ones) & ~quotes | (slashes &- ones) & ~slashes)
                & SIMD2(repeating: 0x8080_8080_8080_8080)
            if hits[0] | hits[1] == 0 { return nil }
            return hits[0] != 0 ? hits[0].trailingZeroBitCount &>> 3 : 8 &+ hits[1].trailingZeroBitCount &>> 3
        }

        /// How many of the first so many bytes are not ASCII.
        @inline(__always)
        func others(before place: Int) -> Int {
            let high = words & SIMD2(repeating: 0x8080_8080_8080_8080)
            if high[0] | high[1] == 0 { return 0 }
            // A shift by 64 and more leaves none.
            let low = high[0] & ~(UInt64.max << (UInt64(place) * 8))
            let rest = high[1] & ~(UInt64.max << (UInt64(max(0, place - 8)) * 8))
            return low.nonzeroBitCount &+ rest.nonzeroBitCount
        }
    }
}
