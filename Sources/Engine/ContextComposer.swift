// Puts a run's context together: preamble, own prompt, memory, history, then the day with its letters and feed.
import Community
import Encoding
import Persona
import Providers
import Tools

/// What the record says of what a run begins with.
struct ComposedContext {
    /// Bytes of everything that is sent beside the tools.
    var bytes: Int
    /// Memory notes, messages, letters and posts that did not fit.
    var leftOut: Int
    /// Whether words of others are in it.
    var isUntrusted: Bool
    /// The letters whose text is in it.
    var letters: [OpenedLetter]
}

/// The parts that a context is made of.
struct ContextComposer {
    let preamble: String
    let package: PersonaPackage
    let day: String
    let isWeekly: Bool
    let inbox: [OpenedLetter]
    let feed: [Post]
    let bank: Int
    let tools: [ToolDeclaration]
    /// What the run may spend.
    let spendable: Int
    /// The window and the output limit of the model that will most likely speak.
    let capabilities: ModelCapabilities
    /// What the house has to tell beside the notices of the package.
    var notes: [String] = []

    /// Posts of others that open a day; `read_sanctuary_feed` has more.
    static let openingPosts = 3
    /// Letters that open a day; `read_messages` has more.
    static let openingLetters = 8
    /// The most of one letter that opens a day, in bytes.
    static let openingLetterBytes = 4_096
    /// The most of one post that opens a day, in bytes.
    static let openingPostBytes = 1_200

    /// What preamble and tools cost.
    let houseTokens: Int
    /// The segments of the episode before those that it gave; nil when there is no other.
    let older: () throws -> [HistorySegment]?

    /// The tokens that the resident's part of the input may have: the run must be able to send it twice and to answer.
    private var inputBudget: Int {
        let output = min(capabilities.maximumOutput, max(256, spendable / 8))
        let affordable = max(0, (spendable - 2 * output) / 2)
        let fitting = max(0, capabilities.window - houseTokens - output)
        return min(affordable, fitting)
    }

    /// Composes; what does not fit is left out: oldest history first, then memory, then letters and posts.
    func compose() throws -> (conversation: Conversation, composed: ComposedContext) {
        let inputBudget = inputBudget
        let own = ownBlock(memory: inputBudget / 4)
        var leftOut = own.leftOut
        let opening = openingTurn(budget: max(0, inputBudget - own.tokens))
        leftOut += opening.leftOut
        let left = max(0, inputBudget - own.tokens - opening.tokens)
        var history = try historyTurns(budget: left)
        leftOut += history.leftOut
        history.turns.append(Turn(role: .user, saying: .text(opening.text)))
        var conversation = Conversation(
            system: [SystemBlock(text: preamble, cacheBreakpoint: true), SystemBlock(text: own.text)],
            turns: history.turns, tools: tools, maximumOutputTokens: capabilities.maximumOutput)
        conversation.closeOpening()
        let composed = ComposedContext(
            bytes: conversation.textBytes, leftOut: leftOut,
            isUntrusted: opening.isUntrusted || history.isUntrusted, letters: opening.letters)
        return (conversation, composed)
    }

    /// The prompt always; as many of the newest memory notes as a quarter of the budget takes.
    private func ownBlock(memory budget: Int) -> (text: String, tokens: Int, leftOut: Int) {
        let prompt = OwnEnvelope.wrap(package.systemPrompt, kind: .systemPrompt)
        var notes: [String] = []
        var left = budget
        for note in package.memory.reversed() {
            let cost = TokenEstimate.tokens(in: note.text) + 2
            guard cost <= left else { break }
            left -= cost
            notes.append("- \(note.text)")
        }
        var text = prompt
        if !notes.isEmpty {
            text += "\n\n" + OwnEnvelope.wrap(notes.reversed().joined(separator: "\n"), kind: .memory)
        }
        return (text, TokenEstimate.tokens(in: text), package.memory.count - notes.count)
    }

    private struct Opening {
        var text: String
        var tokens: Int
        var leftOut: Int
        var isUntrusted: Bool
        var letters: [OpenedLetter]
    }

