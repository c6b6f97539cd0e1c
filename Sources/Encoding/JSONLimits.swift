// How large and how deep a JSON text may be, and which dialect it is written in.

/// The bounds a parser keeps, so that no input can exhaust memory or the stack.
public struct JSONLimits: Sendable, Hashable {
    /// No limit may allow a deeper nesting than this: the parser is recursive and its stack is not endless.
    public static let deepest = 512

    /// The largest text, in bytes.
    public var maximumBytes: Int
    /// The deepest nesting of arrays and objects; the outermost one is at depth 1.
    public var maximumDepth: Int { didSet { maximumDepth = min(maximumDepth, Self.deepest) } }
    /// Whether only whole numbers within ±(2^53−1) are accepted, as the ledger demands.
    public var onlySafeIntegers: Bool

    /// Sets the bounds.
    public init(maximumBytes: Int, maximumDepth: Int, onlySafeIntegers: Bool = false) {
        self.maximumBytes = maximumBytes
        self.maximumDepth = min(maximumDepth, Self.deepest)
        self.onlySafeIntegers = onlySafeIntegers
    }

    /// For ordinary documents: 64 MiB, 128 deep.
    public static let `default` = JSONLimits(maximumBytes: 64 << 20, maximumDepth: 128)

    /// For spans: 65,535 bytes, 32 deep, whole numbers within ±(2^53−1) only (ledger.md, RFC 7493 section 2.2).
    public static let ledger = JSONLimits(maximumBytes: 65_535, maximumDepth: 32, onlySafeIntegers: true)

    /// The largest whole number that every reader of JSON holds exactly: 2^53−1.
    static let largestSafeInteger: Int64 = 9_007_199_254_740_991
}

/// Which grammar a text is read with.
public enum JSONDialect: Sendable, Hashable {
    /// RFC 8259, without any leniency.
    case strict
    /// RFC 8259 and what people like in settings: comments, trailing commas, bare keys, single quotes, hexadecimals.
    case json5
}
