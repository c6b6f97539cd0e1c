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
        return text.withUTF8 { isPlain($0) }
    }

    /// The same of a text's bytes.
    static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
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
        return text.withUTF8 { hasMark($0) }
    }

    /// The same of a text's bytes.
    static func hasMark(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        return memchr(base, Int32(UInt8(ascii: "<")), bytes.count) != nil
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

    /// The same of a text's bytes: wherever the word's rarest letter stands, the letters around it are compared.
    static func spells(_ word: LetterPattern, in text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = text.baseAddress else { return false }
        for letter in [word.letters[word.rarest], word.letters[word.rarest] | 0x20] {
            var at = 0
            while at < text.count, let found = memchr(base + at, Int32(letter), text.count - at) {
                let place = UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
                if word.stands(around: place, in: text) { return true }
                at = place + 1
            }
        }
        return false
    }
}

/// A word in capital ASCII letters, searched for by its rarest letter.
struct LetterPattern: Sendable {
    let letters: [UInt8]
    /// The place of the letter that is rarest in English.
    let rarest: Int

    init(_ word: String) {
        let letters = Array(word.utf8)
        self.letters = letters
        let byFrequency = Array("ETAOINSHRDLCUMWFGYPBVKJXQZ".utf8)
        func rank(_ place: Int) -> Int { byFrequency.firstIndex(of: letters[place]) ?? 0 }
        rarest = letters.indices.max { rank($0) < rank($1) } ?? 0
    }

    /// Whether the letters before and behind a place where the rarest one stands make up the word.
    func stands(around place: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool {
        func letter(_ at: Int) -> UInt8? {
            let letter = text[at] & 0xDF
            return text[at] < 0x80 && (0x41...0x5A).contains(letter) ? letter : nil
        }
        var wanted = rarest - 1
        var at = place - 1
        while wanted >= 0 {
            guard at >= 0 else { return false }
            if let found = letter(at) {
                guard found == letters[wanted] else { return false }
                wanted -= 1
            }
            at -= 1
        }
        wanted = rarest + 1
        at = place + 1
        while wanted < letters.count {
            guard at < text.count else { return false }
            if let found = letter(at) {
                guard found == letters[wanted] else { return false }
                wanted += 1
            }
            at += 1
        }
        return true
    }
}
