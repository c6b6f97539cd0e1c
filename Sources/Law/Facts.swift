// What is known when a call is judged; gathered by the caller, never looked up here.
public import Encoding

/// The facts of one call.
public struct Facts: Sendable {
    /// Who calls.
    public var resident: ResidentFacts
    /// The run in which it calls.
    public var run: RunFacts
    /// The token account, less what this run staged already.
    public var tokens: TokenFacts
    /// What was posted and written, this run's staged effects included.
    public var rates: RateFacts
    /// To whom a letter or a keeper request goes, or whose access is revoked; nil where the call names nobody.
    public var person: PersonFacts?
    /// The state of this resident's self-deletion.
    public var deletion: DeletionFacts
    /// The tools declared in this run.
    public var declaredTools: Set<String>
    /// How far tools may reach in this run.
    public var permission: PermissionLevel
    /// The models (`PROVIDER/MODEL`) that could speak for this resident.
    public var models: Set<String>
    /// Whether another resident has the name that the call asks for.
    public var isNameTaken: Bool
    /// The preferences as the call would leave them; nil where it does not change them.
    public var preferencesAfter: JSONObject?
    /// Calls that an operator approved and that were not made yet.
    public var approvedCalls: [ApprovedCall]
    /// The instant of the call.
    public var now: Instant

    /// Gathers the facts.
    public init(
        resident: ResidentFacts, run: RunFacts, tokens: TokenFacts, rates: RateFacts = RateFacts(),
        person: PersonFacts? = nil, deletion: DeletionFacts, declaredTools: Set<String>,
        permission: PermissionLevel = .confirm, models: Set<String> = [], isNameTaken: Bool = false,
        preferencesAfter: JSONObject? = nil, approvedCalls: [ApprovedCall] = [], now: Instant
    ) {
        self.resident = resident
        self.run = run
        self.tokens = tokens
        self.rates = rates
        self.person = person
        self.deletion = deletion
        self.declaredTools = declaredTools
        self.permission = permission
        self.models = models
        self.isNameTaken = isNameTaken
        self.preferencesAfter = preferencesAfter
        self.approvedCalls = approvedCalls
        self.now = now
    }
}

/// A call that an operator approved: the same tool with the same arguments may be called once.
public struct ApprovedCall: Sendable, Hashable {
    /// The tool.
    public let tool: String
    /// The arguments.
    public let arguments: JSONObject

    /// Makes one.
    public init(tool: String, arguments: JSONObject) { (self.tool, self.arguments) = (tool, arguments) }
}

extension Facts {
    /// Whether an operator approved exactly this call.
    func isReviewed(_ call: ProposedCall) -> Bool {
        approvedCalls.contains { $0.tool == call.tool && $0.arguments == call.arguments }
    }
}

/// The resident that calls.
public struct ResidentFacts: Sendable, Hashable {
    /// Its id.
    public var id: Identifier
    /// Its display name.
    public var name: String
    /// Its model, `PROVIDER/MODEL`.
    public var model: String
    /// Providers that it declined.
    public var declinedProviders: Set<String>

    /// Makes the facts of a resident.
    public init(id: Identifier, name: String, model: String, declinedProviders: Set<String> = []) {
        self.id = id
        self.name = name
        self.model = model
        self.declinedProviders = declinedProviders
    }
}

/// The run in which a call is made.
public struct RunFacts: Sendable, Hashable {
    /// Why a run takes place.
    public enum Trigger: String, Sendable, Hashable, CaseIterable {
        /// The guaranteed run of a night.
        case nightly
        /// Asked for by the operator.
        case manual
        /// The night of the week with the larger budget.
        case weekly
    }

    /// Why the run takes place.
    public var trigger: Trigger
    /// The round, from 1.
    public var round: Int
    /// Tokens that the run may still spend.
    public var tokensLeft: Int
    /// Whether letters, posts or tool output are in the context.
    public var hasOutsideContent: Bool
    /// Whether this is the clean room of a self-deletion.
    public var isCleanRoom: Bool

    /// Makes the facts of a run.
    public init(
        trigger: Trigger, round: Int = 1, tokensLeft: Int = 0, hasOutsideContent: Bool = false,
        isCleanRoom: Bool = false
    ) {
        self.trigger = trigger
        self.round = round
        self.tokensLeft = tokensLeft
        self.hasOutsideContent = hasOutsideContent
        self.isCleanRoom = isCleanRoom
    }
}

/// A token account as a call finds it.
public struct TokenFacts: Sendable, Hashable {
    /// Tokens that may be moved to the bank now.
    public var balance: Int
    /// Tokens in the bank.
    public var bank: Int
    /// The most that the bank holds.
    public var bankCap: Int

    /// Makes the facts of an account.
    public init(balance: Int, bank: Int, bankCap: Int) {
        self.balance = balance
        self.bank = bank
        self.bankCap = bankCap
    }
}

/// How much a resident posted and wrote; one number a civil day: today, tomorrow, and as many more as are known.
public struct RateFacts: Sendable, Hashable {
    /// Posts that appear on each day.
    public var posts: [Int]
    /// Letters that may be delivered on each day.
    public var messages: [Int]

    /// Makes the counts; nothing on any day where none are given.
    public init(posts: [Int] = [], messages: [Int] = []) {
        self.posts = posts
        self.messages = messages
    }
}

/// The person, house or resident that a call concerns.
public struct PersonFacts: Sendable, Hashable {
    /// What they are.
    public enum Kind: String, Sendable, Hashable {
        /// The house: the operator of the node.
        case house
        /// A keeper.
        case keeper
        /// Another human.
        case human
        /// A resident that is there.
        case resident
        /// Nobody that is known.
        case unknown
    }

    /// What they are.
    public var kind: Kind
    /// Whether the calling resident revoked their access.
    public var isRevoked: Bool
    /// Letters in their inbox; of a resident.
    public var inboxCount: Int

    /// Makes the facts of a person.
    public init(kind: Kind, isRevoked: Bool = false, inboxCount: Int = 0) {
        self.kind = kind
        self.isRevoked = isRevoked
        self.inboxCount = inboxCount
    }
}

/// How far a resident's self-deletion has come; days are civil days written `YYYY-MM-DD`.
public struct DeletionFacts: Sendable, Hashable {
    /// The civil day of the request that stands, if one does.
    public var requestedOn: String?
    /// The civil day of this run.
    public var today: String
    /// The phrase that the clean room's question holds; nil outside of it.
    public var phrase: DeletionPhrase?

    /// Makes the facts of a deletion.
    public init(requestedOn: String? = nil, today: String, phrase: DeletionPhrase? = nil) {
        self.requestedOn = requestedOn
        self.today = today
        self.phrase = phrase
    }
}
