// What a run may use and cost at most, told before anything is asked.
public import Community
public import Encoding
import Persona
public import Providers
import Tools

/// The most that one run can use and cost.
public struct RunEstimate: Sendable, Equatable {
    /// Whose run.
    public let resident: Identifier
    /// The model that will most likely speak; nil where none can be asked, and the run will be skipped.
    public let model: ModelName?
    /// The most tokens, the house's part of every round included.
    public let tokens: Int
    /// The most that it can cost, in pico-USD; nil where the price is unknown.
    public let costPicoUSD: Int64?
}

extension RunEngine {
    /// The worst case of a resident's run, without opening anything: all it may spend, in every round the house's part,
    /// each token at the model's dearest price.
    public func worstCase(of resident: ResidentRecord, trigger: RunTrigger) -> RunEstimate {
        guard let model = models(for: resident, preferences: nil).first else {
            return RunEstimate(resident: resident.id, model: nil, tokens: 0, costPicoUSD: 0)
        }
        let house =
            TokenEstimate.tokens(in: self.house.preamble.text)
            + TokenEstimate.tokens(in: self.house.residentTools.declarations(cleanRoom: false))
        let own = settings.dailyTokens + (trigger == .weekly ? resident.bank : 0)
        // Cache reads are charged a tenth, so what a purse pays for may be ten times as many tokens of input.
        let tokens = own * 10 + house * settings.maximumRounds
        guard let price = router.price(of: model) else {
            return RunEstimate(resident: resident.id, model: model, tokens: tokens, costPicoUSD: nil)
        }
        let dearest = max(price.input, price.cacheWrite, price.output)
        let paid = Int64(clamping: own).multipliedReportingOverflow(by: dearest)
        let cached = Int64(clamping: own * 10).multipliedReportingOverflow(by: price.cacheRead)
        let overhead = Int64(clamping: house * settings.maximumRounds)
            .multipliedReportingOverflow(by: max(price.input, price.cacheWrite))
        let overflows = paid.overflow || cached.overflow || overhead.overflow
        let cost = max(paid.partialValue, cached.partialValue)
            .addingReportingOverflow(overhead.partialValue)
        return RunEstimate(
            resident: resident.id, model: model, tokens: tokens,
            costPicoUSD: overflows || cost.overflow ? .max : cost.partialValue)
    }
}
