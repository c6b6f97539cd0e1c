// What a run came to, for whoever asked for it.
public import Encoding
public import Providers

/// One run's outcome in public terms: the JSON shape of interface.md, still as values.
public struct RunReport: Sendable, Equatable {
    /// The run.
    public var run: Identifier
    /// Whose run it was.
    public var resident: Identifier
    /// The resident's display name.
    public var name: String
    /// Why it happened.
    public var trigger: RunTrigger
    /// How it ended.
    public var outcome: RunState
    /// Why, as a code; nil where nothing needs saying.
    public var reason: String?
    /// Which model spoke, `PROVIDER/MODEL`.
    public var model: String?
    /// Rounds that brought a reply.
    public var rounds = 0
    /// Tool calls that were permitted.
    public var toolCalls = 0
    /// Tool calls that were refused.
    public var refused = 0
    /// The tools whose calls were permitted, in order; without those whose names the ledger seals.
    public var acts: [String] = []
    /// What the run used over all its starts, the clean room included, as the provider counts.
    public var usage = TokenUsage()
    /// What this start of the program asked of each model; earlier starts of a resumed run are not in it.
    public var spending: [ModelSpending] = []
    /// What was charged to the resident.
    public var charged = 0
    /// What the run cost over all its starts, in pico-USD; nil where a price is unknown.
    ///
    /// Under a limit a reply that was lost on its way counts with its worst case.
    public var costPicoUSD: Int64?
    /// How long it took, in milliseconds.
    public var milliseconds = 0
    /// The generation that it sealed.
    public var generation: UInt64?
    /// The error behind a failure, where one of this program's rooms gave it.
    public var failure: EngineError?

    /// The report of a run that has not done anything yet.
    public init(run: Identifier, resident: Identifier, name: String, trigger: RunTrigger, outcome: RunState) {
        self.run = run
        self.resident = resident
        self.name = name
        self.trigger = trigger
        self.outcome = outcome
    }
}
