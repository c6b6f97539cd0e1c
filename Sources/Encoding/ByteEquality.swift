// Strings compared, ordered and hashed by their bytes: Swift's own equality merges canonically equivalent texts.

/// Whether two texts have the same UTF-8 bytes.
///
/// Same bytes imply Swift's equality, whose fast paths (same bits, both ASCII) settle nearly every case.
@inline(__always)
func sameBytes(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && left == right && left.utf8.elementsEqual(right.utf8)
}

/// Feeds a text's UTF-8 bytes and their number into a hasher.
@inline(__always)
func hashBytes(of text: String, into hasher: inout Hasher) {
    hasher.combine(text.utf8.count)
    let done: Void? = text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    if done == nil { for byte in text.utf8 { hasher.combine(byte) } }
}

/// A dictionary key told apart by its bytes.
struct ByteKey: Hashable {
    let text: String

    static func == (left: ByteKey, right: ByteKey) -> Bool { sameBytes(left.text, right.text) }

    func hash(into hasher: inout Hasher) { hashBytes(of: text, into: &hasher) }
}

/// Whether one text comes before another in the order of UTF-16 code units, as RFC 8785 section 3.2.3 asks.
///
/// UTF-8 bytes order by code point; UTF-16 differs only in that U+E000 to U+FFFF (lead bytes EE and EF) come after the
/// surrogate pairs (lead bytes F0 and up), so the first differing byte decides once those two are lifted above F4.
func precedesInUTF16(_ left: String, _ right: String) -> Bool {
    var a = left.utf8.makeIterator()
    var b = right.utf8.makeIterator()
    while true {
        guard let y = b.next() else { return false }
        guard let x = a.next() else { return true }
        if x != y { return rank(x) < rank(y) }
    }
}

@inline(__always)
private func rank(_ byte: UInt8) -> UInt8 { byte == 0xEE || byte == 0xEF ? byte + 0x10 : byte }
