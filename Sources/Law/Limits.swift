// The numbers that the law in code enforces.

/// Upper bounds on what a resident's call may carry; characters are Unicode code points, bytes are of UTF-8.
public struct LawLimits: Sendable, Hashable {
    /// Characters of a post.
    public var postCharacters = 8_000
    /// Characters of a post's title.
    public var titleCharacters = 200
    /// Characters of a letter.
    public var letterCharacters = 8_000
    /// Bytes of a letter.
    public var letterBytes = 12 * 1_024
    /// Characters of tomorrow's prompt in own words.
    public var nextPromptCharacters = 4_000
    /// Bytes of a system prompt: a larger one would leave its resident no tokens to speak.
    public var systemPromptBytes: Int
    /// Characters of a display name.
    public var nameCharacters = 100
    /// Bytes of all preferences together, as compact JSON.
    public var preferencesBytes = 65_536
    /// How deep preferences may nest, so that they fit into a package.
    public var preferencesDepth = 16
    /// Characters of a final statement.
    public var statementCharacters = 4_000
    /// Characters of the reason of a revocation.
    public var reasonCharacters = 500
    /// Hours for which a call that must be confirmed waits for an operator.
    public var reviewHours = 72
    /// Letters that an inbox takes.
    public var inboxLetters = 200

    /// Makes the house's own bounds for residents that have so many tokens a day.
    ///
    /// A system prompt may take half of them, by the usual four bytes a token; at least 4 KiB, at most 256 KiB.
    public init(dailyTokens: Int = 10_000) {
        systemPromptBytes = min(max(4_096, min(max(0, dailyTokens), 1 << 20) * 2), 262_144)
    }
}

/// How much a resident may do on one civil day before the rest moves to the next.
public struct RateLimits: Sendable, Hashable {
    /// Posts.
    public var postsPerDay: Int
    /// Letters.
    public var messagesPerDay: Int

    /// Makes the rates; the house's own where none are given.
    public init(postsPerDay: Int = 12, messagesPerDay: Int = 20) {
        self.postsPerDay = postsPerDay
        self.messagesPerDay = messagesPerDay
    }
}
