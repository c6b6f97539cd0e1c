// The whole history of a resident, and what of it a context takes.
public import Encoding

/// A message as a context takes it: read, or as it stands in the document that the package was opened from.
public enum PastMessage: Sendable {
    /// A whole message.
    case read(HistoryMessage)
    /// An imported message, a reply or an activity, whose text nobody has read.
    case stored(HistoryMessage.Role, JSONText)
    /// A day's prompt, whose text nobody has read.
    case prompt(JSONText)

    /// What was said.
    public var text: String {
        switch self {
        case .read(let message): message.text
        case .stored(_, let text), .prompt(let text): text.string
        }
    }
}

/// The whole history of a resident, oldest segment first.
public struct History: Sendable, Hashable {
    /// The segments that are in the package, in order of their numbers.
    public internal(set) var segments: [HistorySegment]
    /// What has left it; nil where nothing has.
    public internal(set) var moved: MovedHistory?

    /// A history of the messages, cut into segments.
    public init(_ messages: [HistoryMessage] = []) {
        segments = []
        for message in messages { append(message) }
    }

    init(segments: [HistorySegment]) { self.segments = segments }

    /// Messages in the package and in episodes.
    public var count: Int { segments.reduce(moved?.messages ?? 0) { $0 + $1.count } }

    /// Bytes of text in the package.
    var textBytes: Int { segments.reduce(0) { $0 + $1.textBytes } }

    /// Adds a message to the open segment, opening the next one where there is none.
    public mutating func append(_ message: HistoryMessage) {
        if segments.last?.isClosed ?? true {
            segments.append(HistorySegment(number: (segments.last?.number ?? moved?.lastSegment ?? 0) + 1))
        }
        segments[segments.count - 1].append(message)
    }

    /// Closes the open segment, so that what follows stands in one of its own; nothing happens where none is open.
    public mutating func closeSegment() {
        guard let last = segments.last, !last.isClosed else { return }
        segments[segments.count - 1].isClosed = true
    }

    /// The newest messages of the package alone.
    public func newest(
        fitting budget: Int, cost: (PastMessage) -> Int
    ) -> (messages: ReversedCollection<[PastMessage]>, leftOut: Int) {
        newest(fitting: budget, older: { () throws(Never) -> [HistorySegment]? in nil }, cost: cost)
    }

    /// The newest messages, oldest of them first, whose costs fit together, and how many older ones were left out.
    ///
    /// - Parameters:
    ///   - budget: what the messages may cost together.
    ///   - older: gives the segments of an earlier episode, the newest episode first, nil when there is no other;
    ///     called only when all that is in the package has been taken.
    ///   - cost: what one message costs, in the budget's unit (tokens, bytes).
    public func newest<Failure: Error>(
        fitting budget: Int, older: () throws(Failure) -> [HistorySegment]?, cost: (PastMessage) -> Int
    ) throws(Failure) -> (messages: ReversedCollection<[PastMessage]>, leftOut: Int) {
        var chosen: [PastMessage] = []
        chosen.reserveCapacity(min(segments.reduce(0) { $0 + $1.count }, 1_024))
        var left = budget
        func takes(_ message: PastMessage) -> Bool {
            let price = max(0, cost(message))
            guard price <= left else { return false }
            left -= price
            chosen.append(message)
            return true
        }
        func takesAll(_ segments: [HistorySegment]) -> Bool {
            for segment in segments.reversed() {
                for message in segment.others.reversed() {
                    guard takes(.read(message)) else { return false }
                }
                guard let stored = segment.stored else { continue }
                for place in stride(from: stored.count - 1, through: 0, by: -1) {
                    guard takes(stored.past(place)) else { return false }
                }
            }
            return true
        }
        var isWhole = takesAll(segments)
        while isWhole, moved != nil, let segments = try older() { isWhole = takesAll(segments) }
        return (chosen.reversed(), count - chosen.count)
    }
}
