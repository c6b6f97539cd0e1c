// A model's whole answer, in no provider's form.

/// A whole reply: it ended by its own terminator, its tool calls have unique ids.
public struct Reply: Sendable, Equatable {
    /// What the model said, in order; empty after a refusal, which is discarded.
    public var blocks: [Block]
    /// Why it stopped.
    public var stop: StopReason
    /// What it used.
    public var usage: TokenUsage
    /// Whether part of the usage is our estimate, because the provider reported none that can be read.
    public var usageIsEstimated: Bool
    /// Whether the input is still to be estimated by who knows the request: ``estimateInput(of:)``.
    var lacksInput = false
    /// The model's own name as the provider gave it.
    public var model: String
    /// The provider's name for the request, for asking them about it.
    public var requestID: String?

    /// Puts a reply together.
    public init(
        blocks: [Block], stop: StopReason, usage: TokenUsage, usageIsEstimated: Bool = false, model: String,
        requestID: String? = nil
    ) {
        self.blocks = blocks
        self.stop = stop
        self.usage = usage
        self.usageIsEstimated = usageIsEstimated
        self.model = model
        self.requestID = requestID
    }

    /// Whether both say the same; what is still to be estimated is no part of it, and of no journal.
    public static func == (one: Reply, other: Reply) -> Bool {
        one.blocks == other.blocks && one.stop == other.stop && one.usage == other.usage
            && one.usageIsEstimated == other.usageIsEstimated && one.model == other.model
            && one.requestID == other.requestID
    }

    /// The tool calls in order.
    public var toolUses: [ToolUse] {
        blocks.compactMap { if case .toolUse(let use) = $0 { use } else { nil } }
    }

    /// The words, the text blocks joined by line feeds.
    public var text: String {
        blocks.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined(separator: "\n")
    }

    /// The reply as a turn to carry on from, with opaque blocks that only this model gets back.
    public func turn(from model: ModelName) -> Turn { Turn(role: .assistant, blocks: blocks, model: model) }
}

/// Why a model stopped; an unknown reason is a failure and never gets here.
public enum StopReason: String, Sendable, CaseIterable {
    /// It said all it wanted.
    case endTurn = "end_turn"
    /// It waits for tool results.
    case toolUse = "tool_use"
    /// It reached the limit of output tokens; its last call may be cut off.
    case maximumTokens = "max_tokens"
    /// It wrote a stop sequence.
    case stopSequence = "stop_sequence"
    /// It, or its provider, declined; nothing it said counts.
    case refusal = "refusal"
    /// The provider paused a long turn; sending the conversation again carries on.
    case pause = "pause_turn"
    /// Input and output filled the model's window.
    case contextExceeded = "model_context_window_exceeded"
    /// The provider's filter cut the reply off.
    case contentFilter = "content_filter"

    /// Whether the reply may have been cut in the middle of its last block.
    var mayTruncate: Bool {
        switch self {
        case .maximumTokens, .contextExceeded, .contentFilter: true
        case .endTurn, .toolUse, .stopSequence, .refusal, .pause: false
        }
    }
}

/// Tokens of one reply, each counted once whatever the provider's own way of counting.
public struct TokenUsage: Sendable, Equatable {
    /// Input that was neither read from nor written to a cache.
    public var input: Int
    /// Input read from the provider's cache.
    public var cacheRead: Int
    /// Input written to the provider's cache.
    public var cacheWrite: Int
    /// Output, thinking included.
    public var output: Int

    /// Counts of one reply.
    public init(input: Int = 0, cacheRead: Int = 0, cacheWrite: Int = 0, output: Int = 0) {
        self.input = input
        self.cacheRead = cacheRead
        self.cacheWrite = cacheWrite
        self.output = output
    }

    /// All input, cached or not.
    public var totalInput: Int { [input, cacheRead, cacheWrite].saturatingSum }

    /// The sum of two usages, for totals of a run or a night.
    public static func + (left: TokenUsage, right: TokenUsage) -> TokenUsage {
        TokenUsage(
            input: left.input.saturatingSum(right.input), cacheRead: left.cacheRead.saturatingSum(right.cacheRead),
            cacheWrite: left.cacheWrite.saturatingSum(right.cacheWrite),
            output: left.output.saturatingSum(right.output))
    }
}
