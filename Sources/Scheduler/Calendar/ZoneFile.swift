// Reads compiled time zone data: the 64-bit block and the footer of RFC 9636 (TZif), nothing else of it.

/// What a zone's file says.
struct ZoneFile: Sendable {
    /// Seconds since the epoch at which the offset changes, ascending.
    private(set) var times: [Int64] = []
    /// The offset east of UTC from each of those times on, in seconds.
    private(set) var offsets: [Int64] = []
    /// The offset before the first change.
    private(set) var initialOffset: Int64 = 0
    /// How the offsets go on after the last change, in the notation of the TZ variable; empty where nothing is said.
    private(set) var footer = ""

    /// Reads a file; nil for what is no such data, has no 64-bit block, or counts leap seconds.
    init?(_ bytes: [UInt8]) {
        var reader = Reader(bytes: bytes)
        guard let narrow = reader.header(), narrow.version >= UInt8(ascii: "2"),
            reader.skip(narrow.size(ofTime: 4)), let wide = reader.header(), wide.leaps == 0, wide.types > 0,
            wide.times <= 4_096, wide.types <= 256
        else { return nil }
        for _ in 0..<wide.times {
            guard let time = reader.signed(8), time > times.last ?? .min else { return nil }
            times.append(time)
        }
        guard let indexes = reader.take(wide.times) else { return nil }
        var types: [Int64] = []
        for _ in 0..<wide.types {
            guard let offset = reader.signed(4), (-93_599...93_599).contains(offset), reader.skip(2) else { return nil }
            types.append(offset)
        }
        guard indexes.allSatisfy({ Int($0) < types.count }), reader.skip(wide.names + wide.standards + wide.universals)
        else { return nil }
        initialOffset = types[0]
        offsets = indexes.map { types[Int($0)] }
        guard let text = reader.line() else { return nil }
        footer = text
    }
}

/// The counts of a block.
private struct Header {
    let version: UInt8
    let universals: Int
    let standards: Int
    let leaps: Int
    let times: Int
    let types: Int
    let names: Int

    /// How long the block after the header is, in bytes.
    func size(ofTime width: Int) -> Int {
        times * (width + 1) + types * 6 + names + leaps * (width + 4) + standards + universals
    }
}

/// Takes big-endian numbers out of the file; nil past its end.
private struct Reader {
    let bytes: [UInt8]
    private var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.count - at else { return nil }
        defer { at += count }
        return bytes[at..<at + count]
    }

    mutating func skip(_ count: Int) -> Bool { take(count) != nil }

    mutating func signed(_ width: Int) -> Int64? {
        guard let taken = take(width) else { return nil }
        let raw = taken.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return width == 4 ? Int64(Int32(truncatingIfNeeded: raw)) : Int64(bitPattern: raw)
    }

    mutating func header() -> Header? {
        guard let magic = take(4), magic.elementsEqual("TZif".utf8), let version = take(1)?.first, skip(15) else {
            return nil
        }
        var counts: [Int] = []
        for _ in 0..<6 {
            guard let count = signed(4), (0...1 << 20).contains(count) else { return nil }
            counts.append(Int(count))
        }
        return Header(
            version: version, universals: counts[0], standards: counts[1], leaps: counts[2], times: counts[3],
            types: counts[4], names: counts[5])
    }

    /// The text between two line feeds.
    mutating func line() -> String? {
        guard take(1)?.first == 0x0A else { return nil }
        guard let end = bytes[at...].firstIndex(of: 0x0A), end - at <= 256 else { return nil }
        return String(decoding: bytes[at..<end], as: UTF8.self)
    }
}
