// Everything that can go wrong between a conversation and its reply: data for policy and rendering, never body text.
public import Encoding
public import HTTPClient

/// Why there is no reply.
public enum ProviderError: Error, Equatable, Sendable {
    /// The settings name no such provider.
    case unknownProvider(String)
    /// A provider's settings or key cannot be used.
    case invalidSettings(provider: String, ProviderSettingsFault)
    /// A provider elsewhere has no key: the variable or file is absent, empty, or no key.
    case noKey(provider: String)
    /// The provider refused this node earlier; it is left alone until then.
    case breakerOpen(provider: String, until: Instant)
    /// The request cannot be put in the provider's form.
    case invalidRequest(RequestFault)
    /// The provider answered with an error, at once or in the middle of a stream.
    case refused(Refusal)
    /// The request did not get through, or the answer did not get back.
    case transport(HTTPError)
    /// An answer came that must not be acted upon.
    case malformed(MalformedReply, requestID: String?)
    /// The built-in stand-in could not be started.
    case rehearsalUnavailable
    /// The task was cancelled.
    case cancelled
    /// The program stops: the request was still waiting for its place, and was never sent.
    case notSent
}

/// What is wrong with a conversation that nobody could answer.
public enum RequestFault: Error, Equatable, Sendable {
    /// There is no user turn with anything in it.
    case empty
    /// No room for output, or less than none.
    case noOutput
    /// More cache breakpoints than the dialect allows.
    case tooManyBreakpoints(limit: Int)
}

/// An error a provider answered with.
public struct Refusal: Error, Equatable, Sendable {
    /// The HTTP status, or for an error inside a stream the status its kind would have had.
    public var status: Int
    /// The provider's word for the kind of error, where it is a plain word.
    public var kind: String?
    /// The provider's code within the kind, where it is a plain word.
    public var code: String?
    /// The provider's name for the request.
    public var requestID: String?
    /// Whether it came in the middle of a stream, after a success status.
    public var isMidStream: Bool
    /// What the headers say about trying again.
    public var hints: RetryHints

    /// Describes an error.
    public init(
        status: Int, kind: String? = nil, code: String? = nil, requestID: String? = nil, isMidStream: Bool = false,
        hints: RetryHints = RetryHints()
    ) {
        self.status = status
        self.kind = kind
        self.code = code
        self.requestID = requestID
        self.isMidStream = isMidStream
        self.hints = hints
    }
}

/// Why an answer is not a whole reply.
public enum MalformedReply: Error, Equatable, Sendable {
    /// Neither JSON nor, where asked for, an event stream.
    case contentType
    /// Not JSON, or an event whose data is not.
    case notJSON
    /// Not an event stream although it says so.
    case notEvents
    /// The stream ended before its terminator.
    case truncated
    /// Events or blocks in an order that has no meaning.
    case eventOrder
    /// A field that must be there is missing or of another kind.
    case missing(String)
    /// A value of an enumeration that this version does not know: never taken for success.
    case unknownValue(of: String)
    /// Two tool calls of one id, which no result could be told apart by.
    case duplicateToolID
    /// One tool call under two names.
    case conflictingToolName
    /// More blocks than any real reply has.
    case tooManyBlocks(limit: Int)
}

/// How bad a failure is, for the retry policy.
public enum FailureClass: Sendable, Equatable {
    /// The provider asks to come back later; it costs no attempt.
    case busy
    /// It may work the next time.
    case transient
    /// A conflict, worth one more try.
    case conflict
    /// It will not work, however often it is sent.
    case final
    /// Nothing will work with this provider tonight: key, account or spend cap.
    case providerDown
    /// Somebody wants it to stop.
    case cancelled
}

extension ProviderError {
    /// How bad it is (providers.md 1.1, 1.4; engine.md).
    public var failureClass: FailureClass {
        switch self {
        case .unknownProvider, .invalidSettings, .invalidRequest, .rehearsalUnavailable: .final
        case .noKey, .breakerOpen: .providerDown
        case .refused(let refusal): refusal.failureClass
        case .transport(let error): error == .cancelled ? .cancelled : Self.failureClass(of: error)
        case .malformed: .transient
        case .cancelled, .notSent: .cancelled
        }
    }

    /// The provider's name for the request, for asking them about it.
    public var requestID: String? {
        switch self {
        case .refused(let refusal): refusal.requestID
        case .malformed(_, let requestID): requestID
        default: nil
        }
    }

    /// What the headers said about trying again.
    public var hints: RetryHints {
        if case .refused(let refusal) = self { refusal.hints } else { RetryHints() }
    }

    private static func failureClass(of error: HTTPError) -> FailureClass {
        switch error {
        case .invalidURL, .insecureURL, .invalidMethod, .invalidHeader, .tooLarge, .headersTooLarge: .final
        default: .transient
        }
    }
}

extension Refusal {
    /// How bad it is.
    public var failureClass: FailureClass {
        if Self.isSpendCap(kind) || Self.isSpendCap(code) { return .providerDown }
        switch status {
        case 401, 402, 403: return .providerDown
        case 429, 529: return hints.shouldRetry == false ? .final : .busy
        default: break
        }
        switch hints.shouldRetry {
        case .some(true): return .transient
        case .some(false): return .final
        case nil: break
        }
        switch status {
        case 408: return .transient
        case 409: return .conflict
        case 500...: return .transient
        default: return .final
        }
    }

    /// Words for an account without money; waiting a minute mends none of them.
    private static func isSpendCap(_ word: String?) -> Bool {
        guard let word else { return false }
        return word == "insufficient_quota" || word.contains("spend_limit") || word.hasPrefix("billing_")
    }
}
