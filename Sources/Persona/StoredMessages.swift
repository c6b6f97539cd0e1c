// Messages of a segment as they stand in the opened document: found and checked in one pass, read one by one.
internal import Encoding

/// The messages of one segment in this program's own form; whatever has another form is left to the parser.
struct StoredMessages: Sendable {
    /// What stands between the brackets of the array of messages.
    let document: [UInt8]
    /// Bytes of text in all messages.
    let textBytes: Int
    private let places: [Place]

    private struct Place {
        var object: Range<Int>
        var text: JSONTextScanner.Text
        var role: HistoryMessage.Role
        var kind: Kind
    }

    /// What a context needs to know of a message's kind.
    private enum Kind {
        /// The text is shown as it is.
        case bare
        /// The text is a day's prompt.
        case prompt
        /// The whole message is read.
        case other
    }

    /// Goes through the messages at a scanner, which stands behind the bracket that opens them.
    ///
    /// Nil where anything has another form than this program gives it; the scanner is then anywhere.
    init?(_ scanner: inout JSONTextScanner, in bytes: UnsafeBufferPointer<UInt8>) {
        let start = scanner.at
        var places: [Place] = []
        places.reserveCapacity(PersonaLimits.segmentMessages)
        var textBytes = 0
        repeat {
            guard let place = Self.place(&scanner, in: bytes, from: start) else { return nil }
            textBytes += place.text.asciiCount + place.text.otherCount
            places.append(place)
        } while scanner.pass(UInt8(ascii: ","))
        document = Array(bytes[start..<scanner.at])
        guard scanner.pass(UInt8(ascii: "]")) else { return nil }
        self.places = places
        self.textBytes = textBytes
    }

    /// How many there are.
    var count: Int { places.count }

    /// All of them, read.
    var messages: [HistoryMessage] { places.indices.map(message) }

    /// One of them, for a context.
    func past(_ index: Int) -> PastMessage {
        let place = places[index]
        if place.kind == .other { return .read(message(index)) }
        let text = JSONText(
            in: document, range: place.text.range, asciiCount: place.text.asciiCount,
            otherCount: place.text.otherCount, isPlain: place.text.isPlain)
        return place.kind == .prompt ? .prompt(text) : .stored(place.role, text)
    }

    private func message(_ index: Int) -> HistoryMessage {
        // The pass has found every field in its place, so that the reader cannot fail.
        let bytes = Array(document[places[index].object])
        let json = try? JSON.parse(bytes, limits: JSONLimits(maximumBytes: bytes.count, maximumDepth: 2))
        guard let json, var fields = try? PackageFields(json, at: "history.messages"),
            let message = try? HistoryMessage(reading: &fields)
        else { return HistoryMessage(role: places[index].role, text: "", kind: .imported) }
        return message
    }

    /// The next message; ranges count from `start`.
    private static func place(
        _ scanner: inout JSONTextScanner, in bytes: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> Place? {
        let begin = scanner.at
        guard scanner.pass("{\"role\":\"") else { return nil }
        let role: HistoryMessage.Role
        if scanner.pass("user\",\"kind\":") {
            role = .user
        } else if scanner.pass("assistant\",\"kind\":") {
            role = .assistant
        } else {
            return nil
        }
        guard let kind = scanner.text(), !kind.hasEscape else { return nil }
        let known = kinds.first { $0.word.elementsEqual(bytes[kind.range]) }?.kind ?? .other
        if scanner.pass(",\"at\":") {
            guard let at = scanner.text(), isInstant(bytes[at.range]) else { return nil }
        }
        if scanner.pass(",\"run\":") {
            guard let run = scanner.text(), isIdentifier(bytes[run.range]) else { return nil }
        }
        guard scanner.pass(",\"text\":"), let text = scanner.text(), scanner.pass(UInt8(ascii: "}")) else { return nil }
        let moved = JSONTextScanner.Text(text, movedBy: -start)
        return Place(
            object: begin - start..<scanner.at - start, text: moved, role: role,
            kind: known == .prompt && role != .user ? .other : known)
    }

    private static let kinds = [HistoryMessage.Kind.imported, .reply, .activity, .prompt].map {
        (word: Array($0.rawValue.utf8), kind: $0 == .prompt ? Kind.prompt : .bare)
    }

    /// Whether this is how the program writes an instant, on a day that every month has.
    private static func isInstant(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        let form: StaticString = "dddd-dd-ddTdd:dd:dd.dddZ"
        guard text.count == form.utf8CodeUnitCount else { return false }
        for place in 0..<form.utf8CodeUnitCount {
            let byte = text[text.startIndex + place]
            let wanted = form.utf8Start[place]
            guard wanted == UInt8(ascii: "d") ? (0x30...0x39).contains(byte) : byte == wanted else { return false }
        }
        func number(_ place: Int) -> Int {
            Int(text[text.startIndex + place] - 0x30) * 10 + Int(text[text.startIndex + place + 1] - 0x30)
        }
        let isCommon = (1...28).contains(number(8)) && (1...12).contains(number(5))
        guard number(11) <= 23, number(14) <= 59, number(17) <= 59 else { return false }
        return isCommon || Instant(rfc3339: String(decoding: text, as: UTF8.self)) != nil
    }

    /// Whether this is how the program writes an identifier.
    private static func isIdentifier(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard text.count == 36 else { return false }
        for place in 0..<36 {
            let byte = text[text.startIndex + place]
            switch place {
            case 8, 13, 18, 23: guard byte == UInt8(ascii: "-") else { return false }
            default: guard (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) else { return false }
            }
        }
        return true
    }
}
