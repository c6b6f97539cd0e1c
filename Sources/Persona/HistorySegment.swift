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
public struct HistorySegment: Sendable {
    /// Its place in the history, from 1.
    public let number: Int
    /// Whether it takes no more messages.
    public internal(set) var isClosed: Bool
    /// Fields of a later program, kept as they are.
    public internal(set) var unknown: JSONObject
    /// Bytes of text in the messages.
    public private(set) var textBytes: Int
    /// The messages that still lie in the document which they were opened from; they come before all others.
    let stored: StoredMessages?
    /// The messages that are values.
    private(set) var others: [HistoryMessage]

    init(
        number: Int, isClosed: Bool = false, stored: StoredMessages? = nil, messages: [HistoryMessage] = [],
        unknown: JSONObject = [:]
    ) {
        self.number = number
        self.isClosed = isClosed
        self.stored = stored
        others = messages
        self.unknown = unknown
        textBytes = messages.reduce(stored?.textBytes ?? 0) { $0 + $1.text.utf8.count }
    }

    /// How many messages there are.
    public var count: Int { (stored?.count ?? 0) + others.count }

    /// Its messages, oldest first; those that lie in a document are read from it.
    public var messages: [HistoryMessage] { (stored?.messages ?? []) + others }

    /// Adds a message, and closes the segment when it has reached its size.
    mutating func append(_ message: HistoryMessage) {
        others.append(message)
        textBytes += message.text.utf8.count
        isClosed = count >= PersonaLimits.segmentMessages || textBytes >= PersonaLimits.segmentBytes
    }
}

extension HistorySegment: Hashable {
    /// Whether two segments read the same, wherever their messages lie.
    public static func == (left: HistorySegment, right: HistorySegment) -> Bool {
        left.number == right.number && left.isClosed == right.isClosed && left.unknown == right.unknown
            && left.messages == right.messages
    }

    /// Feeds what tells segments apart into a hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(number)
        hasher.combine(messages)
    }
}
