// What a model can do and what it costs: data, one row a model.

/// What is known of a model; for a model nobody knows, careful assumptions and no price.
public struct ModelCapabilities: Sendable, Equatable {
    /// How a model names its instructions in chat completions.
    public enum SystemRole: String, Sendable, CaseIterable {
        /// `system`, which every compatible server knows.
        case system
        /// `developer`, as OpenAI's own models want it.
        case developer
    }

    /// What the limit of output tokens is called in chat completions.
    public enum OutputLimitName: String, Sendable, CaseIterable {
        /// `max_tokens`: compatible servers.
        case maxTokens = "max_tokens"
        /// `max_completion_tokens`: OpenAI's own, whose reasoning models refuse the older name.
        case maxCompletionTokens = "max_completion_tokens"
    }

    /// The most tokens of input and output together.
    public var window: Int
    /// The most tokens of output.
    public var maximumOutput: Int
    /// How instructions are named.
    public var systemRole: SystemRole
    /// How the output limit is named.
    public var outputLimitName: OutputLimitName
    /// The shortest prefix, in tokens, that the provider caches; nil where it has no cache breakpoints.
    public var cacheMinimum: Int?
    /// Whether the model takes sampling parameters; we send none, `provider list` shows it.
    public var sampling: Bool
    /// What tokens cost; nil: unpriced, and refused under a money budget.
    public var price: Price?
    /// What of the price a batch costs, in per cent; nil where the model is not asked in batches.
    public var batchPercent: Int?
    /// The day the price was read, `YYYY-MM-DD`; nil where settings gave it or there is none.
    public var priceDate: String?

    /// Describes a model; the defaults are those of one that nobody knows.
    public init(
        window: Int = 200_000, maximumOutput: Int = 4_096, systemRole: SystemRole = .system,
        outputLimitName: OutputLimitName = .maxTokens, cacheMinimum: Int? = nil, sampling: Bool = false,
        price: Price? = nil, priceDate: String? = nil, batchPercent: Int? = nil
    ) {
        self.window = window
        self.maximumOutput = maximumOutput
        self.systemRole = systemRole
        self.outputLimitName = outputLimitName
        self.cacheMinimum = cacheMinimum
        self.sampling = sampling
        self.price = price
        self.priceDate = priceDate
        self.batchPercent = batchPercent
    }

    /// The stand-in: free, roomy, in the Anthropic dialect.
    public static let rehearsal = ModelCapabilities(
        window: 200_000, maximumOutput: 8_192, cacheMinimum: 512, price: .free)
}
