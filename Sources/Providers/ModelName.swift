// How a model is named everywhere: PROVIDER/MODEL.

/// A model at a provider, written `PROVIDER/MODEL`; the model's part may itself contain slashes.
public struct ModelName: Hashable, Sendable, CustomStringConvertible {
    /// The provider's name in the settings.
    public let provider: String
    /// The provider's name for the model.
    public let model: String

    /// The longest name, in bytes, so that none floods a span or a table.
    public static let maximumBytes = 200

    /// The built-in stand-in.
    public static let rehearsal = ModelName(checked: "rehearsal", "rehearsal")

    private init(checked provider: String, _ model: String) {
        self.provider = provider
        self.model = model
    }

    /// Reads `PROVIDER/MODEL`; nil where a part is empty, the whole too long, or a byte is no visible ASCII.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.maximumBytes, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        self.init(checked: String(parts[0]), String(parts[1]))
    }

    /// Names a model of a provider; nil where ``init(_:)`` would refuse the whole.
    public init?(provider: String, model: String) {
        guard !provider.contains("/") else { return nil }
        self.init("\(provider)/\(model)")
    }

    /// `PROVIDER/MODEL`.
    public var description: String { "\(provider)/\(model)" }
}
