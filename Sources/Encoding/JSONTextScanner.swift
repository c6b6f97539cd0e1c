// Finds, checks and counts the texts of a compact JSON document, sixteen bytes at a time.
internal import Glibc

/// Reads on in a compact document, as this program writes it; at anything else its caller turns to the parser.
package struct JSONTextScanner {
    private let base: UnsafePointer<UInt8>
    private let count: Int
    /// Where it is.
    package private(set) var at: Int

    /// A scanner at a place of a document that outlives it.
    package init?(_ bytes: UnsafeBufferPointer<UInt8>, at: Int = 0) {
        guard let base = bytes.baseAddress else { return nil }
        self.base = base
        count = bytes.count
        self.at = at
    }

    /// The byte here; 0 at the end.
    @inline(__always)
    package var byte: UInt8 { at < count ? base[at] : 0 }

    /// Passes a byte, if it stands here.
    @inline(__always)
    package mutating func pass(_ wanted: UInt8) -> Bool {
        guard at < count, base[at] == wanted else { return false }
        at &+= 1
        return true
    }

    /// Passes these bytes, if they stand here.
    @inline(__always)
    package mutating func pass(_ wanted: StaticString) -> Bool {
        guard at &+ wanted.utf8CodeUnitCount <= count,
            memcmp(base + at, wanted.utf8Start, wanted.utf8CodeUnitCount) == 0
        else { return false }
        at &+= wanted.utf8CodeUnitCount
        return true
    }

    /// What a text is made of.
    package struct Text {
        /// Its bytes in the document, without the quotes.
        package let range: Range<Int>
        /// As ``JSONText/asciiCount``.
        package let asciiCount: Int
        /// As ``JSONText/otherCount``.
        package let otherCount: Int
        /// As ``JSONText/isPlain``.
        package let isPlain: Bool
        /// Whether it has any escape.
        package let hasEscape: Bool

        /// The same text of a document that begins elsewhere.
        package init(_ text: Text, movedBy distance: Int) {
            self.init(
                range: text.range.lowerBound + distance..<text.range.upperBound + distance,
                asciiCount: text.asciiCount, otherCount: text.otherCount, isPlain: text.isPlain,
                hasEscape: text.hasEscape)
        }

        init(range: Range<Int>, asciiCount: Int, otherCount: Int, isPlain: Bool, hasEscape: Bool) {
            self.range = range
            self.asciiCount = asciiCount
            self.otherCount = otherCount
            self.isPlain = isPlain
            self.hasEscape = hasEscape
        }
    }

    /// Passes a text with its quotes; nil where none stands here, or one that only the parser should judge.
    package mutating func text() -> Text? {
        guard pass(UInt8(ascii: "\"")) else { return nil }
        let start = at
        var others = 0
        var escapes = 0
        var isPlain = true
        while true {
            others &+= skipPlain()
            guard at < count else { return nil }
            let byte = base[at]
            if byte == UInt8(ascii: "\"") { break }
            guard byte == UInt8(ascii: "\\"), at &+ 1 < count else { return nil }
            switch base[at + 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): break
            case UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "r"), UInt8(ascii: "b"), UInt8(ascii: "f"):
                isPlain = false
            default: return nil
            }
            escapes &+= 1
            at &+= 2
        }
        let range = start..<at
        at &+= 1
        if others > 0, !Self.isUTF8(UnsafeBufferPointer(start: base + start, count: range.count)) { return nil }
        return Text(
            range: range, asciiCount: range.count - others - escapes, otherCount: others, isPlain: isPlain,
            hasEscape: escapes > 0)
    }

    /// Passes any value, checking no more of it than where it ends.
    package mutating func skipValue() -> Bool {
        var depth = 0
        repeat {
            guard at < count else { return false }
            switch base[at] {
            case UInt8(ascii: "\""): guard skipText() else { return false }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth &+= 1
                at &+= 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth &-= 1
                at &+= 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                guard depth > 0 else { return false }
                at &+= 1
            default:
                let before = at
                while at < count, Self.standsInWord(base[at]) { at &+= 1 }
                guard at > before else { return false }
            }
        } while depth > 0
        return depth == 0
    }

    private static func standsInWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "E"),
            UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private mutating func skipText() -> Bool {
        at &+= 1
        while true {
            _ = skipPlain()
            guard at < count else { return false }
            let byte = base[at]
            if byte == UInt8(ascii: "\"") {
                at &+= 1
                return true
            }
            guard byte == UInt8(ascii: "\\") else { return false }
            at &+= 2
        }
    }

    /// Goes to the next quote, backslash or control character; returns how many bytes before it were not ASCII.
    @inline(__always)
    private mutating func skipPlain() -> Int {
        var others = 0
        while at &+ PlainText.width <= count {
            let block = PlainText.Block(base + at)
            if let place = block.firstEscape(quote: 0x22) {
                others &+= block.others(before: place)
                at &+= place
                return others
            }
            others &+= block.others(before: PlainText.width)
            at &+= PlainText.width
        }
        while at < count {
            let byte = base[at]
            if byte == 0x22 || byte == 0x5C || byte < 0x20 { return others }
            others &+= Int(byte >> 7)
            at &+= 1
        }
        return others
    }

    private static func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.utf8.count == bytes.count else { return false }
        let isSame = text.utf8.withContiguousStorageIfAvailable { utf8 in
            guard let left = utf8.baseAddress, let right = bytes.baseAddress else { return bytes.isEmpty }
            return memcmp(left, right, bytes.count) == 0
        }
        return isSame ?? text.utf8.elementsEqual(bytes)
    }
}
