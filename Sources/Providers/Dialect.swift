// What a dialect must do: put a conversation in its form, read whole replies, streams and errors.
internal import Encoding
internal import HTTPClient

/// A provider's wire format; values of it hold no state.
protocol Dialect: Sendable {
    /// The path below the base URL that conversations are posted to.
    func path(below basePath: String) -> String
    /// The request's body; where the conversation's opening was written for this model before, it begins with that.
    func body(
        of conversation: Conversation, model: ModelName, capabilities: ModelCapabilities, settings: ProviderSettings
    ) throws(RequestFault) -> WrittenBody
    /// Reads a reply that came whole.
    func reply(from body: JSON) throws(WireFault) -> WireReply
    /// Begins to read a reply that comes as events.
    func assembler() -> any StreamAssembler
    /// The provider's words for an error, read from an error body.
    func errorWords(in body: JSON) -> ErrorWords
}

/// Puts the events of one stream together; nothing leaves it before the stream has ended by its own terminator.
protocol StreamAssembler {
    /// Takes an event.
    mutating func push(_ event: ServerSentEvent) throws(WireFault)
    /// Whether the stream's own terminator came, after which nothing counts.
    var isComplete: Bool { get }
    /// The whole reply, once the stream has ended.
    func finish() throws(WireFault) -> WireReply
}

/// A reply as it was on the wire: its usage as far as it was told, without the request id of the headers.
struct WireReply {
    var blocks: [Block]
    var stop: StopReason
    var usage: ReportedUsage
    var model: String?
}

/// Why a body or a stream gives no reply.
enum WireFault: Error, Equatable {
    case malformed(MalformedReply)
    case providerError(ErrorWords)
}

/// A provider's words for an error, kept only where they are plain words: an error's text may quote a prompt.
struct ErrorWords: Equatable {
    var kind: String?
    var code: String?

    init(kind: String?, code: String?) {
        self.kind = kind.flatMap(PlainWord.checked)
        self.code = code.flatMap(PlainWord.checked)
    }

    /// The status that an error of this kind would have had outside a stream.
    var status: Int {
        switch code ?? "" {
        case "rate_limit_exceeded", "slow_down": return 429
        case "insufficient_quota": return 429
        case "server_is_overloaded": return 503
        case "invalid_api_key": return 401
        default: break
        }
        return switch kind ?? "" {
        case "invalid_request_error": 400
        case "authentication_error": 401
        case "billing_error": 402
        case "permission_error": 403
        case "not_found_error": 404
        case "conflict_error": 409
        case "request_too_large": 413
        case "rate_limit_error": 429
        case "timeout_error": 504
        case "overloaded_error": 529
        default: 500
        }
    }
}

/// Words safe to keep from an answer: identifiers and kinds of errors.
enum PlainWord {
    /// The word, if it is at most 128 letters, digits, dots, dashes, colons and underscores.
    static func checked(_ text: String) -> String? {
        let plain = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || [0x2D, 0x2E, 0x3A, 0x5F].contains(byte)
        }
        return plain && (1...128).contains(text.utf8.count) ? text : nil
    }
}

/// The bounds and small readings that both dialects share.
enum Wire {
    /// More blocks or calls than any real reply has.
    static let maximumBlocks = 1_000

    /// A number of requests, a status or a time in seconds; nil where it is none.
    ///
    /// Tokens are a ``ReportedCount``.
    static func count(_ value: JSON?) -> Int? {
        guard let number = value?.integer, (0...10_000_000_000).contains(number) else { return nil }
        return Int(number)
    }

    /// Refuses two calls of one id: their results could not be told apart.
    static func checkUniqueIDs(_ blocks: [Block]) throws(WireFault) {
        var seen: Set<String> = []
        for case .toolUse(let use) in blocks where !seen.insert(use.id).inserted {
            throw .malformed(.duplicateToolID)
        }
    }
}
