// One tiny real call, to see whether a provider answers, how fast, and for how much.
internal import Encoding

/// What came of checking a provider.
public struct ProviderCheck: Sendable, Equatable {
    /// The model that was asked.
    public let model: ModelName
    /// The reply's usage, or why there is none.
    public let result: Result<TokenUsage, ProviderError>
    /// How long it took, in milliseconds.
    public let latencyMilliseconds: Int
    /// What it cost, in pico-USD; nil where there is no reply or no price.
    public let costPicoUSD: Int64?
}

extension ProviderRouter {
    /// The model that checks a provider: the cheapest known, the settings' rows before the catalogue's.
    public func checkModel(of provider: String, catalogue: ModelCatalogue = .embedded) -> ModelName? {
        guard let settings = settings(of: provider) else { return nil }
        if settings.dialect == .rehearsal { return ModelName(provider: provider, model: "rehearsal") }
        let named = settings.models.keys.sorted()
        let candidates = (named.isEmpty ? catalogue.models(of: settings.dialect) : named)
            .compactMap { ModelName(provider: provider, model: $0) }
        return candidates.min { (price(of: $0)?.input ?? .max) < (price(of: $1)?.input ?? .max) }
    }

    /// What a check asks.
    public static let checkConversation = Conversation(
        system: [], turns: [Turn(role: .user, blocks: [.text("Answer with the one word: ready")])],
        maximumOutputTokens: 16)

    /// Asks a model for one word, once, without retries.
    public func check(_ model: ModelName) async -> ProviderCheck {
        let start = time.monotonicNanoseconds()
        let result: Result<TokenUsage, ProviderError>
        do throws(ProviderError) {
            result = .success(try await send(Self.checkConversation, to: model).usage)
        } catch {
            result = .failure(error)
        }
        let latency = Int(clamping: (time.monotonicNanoseconds() &- start) / 1_000_000)
        let cost: Int64? = if case .success(let usage) = result { price(of: model)?.cost(of: usage) } else { nil }
        return ProviderCheck(model: model, result: result, latencyMilliseconds: latency, costPicoUSD: cost)
    }
}
