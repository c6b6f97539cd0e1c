// A zone's offsets for all time, and what a wall clock's reading means in it.
internal import Encoding

/// What a reading of the wall clock, in local seconds, means.
enum LocalReading: Equatable {
    /// It comes once, at this second since the epoch.
    case once(Int64)
    /// The clock was put back over it: it comes twice.
    case twice(first: Int64, second: Int64)
    /// The clock was put forward over it: the first second after the gap, and how long the gap is.
    case never(gapEnd: Int64, gapLength: Int64)
}

/// A stretch of time with one offset.
struct ZoneSegment: Equatable {
    /// The first second; `Int64.min` for the first segment.
    let start: Int64
    /// The second after the last; `Int64.max` where it has no end.
    let end: Int64
    /// Seconds east of UTC.
    let offset: Int64

    /// The second since the epoch at which this segment's clock would read so, if that lies in it.
    func second(ofLocal local: Int64) -> Int64? {
        let second = local - offset
        return second >= start && second < end ? second : nil
    }
}

/// The offsets of one zone.
struct ZoneRules: Sendable, Equatable {
    private let initialOffset: Int64
    private let changes: [ZoneChange]
    /// Whether the last 400 years of `changes` come again and again.
    private let repeats: Bool

    /// 400 Gregorian years have whole weeks, so a yearly rule repeats after them exactly.
    private static let period: Int64 = 146_097 * 86_400
    /// No zone is further from UTC (RFC 9636, section 3.2).
    private static let widest: Int64 = 26 * 3_600

    init(initialOffset: Int64, changes: [ZoneChange], repeats: Bool) {
        self.initialOffset = initialOffset
        self.changes = changes
        self.repeats = repeats
    }

    /// The rules that a file states; nil where its footer cannot be read.
    init?(_ file: ZoneFile) {
        var changes: [ZoneChange] = []
        func add(_ change: ZoneChange) {
            // Two changes at once: the later statement holds.
            if let last = changes.last, last.at == change.at { changes.removeLast() }
            let before = changes.last?.offset ?? file.initialOffset
            if change.offset != before { changes.append(change) }
        }
        for (at, offset) in zip(file.times, file.offsets) { add(ZoneChange(at: at, offset: offset)) }
        guard !file.footer.isEmpty else {
            self.init(initialOffset: file.initialOffset, changes: changes, repeats: false)
            return
        }
        guard let footer = ZoneFooter(file.footer) else { return nil }
        guard footer.summer != nil else {
            let initial = file.times.isEmpty ? footer.standard : file.initialOffset
            self.init(initialOffset: initial, changes: changes, repeats: false)
            return
        }
        let last = file.times.last ?? 0
        let year = CivilDate(daysSinceEpoch: last / 86_400).year
        for year in year...year + 403 {
            for change in footer.changes(ofYear: year) where change.at > last { add(change) }
        }
        self.init(initialOffset: file.initialOffset, changes: changes, repeats: true)
    }

    /// The segment that a second since the epoch lies in.
    func segment(at second: Int64) -> ZoneSegment {
        var shift: Int64 = 0
        if repeats, let last = changes.last, second >= last.at {
            shift = ((second - last.at) / Self.period + 1) * Self.period
        }
        let wanted = second - shift
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].at <= wanted { low = middle + 1 } else { high = middle }
        }
        return ZoneSegment(
            start: low == 0 ? .min : changes[low - 1].at + shift,
            end: low == changes.count ? .max : changes[low].at + shift,
            offset: low == 0 ? initialOffset : changes[low - 1].offset)
    }

    /// The offset at a second since the epoch, in seconds east of UTC.
    func offset(at second: Int64) -> Int64 { segment(at: second).offset }

    /// What a wall clock's reading means, given as the seconds since the epoch that it would name in UTC.
    func reading(ofLocal local: Int64) -> LocalReading {
        var segment = segment(at: local - Self.widest)
        var first: Int64?
        var gap: LocalReading?
        while true {
            if let second = segment.second(ofLocal: local) {
                if let first { return .twice(first: first, second: second) }
                first = second
            }
            guard segment.end <= local + Self.widest else { break }
            let next = self.segment(at: segment.end)
            if gap == nil, local >= segment.end + segment.offset, local < segment.end + next.offset {
                gap = .never(gapEnd: segment.end, gapLength: next.offset - segment.offset)
            }
            segment = next
        }
        if let first { return .once(first) }
        guard let gap else { preconditionFailure("a local second is neither in a segment nor between two") }
        return gap
    }

    /// The first second since the epoch at which the local date is that day or, where the zone skipped it, a later one.
    func start(ofDay day: Int64) -> Int64 {
        let midnight = day * 86_400
        var segment = segment(at: midnight - Self.widest)
        // A segment that ends after the day has begun has a first second of it.
        while segment.end != .max, segment.end + segment.offset <= midnight { segment = self.segment(at: segment.end) }
        return max(segment.start, midnight - segment.offset)
    }
}
