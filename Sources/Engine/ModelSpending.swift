// What asking one model came to: the unit in which runs and nights account for tokens and money.
public import Providers

/// The calls to one model, by one run or by many.
public struct ModelSpending: Sendable, Equatable {
    /// The model, `PROVIDER/MODEL`.
    public let model: ModelName
    /// Calls that brought a reply.
    public var replies = 0
    /// Calls that brought none.
    public var failures = 0
    /// What the replies used, as the provider counts.
    public var usage = TokenUsage()
    /// What is known of their cost, in pico-USD; under a limit a reply that was lost counts with its worst case.
    public var costPicoUSD: Int64 = 0
    /// Whether every reply had a known price.
    public var isPriced = true

    /// No call yet.
    public init(model: ModelName) { self.model = model }

    /// Adds the calls of another run to the same model.
    public mutating func add(_ other: ModelSpending) {
        replies += other.replies
        failures += other.failures
        usage = usage + other.usage
        costPicoUSD = costPicoUSD.saturatingSum(other.costPicoUSD)
        isPriced = isPriced && other.isPriced
    }
}

extension [ModelSpending] {
    /// The same with one entry a model, the costliest first, then the one that was asked most.
    public var byModel: [ModelSpending] {
        var all: [ModelName: ModelSpending] = [:]
        for one in self { all[one.model, default: ModelSpending(model: one.model)].add(one) }
        return all.values.sorted {
            if $0.costPicoUSD != $1.costPicoUSD { return $0.costPicoUSD > $1.costPicoUSD }
            if $0.replies != $1.replies { return $0.replies > $1.replies }
            return $0.model.description < $1.model.description
        }
    }
}
