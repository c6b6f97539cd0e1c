// The small parts of a persona package.
public import Encoding

/// A system prompt that was replaced.
public struct PreviousPrompt: Sendable, Hashable {
    /// The prompt as it was.
    public let text: String
    /// The generation of the blob in which its successor was first sealed.
    public let replacedIn: UInt64
    /// When it was replaced.
    public let at: Instant?
    var unknown: JSONObject = [:]

    /// A record of a replaced prompt.
    public init(text: String, replacedIn: UInt64, at: Instant?) {
        self.text = text
        self.replacedIn = replacedIn
        self.at = at
    }
}

/// Something a resident keeps in mind apart from its history.
public struct MemoryNote: Sendable, Hashable {
    /// The note.
    public let text: String
    /// When it was made; nil for imports.
    public let at: Instant?
    /// Where it comes from, such as `import` or `resident`.
    public let source: String
    var unknown: JSONObject = [:]

    /// A note.
    public init(text: String, at: Instant?, source: String) {
        self.text = text
        self.at = at
        self.source = source
    }
}

/// The bytes of a file that was imported, exactly as they were.
public struct OriginalFile: Sendable, Hashable {
    /// The file's name, without its folders.
    public let name: String
    /// The format it was read as.
    public let format: String
    /// Its bytes in base64; decoded only when asked for, since no run needs them.
    public let base64: String
    var unknown: JSONObject = [:]

    /// Keeps a file.
    public init(name: String, format: String, bytes: [UInt8]) {
        self.init(name: name, format: format, base64: Base64.encode(bytes))
    }

    init(name: String, format: String, base64: String) {
        self.name = name
        self.format = format
        self.base64 = base64
    }

    /// The file's bytes; nil if the package's text for them is damaged.
    public var bytes: [UInt8]? { Base64.decode(base64) }
}

/// What a resident has done so far; numbers only.
public struct PersonaCounters: Sendable, Hashable {
    /// Runs that were completed.
    public var runs: UInt64 = 0
    /// Tool calls that took effect.
    public var toolCalls: UInt64 = 0
    /// Public posts.
    public var posts: UInt64 = 0
    /// Letters sent.
    public var lettersSent: UInt64 = 0
    /// Letters read.
    public var lettersRead: UInt64 = 0
    /// Changes of the system prompt, name, model or preferences.
    public var selfModifications: UInt64 = 0
    /// Tokens charged.
    public var tokensCharged: UInt64 = 0
    var unknown: JSONObject = [:]

    /// All zero.
    public init() {}
}

/// A wish to be deleted that waits for its confirmation on a later civil day (vault.md, "Who may ask").
public struct DeletionRequest: Sendable, Hashable {
    /// The `tool.called` span of the first call.
    public let span: Identifier
    /// The civil day of that call, as `2026-11-21`; only a later one may confirm it.
    public let day: String
    /// When the call was made.
    public let at: Instant
    /// The generation that the asking run had opened.
    public let generation: UInt64
    /// The system prompt of that generation: what the clean room shows, whatever the asking run changed afterwards.
    public let systemPrompt: String
    /// The last words for the memorial, if any were given.
    public var statement: String?
    /// The phrase of the latest clean room, while one is under way.
    public var phrase: String?
    var unknown: JSONObject = [:]

    /// A request.
    public init(
        span: Identifier, day: String, at: Instant, generation: UInt64, systemPrompt: String, statement: String?
    ) {
        self.span = span
        self.day = day
        self.at = at
        self.generation = generation
        self.systemPrompt = systemPrompt
        self.statement = statement
    }
}
