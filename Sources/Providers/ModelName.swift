// How a model is named everywhere: PROVIDER/MODEL.
import Encoding

/// A model at a provider, written `PROVIDER/MODEL`; the model's part may itself contain slashes.
public struct ModelName: Hashable, Sendable, CustomStringConvertible {
    /// The provider's name in the settings.
    public let provider: String
    /// The provider's name for the model.
    public let model: String

    /// The longest name, in bytes.
    public static let maximumBytes = ModelText.maximumBytes

    /// The built-in stand-in.
    public static let rehearsal = ModelName(checked: "rehearsal", "rehearsal")

    private init(checked provider: String, _ model: String) {
        self.provider = provider
        self.model = model
    }

    /// Reads `PROVIDER/MODEL`; nil where ``ModelText`` has it no model's name.
    public init?(_ text: String) {
        guard let parts = ModelText.parts(of: text) else { return nil }
        self.init(checked: parts.provider, parts.model)
    }

    /// Names a model of a provider; nil where ``init(_:)`` would refuse the whole.
    public init?(provider: String, model: String) {
        guard !provider.contains("/") else { return nil }
        self.init("\(provider)/\(model)")
    }

    /// `PROVIDER/MODEL`.
    public var description: String { "\(provider)/\(model)" }
}
