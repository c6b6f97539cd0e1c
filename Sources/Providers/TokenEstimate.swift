// How many tokens a text may be, before any provider has counted it.
public import Encoding

/// A careful estimate of tokens from bytes: rather too many than too few, for budgets checked before a call.
///
/// Byte-pair tokenizers spend about 4 bytes of English on a token, 3 of code or JSON, 2 to 3 of a Chinese character or
/// an emoji. So 3 ASCII bytes or 2 other bytes count as one token. Text made to defeat tokenizers (random digits,
/// base64) can need up to twice as many; what a provider then reports is what is settled and charged.
public enum TokenEstimate {
    /// What a block, a turn or a message costs beside its text.
    static let perBlock = 8
    /// What a declared tool costs beside its text.
    static let perTool = 24
    /// What providers add once any tool is declared.
    static let toolPreamble = 400

    /// The tokens of a text.
    public static func tokens(in text: String) -> Int {
        var text = text
        // Over the buffer, where the loop is vectorised: contexts of 64 KiB are estimated several times a round.
        let others = text.withUTF8 { bytes in bytes.reduce(into: 0) { $0 &+= Int($1 >> 7) } }
        return tokens(ascii: text.utf8.count - others, others: others)
    }

    /// The tokens of a text that stands in a JSON document.
    public static func tokens(in text: JSONText) -> Int { tokens(ascii: text.asciiCount, others: text.otherCount) }

    private static func tokens(ascii: Int, others: Int) -> Int { (ascii + 2) / 3 + (others + 1) / 2 }

    /// The tokens of the declared tools: the house's part, which residents are not charged for.
    public static func tokens(in tools: [ToolDeclaration]) -> Int {
        guard !tools.isEmpty else { return 0 }
        return tools.reduce(toolPreamble) { $0 + $1.tokens }
    }

    /// The tokens of a turn.
    public static func tokens(in turn: Turn) -> Int {
        perBlock + turn.blocks.tokens
    }

    /// The input tokens of a whole request.
    public static func inputTokens(of conversation: Conversation) -> Int {
        if let opening = conversation.openingTokens {
            return conversation.text.turns(from: conversation.openingTurns).reduce(opening) { $0 + tokens(in: $1) }
        }
        return conversation.system.reduce(perBlock) { $0 + perBlock + tokens(in: $1.text) }
            + conversation.text.turns(from: 0).reduce(0) { $0 + tokens(in: $1) } + tokens(in: conversation.tools)
    }

    /// About as many bytes as a value is written with, and no fewer; without writing it.
    static func bytes(of value: JSON) -> Int {
        switch value {
        case .null, .bool: 5
        case .integer, .number: 24
        case .string(let text): text.utf8.count + 3
        case .array(let values): values.reduce(2) { $0 + 1 + bytes(of: $1) }
        case .object(let members): members.reduce(2) { $0 + 5 + $1.key.utf8.count + bytes(of: $1.value) }
        }
    }

    /// About as many bytes as a piece of a turn has; exactly as many where it is words.
    static func bytes(of block: Block) -> Int {
        switch block {
        case .text(let text): text.utf8.count
        case .quoted(let text): text.utf8Count
        case .toolUse(let use):
            switch use.arguments {
            case .object(let arguments): use.id.utf8.count + use.name.utf8.count + bytes(of: .object(arguments))
            case .unparsable: use.id.utf8.count + use.name.utf8.count
            }
        case .toolResult(let id, let content, _): id.utf8.count + content.utf8.count
        case .opaque(let value): bytes(of: value)
        }
    }

    /// The tokens of a piece of a turn, beside what any piece costs.
    static func tokens(in block: Block) -> Int {
        switch block {
        case .text(let text): tokens(in: text)
        case .quoted(let text): tokens(in: text)
        case .toolUse(let use):
            switch use.arguments {
            case .object(let arguments): perTool + (bytes(of: .object(arguments)) + 1) / 2
            case .unparsable(let text): perTool + tokens(in: text)
            }
        case .toolResult(_, let content, _): perTool + tokens(in: content)
        case .opaque(let value): (bytes(of: value) + 1) / 2
        }
    }
}
