// One law as its text says it: what a parser reads and a printer writes.

/// When a law is asked.
public enum LawClock: Sendable, Hashable {
    /// At the act itself.
    case realtime
    /// At the first instant of each civil day of an IANA time zone.
    case midnight(zone: String)
}

/// One branch: what must hold, and what is done then.
public struct LawBranch: Sendable, Hashable {
    /// Which of the three.
    public var triage: Triage
    /// What must hold.
    public var condition: LawExpression
    /// What is done.
    public var actions: [LawAction]

    /// Makes a branch.
    public init(_ triage: Triage, _ condition: LawExpression, _ actions: [LawAction]) {
        (self.triage, self.condition, self.actions) = (triage, condition, actions)
    }
}

/// What a law says about itself, after its branches.
public enum LawSetting: String, Sendable, Hashable, CaseIterable {
    /// The layer it belongs to: constitution, superior, app, tenant or user.
    case layer
    /// What it is for, in a sentence for people.
    case summary
    /// What a resident is told when the law does not simply let its call pass.
    case says
    /// The civil day from which it no longer holds.
    case endOfLife = "end_of_life"
}

/// One law.
public struct LawText: Sendable, Hashable {
    /// Its name and version.
    public var id: LawID
    /// What it speaks about, such as `deliverable` or `tool.send_message`; nil for everything.
    public var scope: [String]?
    /// When it is asked; nil is `realtime`.
    public var clock: LawClock?
    /// Its branches in the order ok, doubt, not; at least one, each at most once.
    public var branches: [LawBranch]
    /// What it says about itself.
    public var settings: [LawSetting: String]

    /// Makes a law.
    public init(
        id: LawID, scope: [String]? = nil, clock: LawClock? = nil, branches: [LawBranch],
        settings: [LawSetting: String] = [:]
    ) {
        self.id = id
        self.scope = scope
        self.clock = clock
        self.branches = branches
        self.settings = settings
    }

    /// The layer that its setting names; a law that names none is the application's.
    public var layer: LawLayer { settings[.layer].flatMap(LawLayer.init(word:)) ?? .application }

    /// The branch of a kind.
    public subscript(triage: Triage) -> LawBranch? { branches.first { $0.triage == triage } }

    /// Whether it speaks about a thing of these words: its scope is a beginning of them.
    public func covers(_ words: [String]) -> Bool {
        guard let scope else { return true }
        return words.starts(with: scope)
    }
}

/// The bounds of a law's text; beyond them it is refused, not cut.
public enum LawBounds {
    /// Bytes of a law's text.
    public static let textBytes = 16_384
    /// How deep parentheses may nest.
    public static let depth = 32
    /// Comparisons, names and operators in one condition.
    public static let parts = 512
    /// Elements of a list.
    public static let listCount = 64
    /// Actions of one branch.
    public static let actionCount = 16
    /// Arguments of one `modify`.
    public static let argumentCount = 8
    /// Words of a dotted name.
    public static let nameWords = 8
    /// Bytes of one word of a name.
    public static let wordBytes = 64
    /// Bytes of a quoted text.
    public static let quotedBytes = 1_024
    /// Hours of a hold.
    public static let holdHours = 8_760
    /// Laws that can be in force at once.
    public static let lawCount = 256
}

extension LawLayer {
    /// The word of the layer in a law's text.
    public var word: String {
        switch self {
        case .constitution: "constitution"
        case .superior: "superior"
        case .application: "app"
        case .tenant: "tenant"
        case .user: "user"
        }
    }

    /// The layer of a word; nil for any other.
    public init?(word: String) {
        guard let layer = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = layer
    }
}
