// What the settings say of one provider, as typed values.
public import Cryptography

/// The wire formats of this version.
public enum DialectName: String, Sendable, CaseIterable {
    /// Anthropic Messages.
    case anthropic
    /// OpenAI chat completions, as many servers speak them.
    case openai
    /// The built-in stand-in, served on loopback in the Anthropic dialect.
    case rehearsal
}

/// How long a provider is asked to keep a cache entry.
public enum CacheLifetime: String, Sendable, CaseIterable {
    /// Five minutes, the cheaper writes.
    case fiveMinutes = "5m"
    /// An hour.
    case oneHour = "1h"
}

/// Where a provider's key comes from; read once, when the router is made.
public enum KeySource: Sendable {
    /// There is none.
    case absent
    /// An environment variable.
    case environment(String)
    /// A file whose first line is the key.
    case file(String)
    /// The key itself, already in guarded memory.
    case secret(SharedSecret)
}

/// How a key is shown to a provider.
public enum KeyHeader: String, Sendable, CaseIterable {
    /// `x-api-key: K`.
    case apiKey = "x-api-key"
    /// `Authorization: Bearer K`.
    case bearer
}

/// One provider: where it is, how it is spoken to, what its models can do and how hard it may be asked.
public struct ProviderSettings: Sendable {
    /// The name before the slash of a model's name.
    public var name: String
    /// Its wire format.
    public var dialect: DialectName
    /// Where it is, as the provider's own SDK writes it: https, or loopback; ignored for rehearsal.
    public var baseURL: String
    /// Where its key comes from.
    public var key: KeySource
    /// How the key is shown.
    public var keyHeader: KeyHeader
    /// The `anthropic-version` sent in the Anthropic dialect.
    public var apiVersion: String
    /// Rows of the settings; they stand before the catalogue's.
    public var models: [String: ModelCapabilities]
    /// The most requests under way at once.
    public var concurrency: Int
    /// The most requests a minute; nil: as many as go.
    public var requestsPerMinute: Int?
    /// The most input tokens a minute, in the OpenAI dialect input and output together; nil: as many as go.
    public var tokensPerMinute: Int?
    /// The most output tokens a minute; nil: as many as go.
    public var outputTokensPerMinute: Int?
    /// Whether replies are streamed; long ones must be, and a stream shows a provider that stalls.
    public var streams: Bool
    /// How long cache entries shall live.
    public var cacheLifetime: CacheLifetime
    /// The longest a request may take, in milliseconds.
    public var timeoutMilliseconds: Int
    /// The longest a provider may be silent within a request, in milliseconds.
    public var idleTimeoutMilliseconds: Int

    /// The environment variable that the dialect's own host reads its key from; nil for rehearsal.
    public static func defaultKeyVariable(of dialect: DialectName) -> String? {
        switch dialect {
        case .anthropic: "ANTHROPIC_API_KEY"
        case .openai: "OPENAI_API_KEY"
        case .rehearsal: nil
        }
    }

    /// Where the dialect's own provider is; empty for rehearsal, whose port is known once it runs.
    public static func defaultBaseURL(of dialect: DialectName) -> String {
        switch dialect {
        case .anthropic: "https://api.anthropic.com"
        case .openai: "https://api.openai.com/v1"
        case .rehearsal: ""
        }
    }

    /// Describes a provider; what is left out is as the dialect's own provider has it.
    ///
    /// Without a base URL the key comes from the variable that the provider documents; with another host than the
    /// provider's own it must be named, so that a key never goes anywhere by default. Servers other than Anthropic's
    /// own get the older version, which they all know.
    public init(
        name: String, dialect: DialectName, baseURL: String? = nil, key: KeySource? = nil, keyHeader: KeyHeader? = nil,
        apiVersion: String? = nil
    ) {
        self.name = name
        self.dialect = dialect
        self.baseURL = baseURL ?? Self.defaultBaseURL(of: dialect)
        let endpoint = try? Endpoint(self.baseURL)
        let own = try? Endpoint(Self.defaultBaseURL(of: dialect))
        let isOwnHost = endpoint != nil && endpoint?.host == own?.host && endpoint?.port == own?.port
        let documented = Self.defaultKeyVariable(of: dialect).map { KeySource.environment($0) }
        self.key = key ?? (isOwnHost ? documented ?? .absent : .absent)
        self.keyHeader = keyHeader ?? (dialect == .openai ? .bearer : .apiKey)
        self.apiVersion = apiVersion ?? (isOwnHost ? "2026-10-21" : "2023-06-01")
        models = [:]
        concurrency = 16
        requestsPerMinute = nil
        tokensPerMinute = nil
        outputTokensPerMinute = nil
        streams = true
        cacheLifetime = .fiveMinutes
        timeoutMilliseconds = 600_000
        idleTimeoutMilliseconds = 120_000
    }

    /// The stand-in, which every node has.
    public static let rehearsal = ProviderSettings(name: "rehearsal", dialect: .rehearsal)

    /// What is known of a model: the settings' row, else the catalogue's, else careful assumptions without a price.
    public func capabilities(of model: String, catalogue: ModelCatalogue = .embedded) -> ModelCapabilities {
        if let row = models[model] { return row }
        if dialect == .rehearsal { return .rehearsal }
        return catalogue.capabilities(of: model, dialect: dialect, cacheLifetime: cacheLifetime) ?? ModelCapabilities()
    }
}
