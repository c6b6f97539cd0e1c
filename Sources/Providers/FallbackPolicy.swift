// Which models may speak for a resident, and in which order.

/// Who is asked, in order: what the resident prefers, then the node's list, never the stand-in (engine.md, B-43).
public enum FallbackPolicy {
    /// The models to ask, each once, in order.
    ///
    /// A resident whose own model is the stand-in is heard by it alone: a real model must not take its place unasked.
    /// For every other resident the stand-in is left out wherever it stands, because a made-up voice must never write
    /// into a real history.
    ///
    /// - Parameters:
    ///   - preferred: the resident's own models, the first being the one it was admitted with or chose.
    ///   - nodeList: the node's fallbacks.
    ///   - isRehearsal: whether a model is the stand-in.
    ///   - isAvailable: whether its provider can be asked at all: a key or a server, and no open breaker.
    public static func order(
        preferred: [ModelName], nodeList: [ModelName], isRehearsal: (ModelName) -> Bool,
        isAvailable: (ModelName) -> Bool
    ) -> [ModelName] {
        if let own = preferred.first, isRehearsal(own) { return isAvailable(own) ? [own] : [] }
        var order: [ModelName] = []
        for model in preferred + nodeList where !isRehearsal(model) && isAvailable(model) && !order.contains(model) {
            order.append(model)
        }
        return order
    }
}