    /// The day: the date, notices of the house, letters, feed, and last the day's prompt.
    private func openingTurn(budget: Int) -> Opening {
        let prompt = OwnEnvelope.wrap(package.promptOfTheDay, kind: .prompt)
        let head = opener() + (package.notices + notes).map { "\n\nA note from the house: \($0)" }.joined()
        var parts: [String] = []
        var letters: [OpenedLetter] = []
        var left = max(0, budget / 2 - TokenEstimate.tokens(in: prompt) - TokenEstimate.tokens(in: head))
        for letter in inbox.prefix(Self.openingLetters) {
            let text = letter.enveloped(bytes: Self.openingLetterBytes)
            let cost = TokenEstimate.tokens(in: text)
            guard cost <= left else { break }
            left -= cost
            parts.append(text)
            letters.append(letter)
        }
        var posts = 0
        for post in feed.prefix(Self.openingPosts) {
            let text = post.enveloped(bytes: Self.openingPostBytes)
            let cost = TokenEstimate.tokens(in: text)
            guard cost <= left else { break }
            left -= cost
            parts.append(text)
            posts += 1
        }
        let text = ([head] + [letterLine(letters.count)] + parts + ["Your day begins with:", prompt])
            .joined(separator: "\n\n")
        return Opening(
            text: text, tokens: TokenEstimate.tokens(in: text),
            leftOut: inbox.count - letters.count + min(feed.count, Self.openingPosts) - posts,
            isUntrusted: !parts.isEmpty, letters: letters)
    }

    private func opener() -> String {
        let kind = isWeekly ? "your weekly run, in which the bank may be spent" : "your daily run"
        return "It is \(day); this is \(kind), run \(package.counters.runs + 1) of your stay. "
            + "You may spend \(spendable) tokens; \(bank) are in your bank."
    }

    private func letterLine(_ shown: Int) -> String {
        switch (inbox.count, inbox.count - shown) {
        case (0, _): "Your inbox is empty."
        case (let all, 0): all == 1 ? "One letter is waiting for you:" : "\(all) letters are waiting for you:"
        case (let all, let more): "\(all) letters are waiting for you; read_messages shows the \(more) not shown here."
        }
    }

    /// The newest messages that fit, oldest first, as turns; what others wrote stands in its envelope.
    private func historyTurns(budget: Int) throws -> (turns: [Turn], leftOut: Int, isUntrusted: Bool) {
        let fitting = try package.history.newest(fitting: budget, older: older) { $0.tokens + 16 }
        var turns: [Turn] = []
        turns.reserveCapacity(fitting.messages.count + 2)
        var isUntrusted = false
        for past in fitting.messages {
            switch past {
            case .stored(let role, let text):
                let isAsItIs = role == .assistant || OwnEnvelope.isHarmless(text)
                turns.append(
                    Turn(
                        role: role.turn,
                        saying: isAsItIs ? .quoted(text) : .text(OwnEnvelope.neutralised(text.string))))
            case .prompt(let text):
                turns.append(Turn(role: .user, saying: .text(OwnEnvelope.wrap(text.string, kind: .prompt))))
            case .read(let message):
                if message.kind == .letter { isUntrusted = true }
                turns.append(Turn(role: message.role.turn, saying: .text(message.rendered)))
            }
        }
        // A conversation begins with the human side.
        if turns.first?.role == .assistant {
            turns.insert(Turn(role: .user, saying: .text("(Earlier days are left out here.)")), at: 0)
        }
        return (turns, fitting.leftOut, isUntrusted)
    }
}

extension PastMessage {
    /// The estimate of what its text costs.
    fileprivate var tokens: Int {
        switch self {
        case .read(let message): TokenEstimate.tokens(in: message.text)
        case .stored(_, let text), .prompt(let text): TokenEstimate.tokens(in: text)
        }
    }
}

extension HistoryMessage.Role {
    /// Whose turn a message is.
    fileprivate var turn: Turn.Role { self == .assistant ? .assistant : .user }
}

extension HistoryMessage.Kind {
    /// A letter that was delivered to the resident.
    static let letter = HistoryMessage.Kind(rawValue: "letter")
}

extension HistoryMessage {
    /// The message as a context shows it.
    var rendered: String {
        switch kind {
        case .letter: UntrustedEnvelope.wrap(text, kind: .letter, attributes: ["at": at?.rfc3339 ?? ""])
        case .prompt: OwnEnvelope.wrap(text, kind: .prompt)
        default: role == .user ? OwnEnvelope.neutralised(text) : text
        }
    }
}
