// What one call to a model costs a resident in tokens of its account.

/// The rule by which a provider's usage becomes a charge.
public enum TokenCharge {
    /// The tokens to charge for one call: uncached input, cache writes, output, and a tenth of cache reads, rounded up,
    /// without the house's own part of the input.
    ///
    /// The preamble and the tool block open every context, and cached tokens are always a beginning of it. So the
    /// house's tokens are taken first out of the cache reads, then out of the cache writes, then out of the uncached
    /// input; they never pay for output. The result is never negative, and absurd counts saturate instead of trapping.
    ///
    /// - Parameters:
    ///   - input: uncached input tokens, as `TokenUsage.input`.
    ///   - cacheRead: input tokens that the provider read from its cache.
    ///   - cacheWrite: input tokens that it wrote to its cache.
    ///   - output: tokens of the reply.
    ///   - house: input tokens of preamble and tool block.
    public static func tokens(input: Int, cacheRead: Int, cacheWrite: Int, output: Int, house: Int) -> Int {
        var house = bounded(house)
        func withoutHouse(_ count: Int) -> Int {
            let own = min(bounded(count), house)
            house -= own
            return bounded(count) - own
        }
        let read = withoutHouse(cacheRead)
        let written = withoutHouse(cacheWrite)
        let uncached = withoutHouse(input)
        return uncached + written + bounded(output) + (read + 9) / 10
    }

    /// A count between zero and 2^40, above which no provider's number is believed.
    private static func bounded(_ count: Int) -> Int { min(max(0, count), 1 << 40) }
}
