// The settings that a run depends on, as typed values; the command line room reads and checks them.
public import Providers

/// What the operator set for runs.
public struct EngineSettings: Sendable {
    /// Rounds of one run (`run.maxRounds`).
    public var maximumRounds = 8
    /// Tool calls of one turn, past which the next turn concludes without tools (`run.maxToolCallsPerTurn`).
    public var maximumToolCallsPerTurn = 5
    /// Tokens of a day (`tokens.daily`).
    public var dailyTokens: Int = 10_000
    /// The most that a resident can bank (`tokens.bankCap`).
    public var bankCap: Int = 100_000
    /// What a run needs to begin (`tokens.minimumRun`).
    public var minimumRunTokens: Int = 100
    /// The money limits (`budget.run`, `budget.night`).
    public var budget = BudgetLimits()
    /// How long a batch is waited for before it is cancelled, in milliseconds (`nightly.batchHours`).
    public var batchWaitMilliseconds: Int64 = 86_400_000
    /// Models to fall back to, in order (`fallback`); rehearsal is never in it.
    public var fallback: [ModelName] = []
    /// The IANA name of the node's zone (`timezone`).
    public var timezone = "Europe/Paris"

    /// Hours from the proposal of a law to its coming into force (`law.timeLockHours`); never below 24.
    public var lawTimeLockHours = 24
    /// How many people must approve a law (`law.quorum`).
    public var lawQuorum = 1

    /// The defaults of interface.md.
    public init() {}
}
