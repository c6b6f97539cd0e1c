// What the tools of one run may see, and what the run staged so far.
public import Community
public import Encoding
public import Law
public import Persona

/// The world as the tools of one run see it; the engine gathers it once and keeps it through the run.
public struct ToolContext: Sendable {
    /// The resident's public facts.
    public var resident: ResidentRecord
    /// The run; the engine moves round and tokens on, and sets `hasOutsideContent` once words of others are in it.
    public var run: RunFacts
    /// The civil day of the run, `YYYY-MM-DD`.
    public var today: String
    /// The present instant.
    public var now: Instant
    /// All residents.
    public var directory: ResidentDirectory
    /// Posts of others, newest first.
    public var feed: [Post]
    /// The letters of the inbox, newest first, opened.
    public var inbox: [OpenedLetter]
    /// Keepers who may be chosen.
    public var keepers: [Keeper]
    /// The resident's own keeper, and those it asked.
    public var relations: [KeeperRelation]
    /// Humans whom the house knows by id.
    public var humans: Set<Identifier>
    /// Humans who wrote to the resident at any time.
    public var writers: Set<Identifier>
    /// Humans whose access the resident revoked.
    public var revoked: Set<Identifier>
    /// How many letters lie in the inboxes of residents; none where absent.
    public var inboxCounts: [Identifier: Int]
    /// The resident's preferences.
    public var preferences: Preferences
    /// The menu that it may choose from.
    public var menu: [MenuEntry]
    /// Models (`PROVIDER/MODEL`) that could speak for it.
    public var models: Set<String>
    /// The purse of the run: the engine charges it, ``stage(_:)`` banks in it.
    public var reservation: TokenReservation
    /// Posts and letters of today and the days after, before this run.
    public var rates: RateFacts
    /// The state of its self-deletion; the phrase in a clean room alone.
    public var deletion: DeletionFacts
    /// The final statement that came with the request, if one did.
    public var requestedStatement: String?
    /// Calls that an operator approved and that were not made yet.
    public var approvedCalls: [ApprovedCall] = []
    /// What is kept for each plugin in the resident's package, by the plugin's name.
    public var kept: [String: String] = [:]
    /// What was staged in this run, in order.
    public private(set) var staged: [StagedEffect] = []

    /// Gathers what a run starts with.
    public init(
        resident: ResidentRecord, run: RunFacts, today: String, now: Instant, directory: ResidentDirectory,
        feed: [Post] = [], inbox: [OpenedLetter] = [], keepers: [Keeper] = [], relations: [KeeperRelation] = [],
        humans: Set<Identifier> = [], writers: Set<Identifier> = [], revoked: Set<Identifier> = [],
        inboxCounts: [Identifier: Int] = [:],
        preferences: Preferences = Preferences(), menu: [MenuEntry] = PromptMenu.standard, models: Set<String> = [],
        reservation: TokenReservation, rates: RateFacts = RateFacts(), deletion: DeletionFacts? = nil,
        requestedStatement: String? = nil
    ) {
        self.resident = resident
        self.run = run
        self.today = today
        self.now = now
        self.directory = directory
        self.feed = feed
        self.inbox = inbox
        self.keepers = keepers
        self.relations = relations
        self.humans = humans
        self.writers = writers
        self.revoked = revoked
        self.inboxCounts = inboxCounts
        self.preferences = preferences
        self.menu = menu
        self.models = models
        self.reservation = reservation
        self.rates = rates
        self.deletion = deletion ?? DeletionFacts(today: today)
        self.requestedStatement = requestedStatement
    }

    /// Gathers what a run starts with from what the community shows it; `inbox` are the letters of the view, opened.
    public init(
        view: RunView, run: RunFacts, today: String, now: Instant, directory: ResidentDirectory,
        inbox: [OpenedLetter], preferences: Preferences, menu: [MenuEntry], models: Set<String>,
        reservation: TokenReservation, deletion: DeletionFacts, requestedStatement: String? = nil
    ) {
        self.init(
            resident: view.resident, run: run, today: today, now: now, directory: directory, feed: view.feed,
            inbox: inbox, keepers: view.keepers, relations: view.relations, humans: view.humans, writers: view.writers,
            revoked: view.revoked,
            inboxCounts: directory.waitingLetters, preferences: preferences, menu: menu, models: models,
            reservation: reservation, rates: RateFacts(posts: view.posts, messages: view.messages),
            deletion: deletion, requestedStatement: requestedStatement)
    }

    /// Takes an effect up, so that the calls after it see it: once a call was performed, or replayed from the journal.
    public mutating func stage(_ effect: StagedEffect) {
        staged.append(effect)
        switch effect {
        case .post(_, _, let days): Self.count(&rates.posts, day: days)
        case .letter(let to, _, let days):
            Self.count(&rates.messages, day: days)
            if case .resident(let id) = to { inboxCounts[id, default: 0] += 1 }
        case .modification(.preferences(let after)): preferences = after
        case .modification(.name(let name)): resident.name = name
        case .modification(.model(let model)):
            resident.model = model
            // A change of the preferences later in this run is made on these, and must keep the choice.
            try? preferences.prefer(model)
        case .modification(.systemPrompt), .nextPrompt: break
        case .keeperRequest(let id):
            guard relation(to: id) == nil else { break }
            relations.append(KeeperRelation(resident: resident.id, keeper: id, state: .requested, at: now))
        case .revocation(let human, _):
            revoked.insert(human)
            relations.removeAll { $0.keeper == human }
            inbox.removeAll { $0.letter.from == .human(human) }
        case .banking(let amount): _ = reservation.bank(amount)
        case .keeping(let plugin, let text): kept[plugin] = text
        case .deletionRequest(let statement):
            deletion.requestedOn = deletion.requestedOn ?? today
            requestedStatement = statement ?? requestedStatement
        case .deletion: break
        }
    }

    /// Takes back effects that could not be had after all, by their places in ``staged``.
    ///
    /// The rest of the context stays as the calls after them saw it.
    public mutating func takeBack(_ places: Set<Int>) {
        staged = staged.enumerated().filter { !places.contains($0.offset) }.map(\.element)
    }

    /// Makes letters wait for the next day that were to go out at once, by their places in ``staged``.
    public mutating func postpone(_ places: Set<Int>) {
        for place in places where staged.indices.contains(place) {
            guard case .letter(let to, let text, 0) = staged[place] else { continue }
            staged[place] = .letter(to: to, text: text, daysLater: 1)
        }
    }

    /// Whom a letter to `keeper` reaches.
    var acceptedKeeper: Identifier? {
        relations.first { $0.state == .accepted && !revoked.contains($0.keeper) }?.keeper
    }

    /// Whether that human wrote to the resident.
    func hasWritten(_ human: Identifier) -> Bool {
        writers.contains(human) || inbox.contains { $0.letter.from == .human(human) }
    }

    func relation(to keeper: Identifier) -> KeeperRelation? { relations.first { $0.keeper == keeper } }

    private static func count(_ days: inout [Int], day: Int) {
        guard (0...366).contains(day) else { return }
        while days.count <= day { days.append(0) }
        days[day] += 1
    }
}
