// The words of a conversation, shared by all copies of it, so that they can be let go of while a provider is awaited.
internal import Synchronization

/// What a conversation says, apart from its tools and limits.
final class ConversationText: Sendable, Equatable {
    private struct Words {
        var system: [SystemBlock]
        /// Most of what was said, shared with the copies to which something was added.
        var turns: [Turn]
        var added: [Turn] = []
        /// What the opening became in the last request: bytes that say it once more.
        var written: WrittenOpening?
    }

    private let words: Mutex<Words?>

    init(system: [SystemBlock], turns: [Turn], written: WrittenOpening? = nil) {
        words = Mutex(Words(system: system, turns: turns, written: written))
    }

    var system: [SystemBlock] { words.withLock { $0?.system ?? [] } }
    /// The turns from a place on; those that were added are had without a copy of those before them.
    func turns(from place: Int) -> ArraySlice<Turn> {
        let (turns, added) = words.withLock { ($0?.turns ?? [], $0?.added ?? []) }
        if added.isEmpty { return turns.dropFirst(place) }
        if place >= turns.count { return added.dropFirst(place - turns.count) }
        return turns.dropFirst(place) + added
    }
    var written: WrittenOpening? { words.withLock { $0?.written } }
    var isReleased: Bool { words.withLock { $0 == nil } }

    /// The same words, and a turn more.
    func adding(_ turn: Turn) -> ConversationText {
        let words = words.withLock(\.self) ?? Words(system: [], turns: [])
        return ConversationText(words, adding: turn)
    }

    private init(_ words: Words, adding turn: Turn) {
        var words = words
        words.added.append(turn)
        self.words = Mutex(words)
    }

    static func == (one: ConversationText, other: ConversationText) -> Bool {
        one === other || (one.system == other.system && one.turns(from: 0) == other.turns(from: 0))
    }

    /// Keeps what was written of these words beside them, for as long as they are held.
    func keep(_ written: WrittenOpening?) { words.withLock { $0?.written = written } }

    func release() { words.withLock { $0 = nil } }
}

extension Conversation {
    /// Whether its words were let go of; it says nothing then, and cannot be sent.
    public var isReleased: Bool { text.isReleased }

    /// Remembers what the opening became in a request, for all copies that say the same; it goes when the words go.
    public func keep(_ written: WrittenOpening?) { text.keep(written) }

    /// What lets go of the words of this conversation and of its copies.
    ///
    /// A copy to which something was said since has words of its own, and keeps them.
    public var release: @Sendable () -> Void { { [text] in text.release() } }
}
