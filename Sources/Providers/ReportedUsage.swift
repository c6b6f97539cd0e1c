// What a provider says that a reply used, field by field, and what is made of it: the one rule of both dialects.
internal import Encoding

/// One count as a provider reported it.
enum ReportedCount: Equatable {
    /// The provider has not told it.
    case absent
    /// So many tokens.
    case known(Int)
    /// Something stands there that is no number of tokens.
    case unreadable

    /// More tokens than any model has in one reply; what claims more is no count.
    static let largest: Int64 = 1_000_000_000

    /// Reads a count: a whole number from 0 to `largest`, also one written as a fraction such as `150000.0`.
    init(_ json: JSON?) {
        switch json {
        case nil, .some(.null): self = .absent
        case .some(.integer(let number)) where (0...Self.largest).contains(number): self = .known(Int(number))
        case .some(.number(let number)):
            self =
                Int64(exactly: number).flatMap { (0...Self.largest).contains($0) ? .known(Int($0)) : nil }
                ?? .unreadable
        default: self = .unreadable
        }
    }

    /// Takes a later report of the same count, which replaces this one; what is absent replaces nothing.
    mutating func take(_ json: JSON?) {
        let later = ReportedCount(json)
        if later != .absent { self = later }
    }

    var value: Int? { if case .known(let count) = self { count } else { nil } }
}

/// The usage of one reply as reported; a count that is missing where it is required, or unreadable, is estimated.
///
/// Nothing that a provider writes makes a reply free that it may charge for.
struct ReportedUsage: Equatable {
    /// Uncached input; required.
    var input = ReportedCount.absent
    /// Input read from the cache; absent where there is none.
    var cacheRead = ReportedCount.absent
    /// Input written to the cache; absent where there is none.
    var cacheWrite = ReportedCount.absent
    /// Output; required.
    var output = ReportedCount.absent
    /// What the output is estimated at by what was said.
    var saidTokens = 0

    /// Whether the input must be estimated.
    var lacksInput: Bool { input.value == nil || cacheRead == .unreadable || cacheWrite == .unreadable }
    /// Whether any part must be.
    var isEstimated: Bool { lacksInput || output.value == nil }

    /// The usage, with estimates where a count is lacking.
    ///
    /// - Parameter estimate: the tokens of the request, by its text.
    func settled(input estimate: Int) -> TokenUsage {
        var usage = TokenUsage(
            input: input.value ?? 0, cacheRead: cacheRead.value ?? 0, cacheWrite: cacheWrite.value ?? 0,
            output: output.value ?? saidTokens)
        if lacksInput { usage.raiseInput(to: estimate) }
        return usage
    }
}

extension TokenUsage {
    /// Takes all input to be so much at least; what is missing of it counts as uncached.
    mutating func raiseInput(to estimate: Int) { input += max(0, estimate - totalInput) }
}

extension Reply {
    /// The reply as it was on the wire.
    ///
    /// - Parameter estimate: the tokens of the request, for providers that do not tell them; nil: not known here.
    init(_ wire: WireReply, inputEstimate estimate: Int?, model: String = "", requestID: String?) {
        self.init(
            blocks: wire.blocks, stop: wire.stop, usage: wire.usage.settled(input: estimate ?? 0),
            usageIsEstimated: wire.usage.isEstimated, model: wire.model ?? model, requestID: requestID)
        lacksInput = estimate == nil && wire.usage.lacksInput
    }

    /// Estimates the input of a reply out of a batch, where its provider did not tell it.
    public mutating func estimateInput(of conversation: Conversation) {
        guard lacksInput else { return }
        usage.raiseInput(to: TokenEstimate.inputTokens(of: conversation))
        lacksInput = false
    }
}
