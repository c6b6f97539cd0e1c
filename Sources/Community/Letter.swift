// A letter: who writes to whom, the text that is sealed, and the row in which it waits.
public import Encoding

/// Who can write or receive a letter.
public enum Correspondent: Sendable, Hashable, CustomStringConvertible {
    /// The house: the operator of the node.
    case house
    /// A human, a keeper among them.
    case human(Identifier)
    /// A resident.
    case resident(Identifier)

    /// As it stands in letters: `house`, `human:<id>`, `resident:<id>`.
    public var description: String {
        switch self {
        case .house: "house"
        case .human(let id): "human:\(id)"
        case .resident(let id): "resident:\(id)"
        }
    }

    /// Reads that text; `operator:<id>` is the house too.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch (parts.first, parts.count == 2 ? Identifier(String(parts[1])) : nil) {
        case ("house", nil) where parts.count == 1: self = .house
        case ("operator", .some): self = .house
        case ("human", let id?): self = .human(id)
        case ("resident", let id?): self = .resident(id)
        default: return nil
        }
    }

    /// The id of a human or resident.
    public var id: Identifier? {
        switch self {
        case .house: nil
        case .human(let id), .resident(let id): id
        }
    }

    /// How a letter's `to` names it: the bare id, or `house`.
    public var address: String { id.map(\.description) ?? "house" }
}

/// The text of a letter with its address, as it is sealed (vault.md, "Mail").
public struct Letter: Sendable, Hashable {
    /// At most this many bytes are a letter's text.
    public static let maximumTextBytes = 12 * 1_024

    /// The letter's id.
    public var id: Identifier
    /// To whom.
    public var to: Correspondent
    /// From whom.
    public var from: Correspondent
    /// When it was written.
    public var at: Instant
    /// What it says.
    public var text: String

    /// Writes a letter.
    public init(id: Identifier, to: Correspondent, from: Correspondent, at: Instant, text: String) {
        self.id = id
        self.to = to
        self.from = from
        self.at = at
        self.text = text
    }

    /// The canonical JSON that is sealed: `{at, from, id, text, to}`.
    public func canonicalBytes() throws(CommunityError) -> [UInt8] {
        guard text.utf8.count <= Self.maximumTextBytes else { throw .letterTooLarge(limit: Self.maximumTextBytes) }
        let json: JSON = [
            "at": .string(at.rfc3339), "from": .string(from.description), "id": .string(id.description),
            "text": .string(text), "to": .string(to.address),
        ]
        do { return try json.canonical() } catch { throw .malformedLetter(id: id) }
    }

    /// Reads what was unsealed and checks it against the row that carried it: a letter moved to another row is refused.
    public init(opening bytes: [UInt8], of row: MailRow) throws(CommunityError) {
        let limits = JSONLimits(maximumBytes: 128 * 1_024, maximumDepth: 4)
        guard let json = try? JSON.parse(bytes, limits: limits), let members = json.object, members.count == 5,
            let text = json["text"]?.string, text.utf8.count <= Self.maximumTextBytes,
            let at = json["at"]?.string.flatMap({ Instant(rfc3339: $0) })
        else { throw .malformedLetter(id: row.id) }
        guard json["id"]?.string == row.id.description, json["from"]?.string == row.from.description,
            json["to"]?.string == row.to.address
        else { throw .mismatchedLetter(id: row.id) }
        self.init(id: row.id, to: row.to, from: row.from, at: at, text: text)
    }
}

/// A sealed letter in the house, as the tables hold it.
public struct MailRow: Sendable, Hashable {
    /// Where a letter is.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// It may be delivered.
        case queued
        /// It may be delivered on a later day.
        case waiting
        /// Its recipient has it.
        case delivered
        /// Its recipient revoked the access of the human who wrote it; it is never delivered.
        case refused
    }

    /// The letter's id.
    public var id: Identifier
    /// From whom.
    public var from: Correspondent
    /// To whom.
    public var to: Correspondent
    /// When it was queued.
    public var queuedAt: Instant
    /// Before which instant it is not delivered.
    public var notBefore: Instant?
    /// Where it is, at the moment of the query.
    public var state: State
    /// Whether a rehearsal wrote it.
    public var isRehearsed: Bool
    /// The sealed letter; nil once removed.
    public var ciphertext: [UInt8]?

    /// Makes a row.
    public init(
        id: Identifier, from: Correspondent, to: Correspondent, queuedAt: Instant, notBefore: Instant? = nil,
        state: State = .queued, isRehearsed: Bool = false, ciphertext: [UInt8]? = nil
    ) {
        self.id = id
        self.from = from
        self.to = to
        self.queuedAt = queuedAt
        self.notBefore = notBefore
        self.state = state
        self.isRehearsed = isRehearsed
        self.ciphertext = ciphertext
    }
}

/// A letter that the engine opened, with the name that its sender goes by.
public struct OpenedLetter: Sendable, Hashable {
    /// The letter.
    public var letter: Letter
    /// The sender's name, where one is known; written by an outsider.
    public var senderName: String?
    /// Whether a rehearsal wrote it.
    public var isRehearsed: Bool

    /// Makes an opened letter.
    public init(_ letter: Letter, senderName: String? = nil, isRehearsed: Bool = false) {
        self.letter = letter
        self.senderName = senderName
        self.isRehearsed = isRehearsed
    }
}
