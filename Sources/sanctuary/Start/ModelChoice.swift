// Which model speaks for a new resident (interface.md, "Rehearsal is for trying").
import Engine
import Providers

/// The choice, and the words for why.
struct ModelChoice: Sendable, Equatable {
    let model: ModelName
    let reason: String

    /// Whether the command line named it.
    var isAsked: Bool { reason == Self.option }

    private static let option = "--model"

    /// The models that a key alone stands for.
    private static func standardModel(of dialect: DialectName) -> String? {
        switch dialect {
        case .anthropic: "claude-sonnet-5-5"
        case .openai: "gpt-6.1-sol"
        case .rehearsal: nil
        }
    }

    /// `--model`, else the first of `fallback`, else the provider whose key is set, else rehearsal.
    init(option: String?, settings: Settings) throws(CommandError) {
        if let option {
            guard let model = ModelName(option) else { throw noModel(option) }
            let known = settings.allProviders.map(\.name)
            guard known.contains(model.provider) else { throw unknownProvider(model.provider, among: known) }
            self.init(model: model, reason: Self.option)
            return
        }
        if let first = settings.engine.fallback.first {
            self.init(model: first, reason: "the first of 'fallback'")
            return
        }
        for provider in settings.allProviders where provider.key.read() != nil {
            let named = provider.models.keys.sorted().first ?? Self.standardModel(of: provider.dialect)
            if let named, let model = ModelName(provider: provider.name, model: named) {
                self.init(model: model, reason: "the key of '\(provider.name)' is set")
                return
            }
        }
        self.init(model: .rehearsal, reason: "no provider has a key")
    }

    private init(model: ModelName, reason: String) {
        self.model = model
        self.reason = reason
    }
}
