// The bytes of a request: what a run opens with, the same in all its rounds, and what follows it.
internal import Encoding

/// The body of a request to one model.
public struct WrittenBody: Sendable, Equatable {
    /// The bytes that hold the instructions and the opening turns, shared with the bodies that begin so too; empty
    /// where no later body does.
    public let opening: ArraySlice<UInt8>
    /// What follows them.
    public let rest: ArraySlice<UInt8>

    /// No body: of a request that an earlier start made.
    public static let none = WrittenBody([], openingCount: 0)

    /// A body whose first so many bytes are the opening.
    init(_ bytes: [UInt8], openingCount: Int) {
        self.init(opening: bytes[..<openingCount], rest: bytes[openingCount...])
    }

    /// A body of what was written before, and what follows it.
    init(opening: ArraySlice<UInt8>, rest: ArraySlice<UInt8>) {
        self.opening = opening
        self.rest = rest
    }

    /// All of it.
    public var bytes: [UInt8] { Array(opening + rest) }

    /// How many bytes the opening has.
    public var openingCount: Int { opening.count }
}

/// What a conversation's instructions and opening turns became in an earlier request, to begin the next one with.
public struct WrittenOpening: Sendable, Equatable {
    /// The model it was written for.
    public let model: ModelName
    /// Its bytes, in the body that it was written for, all of which is kept with them.
    let bytes: ArraySlice<UInt8>

    /// The opening of a body; nil where it has none.
    public init?(_ body: WrittenBody, for model: ModelName) {
        guard !body.opening.isEmpty else { return nil }
        self.model = model
        bytes = body.opening
    }
}

extension Conversation {
    /// Turns that are one message: neighbours of one role, those without anything to send passed over.
    struct Message {
        let role: Turn.Role
        var turns: Range<Int>
    }

    /// The messages of a request, in order.
    struct Messages {
        /// The turns that they are made of.
        let turns: ArraySlice<Turn>
        let all: [Message]
        /// Where those of the opening end; nil where one message reaches beyond it, or there is none.
        let opening: Int?
        /// The bytes of the opening where it was written before; it is one message here then, without turns.
        let written: ArraySlice<UInt8>?

        subscript(message: Int) -> ArraySlice<Turn> { turns[all[message].turns] }
    }

    /// The messages that a model gets; of an opening that was written for it before nothing is looked at again.
    func messages(for model: ModelName) -> Messages {
        if let written, written.model == model {
            let turns = text.turns(from: openingTurns)
            let later = messages(of: turns, for: model)
            if later.first?.role != .user {
                let opening = Message(role: .user, turns: turns.startIndex..<turns.startIndex)
                return Messages(turns: turns, all: [opening] + later, opening: 1, written: written.bytes)
            }
        }
        let turns = text.turns(from: 0)
        let all = messages(of: turns, for: model)
        let end = all.firstIndex { $0.turns.lowerBound >= openingTurns } ?? all.count
        // What follows the words of the house is never part of their message: those are a model's.
        let isWhole = end > 0 && all[end - 1].turns.upperBound <= openingTurns && all[end - 1].role == .user
        return Messages(turns: turns, all: all, opening: isWhole ? end : nil, written: nil)
    }

    private func messages(of turns: ArraySlice<Turn>, for model: ModelName) -> [Message] {
        var messages: [Message] = []
        messages.reserveCapacity(turns.count)
        for index in turns.indices where turns[index].sendsAnything(to: model) {
            if let last = messages.indices.last, messages[last].role == turns[index].role {
                messages[last].turns = messages[last].turns.lowerBound..<index + 1
            } else {
                messages.append(Message(role: turns[index].role, turns: index..<index + 1))
            }
        }
        return messages
    }
}

extension Conversation.Messages {
    /// The messages whose end is worth a cache entry: the last that the house wrote, which the next request repeats;
    /// then the one before it where this request answers tool calls, because the request of that round ended there.
    ///
    /// A breakpoint finds older entries only so many blocks back (providers.md 1.2), hence the second.
    var stable: [Int] {
        guard let last = all.lastIndex(where: { $0.role == .user }) else { return [] }
        let answers = self[last].contains { turn in
            turn.blocks.contains { if case .toolResult = $0 { true } else { false } }
        }
        let before = answers ? all[..<last].lastIndex { $0.role == .user } : nil
        return [last] + (before.map { [$0] } ?? [])
    }
}

extension Conversation {
    /// The bytes of its words in UTF-8: instructions and texts; of what is no text about as many as it has.
    public var textBytes: Int {
        text.turns(from: 0).reduce(system.reduce(0) { $0 + $1.text.utf8.count }) { $0 + $1.blocks.bytes }
    }

    /// About how many bytes are to be written for these messages.
    func estimatedBytes(of messages: Messages) -> Int {
        var bytes = 2_048
        if messages.written == nil { for block in system { bytes += block.text.utf8.count + 64 } }
        for tool in tools { bytes += tool.schema.count + tool.description.utf8.count + 128 }
        for turn in messages.turns { bytes += turn.blocks.bytes + 96 * turn.blocks.count }
        return bytes + bytes / 32
    }
}

extension ArraySlice<Turn> {
    /// Goes through what is sent of a message's turns.
    func forEachBlock(for model: ModelName, _ body: (Block) -> Void) {
        for turn in self {
            for block in turn.blocks where turn.sends(block, to: model) { body(block) }
        }
    }
}

extension Turn {
    /// Whether a model gets any block of it.
    func sendsAnything(to receiver: ModelName) -> Bool { blocks.contains { sends($0, to: receiver) } }

    /// Whether a model gets this block: one with something in it, opaque ones only from itself.
    func sends(_ block: Block, to receiver: ModelName) -> Bool {
        switch block {
        case .text(let text): !text.isBlank
        case .quoted(let text): !text.isBlank
        case .opaque: model == nil || model == receiver
        case .toolUse, .toolResult: true
        }
    }
}

extension String {
    fileprivate var isBlank: Bool {
        guard let first = utf8.first else { return true }
        return (0x21...0x7E).contains(first) ? false : !contains { !$0.isWhitespace }
    }
}

extension JSONText {
    fileprivate var isBlank: Bool {
        let isPlainlyNot = withEscapedBytes { bytes in
            bytes.first.map { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") } ?? false
        }
        return isPlainlyNot ? false : string.isBlank
    }
}

extension JSONStreamWriter {
    /// A writer for a body of these messages, behind the opening where that was written before.
    init(_ messages: Conversation.Messages, of conversation: Conversation) {
        let capacity = conversation.estimatedBytes(of: messages)
        if messages.written == nil { self.init(capacity: capacity) } else { self.init(continuingWith: capacity) }
    }
}

extension Block {
    /// Whether it is words.
    var isWords: Bool {
        switch self {
        case .text, .quoted: true
        case .toolUse, .toolResult, .opaque: false
        }
    }
}
