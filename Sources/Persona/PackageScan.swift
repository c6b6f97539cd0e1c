// Sets the messages and the key of an opened package aside, so that only the small rest goes through the parser.
internal import Cryptography
internal import Encoding

/// Where the history of a package stands in its bytes, as far as it has this program's own form.
struct PackageScan {
    /// For each segment its messages, or nil where they stay in the rest.
    private(set) var segments: [StoredMessages?] = []
    /// Where the digits of the package's own key stand: no text that the parser makes may hold them.
    private(set) var secret: Range<Int>?
    /// What was set aside: between the brackets of arrays of messages, and the quotes of the key.
    private var cuts: [Range<Int>] = []
    private var hasHistory = false
    private let bytes: UnsafeBufferPointer<UInt8>

    /// Goes through a package; nil where the whole of it should go through the parser.
    init?(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        guard var scanner = JSONTextScanner(bytes), scanner.pass(UInt8(ascii: "{")) else { return nil }
        repeat {
            guard let key = scanner.text(), scanner.pass(UInt8(ascii: ":")) else { return nil }
            if secret == nil, bytes[key.range].elementsEqual("inbox_secret".utf8) {
                guard let digits = scanner.text(), !digits.hasEscape else { return nil }
                secret = digits.range
                cuts.append(digits.range)
                continue
            }
            guard !hasHistory, bytes[key.range].elementsEqual("history".utf8) else {
                guard scanner.skipValue() else { return nil }
                continue
            }
            hasHistory = true
            guard takeSegments(&scanner) else { return nil }
        } while scanner.pass(UInt8(ascii: ","))
        guard scanner.pass(UInt8(ascii: "}")), scanner.at == bytes.count, !cuts.isEmpty else { return nil }
    }

    /// The package without what was set aside.
    func rest() -> SecretBuffer {
        var rest = SecretBuffer(capacity: bytes.count - cuts.reduce(0) { $0 + $1.count })
        var start = 0
        for cut in cuts {
            rest.append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start..<cut.lowerBound]))
            start = cut.upperBound
        }
        rest.append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start...]))
        return rest
    }

    private mutating func takeSegments(_ scanner: inout JSONTextScanner) -> Bool {
        guard scanner.pass(UInt8(ascii: "[")) else { return false }
        if scanner.pass(UInt8(ascii: "]")) { return true }
        repeat {
            guard takeSegment(&scanner) else { return false }
        } while scanner.pass(UInt8(ascii: ","))
        return scanner.pass(UInt8(ascii: "]"))
    }

    private mutating func takeSegment(_ scanner: inout JSONTextScanner) -> Bool {
        guard scanner.pass(UInt8(ascii: "{")) else { return false }
        var stored: StoredMessages?
        repeat {
            guard let key = scanner.text(), scanner.pass(UInt8(ascii: ":")) else { return false }
            if stored == nil, bytes[key.range].elementsEqual("messages".utf8), scanner.byte == UInt8(ascii: "[") {
                var ahead = scanner
                _ = ahead.pass(UInt8(ascii: "["))
                let start = ahead.at
                if let messages = StoredMessages(&ahead, in: bytes) {
                    stored = messages
                    cuts.append(start..<ahead.at - 1)
                    scanner = ahead
                    continue
                }
            }
            guard scanner.skipValue() else { return false }
        } while scanner.pass(UInt8(ascii: ","))
        segments.append(stored)
        return scanner.pass(UInt8(ascii: "}"))
    }
}
