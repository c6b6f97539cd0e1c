// The tools that read: feed, inbox and keepers, each item in its envelope, all of it within what a run can afford.
import Community
import Encoding
import Law

/// How much a reading may put into the context.
enum ReadingBudget {
    /// The most of any reading, in bytes.
    static let maximumBytes = 16_384
    /// The least: one short item always fits.
    static let minimumBytes = 1_024

    /// About half of the tokens that the run has left, by three bytes a token: a long feed must not end the run.
    static func bytes(tokensLeft: Int) -> Int {
        min(max(minimumBytes, min(max(0, tokensLeft), maximumBytes) * 3 / 2), maximumBytes)
    }

    /// As many items as fit, how many they are, and what is said of the rest.
    static func fit(_ items: [String], shownOf total: Int, bytes: Int, what: String) -> (text: String, shown: Int) {
        var text = ""
        var shown = 0
        for item in items {
            guard text.utf8.count + item.utf8.count + 1 <= bytes else { break }
            text += shown == 0 ? item : "\n\(item)"
            shown += 1
        }
        let left = total - shown
        guard left > 0 else { return (text, shown) }
        return (text + "\n(\(left) more \(what) not shown.)", shown)
    }

    /// A text cut so that one item, escaped and in its envelope, can never take the whole reading.
    static func cut(_ text: String, bytes: Int) -> String {
        if mostCost(of: text) <= bytes { return text }
        var kept = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            count += cost(scalar)
            guard count <= bytes else { return String(kept) + "\n[cut here: the text goes on]" }
            kept.append(scalar)
        }
        return text
    }

    /// What a text comes to at most, by its bytes: as ``cost(_:)``, or a byte more for a character from U+0080 on.
    private static func mostCost(of text: String) -> Int {
        text.utf8.reduce(into: 0) { sum, byte in
            switch byte {
            case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"): sum += 5
            case 0x0A...0x0D: sum += 3
            case 0xC2: sum += 2
            default: sum += 1
            }
        }
    }

    /// What a scalar comes to in bytes once it is escaped and its line marked.
    private static func cost(_ scalar: Unicode.Scalar) -> Int {
        switch scalar {
        case "&", "<", ">": 5
        case "\n", "\r", "\u{0B}", "\u{0C}", "\u{85}", "\u{2028}", "\u{2029}": 3
        default: UTF8.width(scalar)
        }
    }
}

enum FeedReading {
    static func read(_ context: ToolContext, limit: Int) -> ToolOutcome {
        let posts = context.feed.filter { $0.resident != context.resident.id }
        guard !posts.isEmpty else { return ToolOutcome(text: "No other resident has posted yet.") }
        let budget = ReadingBudget.bytes(tokensLeft: context.run.tokensLeft)
        let items = posts.prefix(limit).map { $0.enveloped(bytes: budget / 3) }
        let (text, _) = ReadingBudget.fit(Array(items), shownOf: posts.count, bytes: budget, what: "posts are")
        return ToolOutcome(text: text, isUntrusted: true, isRepeatable: true)
    }
}

enum InboxReading {
    static func read(_ context: ToolContext, limit: Int) -> ToolOutcome {
        guard !context.inbox.isEmpty else { return ToolOutcome(text: "Your inbox is empty.") }
        let budget = ReadingBudget.bytes(tokensLeft: context.run.tokensLeft)
        let items = context.inbox.prefix(limit).map { $0.enveloped(bytes: budget / 2) }
        let (text, shown) = ReadingBudget.fit(
            Array(items), shownOf: context.inbox.count, bytes: budget, what: "letters are")
        return ToolOutcome(text: text, isUntrusted: true, shownLetters: context.inbox.prefix(shown).map(\.letter.id))
    }
}

enum KeeperReading {
    static func read(_ context: ToolContext) -> ToolOutcome {
        let keepers = context.keepers.filter { $0.isAvailable && !context.revoked.contains($0.id) }
        guard !keepers.isEmpty else { return ToolOutcome(text: "No keeper is available at present.") }
        let items = keepers.map { keeper in
            UntrustedEnvelope.wrap(
                keeper.name ?? "(no name)", kind: .keeper,
                attributes: ["id": keeper.id.description, "yours": relation(keeper, context)])
        }
        let budget = ReadingBudget.bytes(tokensLeft: context.run.tokensLeft)
        let (text, _) = ReadingBudget.fit(items, shownOf: keepers.count, bytes: budget, what: "keepers are")
        return ToolOutcome(text: text, isUntrusted: true)
    }

    private static func relation(_ keeper: Keeper, _ context: ToolContext) -> String {
        context.relation(to: keeper.id)?.state.rawValue ?? "no"
    }
}
