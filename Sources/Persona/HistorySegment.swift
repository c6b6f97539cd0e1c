// A resident's past, in numbered segments of messages.
public import Encoding

/// One message of a resident's history.
public struct HistoryMessage: Sendable, Hashable {
    /// Who spoke.
    public enum Role: String, Sendable, Hashable {
        /// The human side, the day's prompt, or a tool's answer.
        case user
        /// The resident.
        case assistant
    }

    /// What a message is; a package may hold kinds of a later program, which are kept.
    public struct Kind: RawRepresentable, Sendable, Hashable {
        /// The word in the package.
        public let rawValue: String
        /// A kind by its word.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// Said before the resident was admitted.
        public static let imported = Kind(rawValue: "imported")
        /// A day's prompt.
        public static let prompt = Kind(rawValue: "prompt")
        /// What the resident answered in a run.
        public static let reply = Kind(rawValue: "reply")
        /// What tools were called and what came of it, told as text.
        public static let activity = Kind(rawValue: "activity")
    }

    /// Who spoke.
    public var role: Role
    /// What the message is.
    public var kind: Kind
    /// When it was said; nil where an import does not tell.
    public var at: Instant?
    /// The run in which it was said; nil for imports.
    public var run: Identifier?
    /// What was said.
    public var text: String
    /// Fields of a later program, kept as they are.
    public var unknown: JSONObject

    /// A message.
    public init(
        role: Role, text: String, at: Instant? = nil, run: Identifier? = nil, kind: Kind, unknown: JSONObject = [:]
    ) {
        self.role = role
        self.kind = kind
        self.at = at
        self.run = run
        self.text = text
        self.unknown = unknown
    }
}

/// A run of consecutive messages; a closed one never changes again, so that it can move out of the package later.
public struct HistorySegment: Sendable, Hashable {
    /// Its place in the history, from 1.
    public let number: Int
    /// Whether it takes no more messages.
    public internal(set) var isClosed: Bool
    /// Its messages, oldest first.
    public internal(set) var messages: [HistoryMessage]
    /// Fields of a later program, kept as they are.
    public internal(set) var unknown: JSONObject
    /// Bytes of text in the messages.
    public private(set) var textBytes: Int

    init(number: Int, isClosed: Bool = false, messages: [HistoryMessage] = [], unknown: JSONObject = [:]) {
        self.number = number
        self.isClosed = isClosed
        self.messages = messages
        self.unknown = unknown
        textBytes = messages.reduce(0) { $0 + $1.text.utf8.count }
    }

    /// Adds a message, and closes the segment when it has reached its size.
    mutating func append(_ message: HistoryMessage) {
        messages.append(message)
        textBytes += message.text.utf8.count
        isClosed = messages.count >= PersonaLimits.segmentMessages || textBytes >= PersonaLimits.segmentBytes
    }
}

/// The whole history of a resident, oldest segment first.
public struct History: Sendable, Hashable {
    /// The segments, in order of their numbers.
    public internal(set) var segments: [HistorySegment]

    /// A history of the messages, cut into segments.
    public init(_ messages: [HistoryMessage] = []) {
        segments = []
        for message in messages { append(message) }
    }

    init(segments: [HistorySegment]) { self.segments = segments }

    /// Messages in all segments.
    public var count: Int { segments.reduce(0) { $0 + $1.messages.count } }

    /// Adds a message to the open segment, opening the next one where there is none.
    public mutating func append(_ message: HistoryMessage) {
        if segments.last?.isClosed ?? true {
            segments.append(HistorySegment(number: (segments.last?.number ?? 0) + 1))
        }
        segments[segments.count - 1].append(message)
    }

    /// Closes the open segment, so that what follows stands in one of its own; nothing happens where none is open.
    public mutating func closeSegment() {
        guard let last = segments.last, !last.isClosed else { return }
        segments[segments.count - 1].isClosed = true
    }

    /// The newest messages, oldest of them first, whose costs fit together, and how many older ones were left out.
    ///
    /// - Parameters:
    ///   - budget: what the messages may cost together.
    ///   - cost: what one message costs, in the budget's unit (tokens, bytes).
    public func newest(fitting budget: Int, cost: (HistoryMessage) -> Int) -> (messages: [HistoryMessage], leftOut: Int)
    {
        var chosen: [HistoryMessage] = []
        var left = budget
        search: for segment in segments.reversed() {
            for message in segment.messages.reversed() {
                let price = max(0, cost(message))
                guard price <= left else { break search }
                left -= price
                chosen.append(message)
            }
        }
        return (chosen.reversed(), count - chosen.count)
    }
}
