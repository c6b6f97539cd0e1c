// Byte scans that let the usual text through the envelopes quickly: a persona of 64 KiB is wrapped in every run.
internal import Glibc

/// What can be told of a text by its UTF-8 bytes alone.
enum TextScreening {
    /// Whether the text holds nothing that the envelopes take out.
    ///
    /// That is: no control but `\n` and `\t`, no other line break, no direction mark, no invisible character. True is
    /// certain; false may also be said of a text that a closer look leaves as it is.
    static func isPlain(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var index = 0
            while index < bytes.count {
                index = endOfVisibleASCII(in: bytes, from: index)
                guard index < bytes.count else { return true }
                let byte = bytes[index]
                index += 1
                if byte >= 0x20, byte < 0x7F { continue }
                if byte < 0x80 {
                    guard byte == 0x0A || byte == 0x09 else { return false }
                    continue
                }
                // Only these lead bytes begin a character that is taken out.
                guard byte == 0xC2 || byte == 0xD8 || byte == 0xE1 || byte == 0xE2 || byte == 0xEF || byte == 0xF3
                else {
                    continue
                }
                let second = index < bytes.count ? bytes[index] : 0
                let third = index + 1 < bytes.count ? bytes[index + 1] : 0
                if isSuspicious(byte, second, third) { return false }
            }
            return true
        }
    }

    /// Goes on, eight bytes at a time, as long as all are visible ASCII; one of the eight where it stops may not be.
    private static func endOfVisibleASCII(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        guard let base = bytes.baseAddress else { return start }
        let ones: UInt64 = 0x0101_0101_0101_0101
        var index = start
        while index &+ 8 <= bytes.count {
            let word = UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)
            // A high bit in the word itself, below a space, or one less than 0x80: DEL.
            let low = (word &- ones &* 0x20) & ~word
            let others = word | low | (word &+ ones)
            if others & (ones &* 0x80) != 0 { break }
            index &+= 8
        }
        return index
    }

    /// Whether the text has a `<` at all.
    static func hasMark(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            guard let base = bytes.baseAddress else { return false }
            return memchr(base, Int32(UInt8(ascii: "<")), bytes.count) != nil
        }
    }

    private static func isSuspicious(_ lead: UInt8, _ second: UInt8, _ third: UInt8) -> Bool {
        switch (lead, second) {
        case (0xC2, 0x80...0x9F), (0xC2, 0xAD): true  // C1 controls, soft hyphen
        case (0xD8, 0x9C): true  // U+061C
        case (0xE1, 0xA0): third == 0x8E  // U+180E
        case (0xE2, 0x80):  // U+200B, U+200E, U+200F, U+2028 to U+202E
            third == 0x8B || third == 0x8E || third == 0x8F || (0xA8...0xAE).contains(third)
        case (0xE2, 0x81): (0xA0...0xAF).contains(third)  // U+2060 to U+206F
        case (0xEF, 0xBB): third == 0xBF  // byte order mark
        case (0xEF, 0xBF): (0xB9...0xBB).contains(third)  // annotations
        case (0xF3, _): true  // tags are among these
        default: false
        }
    }

    /// The lines of a text whose only line break is `\n`, by bytes: by characters would cost a hundred times as much.
    static func lines(of text: String) -> [Substring] {
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { Substring($0) }
    }

    /// Whether the letters of a text, in any case and with anything else between them, spell this word somewhere.
    static func spells(_ word: LetterPattern, in text: Substring) -> Bool {
        guard text.utf8.count >= word.letters.count else { return false }
        return text.utf8.withContiguousStorageIfAvailable { spells(word, in: $0) }
            ?? Array(text.utf8).withUnsafeBufferPointer { spells(word, in: $0) }
    }

    private static func spells(_ word: LetterPattern, in text: UnsafeBufferPointer<UInt8>) -> Bool {
        word.letters.withUnsafeBufferPointer { letters in
            word.failures.withUnsafeBufferPointer { failures in
                var matched = 0
                for byte in text {
                    let letter = byte & 0xDF
                    guard byte < 0x80, letter >= 0x41, letter <= 0x5A else { continue }
                    while matched > 0, letters[matched] != letter { matched = failures[matched - 1] }
                    if letters[matched] == letter { matched += 1 }
                    if matched == letters.count { return true }
                }
                return false
            }
        }
    }
}

/// A word in capital ASCII letters, prepared for searching in one pass (Knuth, Morris and Pratt).
struct LetterPattern: Sendable {
    let letters: [UInt8]
    /// For each place, the length of the longest proper prefix of the word that ends there.
    let failures: [Int]

    init(_ word: String) {
        letters = Array(word.utf8)
        var failures = [Int](repeating: 0, count: letters.count)
        var length = 0
        for index in letters.indices.dropFirst() {
            while length > 0, letters[length] != letters[index] { length = failures[length - 1] }
            if letters[length] == letters[index] { length += 1 }
            failures[index] = length
        }
        self.failures = failures
    }
}
