// A text that stays as it stands in a JSON document, so that it can be copied on without being read.

/// A text within a JSON document, escapes and all, without its quotes; it shares the document's bytes.
public struct JSONText: Sendable {
    private let document: [UInt8]
    private let start: Int
    private let end: Int
    /// How many ASCII characters the text has once its escapes are read.
    public let asciiCount: Int
    /// How many bytes of other characters it has in UTF-8.
    public let otherCount: Int
    /// Whether it holds no escapes but those of quotes, backslashes and slashes.
    public let isPlain: Bool

    /// The text in a range of a document's bytes, which a scanner has checked and counted.
    package init(
        in document: [UInt8], range: Range<Int>, asciiCount: Int, otherCount: Int, isPlain: Bool
    ) {
        precondition(range.upperBound <= document.count, "a text lies within its document")
        self.document = document
        start = range.lowerBound
        end = range.upperBound
        self.asciiCount = asciiCount
        self.otherCount = otherCount
        self.isPlain = isPlain
    }

    /// A text of its own.
    public init(_ text: String) {
        var writer = JSONWriter(indented: false)
        writer.appendString(text)
        let others = text.utf8.reduce(into: 0) { $0 += Int($1 >> 7) }
        self.init(
            in: writer.bytes, range: 1..<writer.bytes.count - 1, asciiCount: text.utf8.count - others,
            otherCount: others, isPlain: false)
    }

    /// The bytes of the text in UTF-8, once its escapes are read.
    public var utf8Count: Int { asciiCount + otherCount }

    /// Lends the bytes as they stand in the document.
    @inline(__always)
    public func withEscapedBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        document.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[start..<end])) }
    }

    /// The text itself.
    public var string: String {
        let hasEscape = withEscapedBytes { bytes in PlainText.end(of: bytes, from: 0) < bytes.count }
        guard hasEscape else { return withEscapedBytes { String(decoding: $0, as: UTF8.self) } }
        // A scanner has checked it, so that it reads as the one value of a document.
        let quoted = [UInt8(ascii: "\"")] + document[start..<end] + [UInt8(ascii: "\"")]
        let limits = JSONLimits(maximumBytes: quoted.count, maximumDepth: 1)
        return (try? JSON.parse(quoted, limits: limits))?.string ?? ""
    }
}

extension JSONText: Hashable {
    /// Whether two texts read the same.
    public static func == (left: JSONText, right: JSONText) -> Bool { sameBytes(left.string, right.string) }

    /// Feeds the text, as it reads, into a hasher.
    public func hash(into hasher: inout Hasher) { hashBytes(of: string, into: &hasher) }
}
