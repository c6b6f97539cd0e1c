// The form of a model's name, PROVIDER/MODEL, in one place for settings, spans, options and packages.

/// What a text must be to name a model.
public enum ModelText {
    /// The longest name of a model with its provider, in bytes, so that none floods a span or a table.
    public static let maximumBytes = 200

    /// The provider and its model, which may have slashes itself; nil where a part is empty, the whole too long, or a
    /// byte is no visible ASCII.
    public static func parts(of text: String) -> (provider: String, model: String)? {
        guard text.utf8.count <= maximumBytes, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        return (String(parts[0]), String(parts[1]))
    }
}
