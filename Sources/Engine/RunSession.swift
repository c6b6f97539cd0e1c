// One run while it lasts: what was claimed, opened, said and staged. A value of one task, never shared.
import Cryptography
import Encoding
import Law
import Ledger
import Persona
import Providers
import Tools
import Vault

/// How a run ends before its commit.
enum RunEnd: Error, Equatable {
    /// It cannot be done.
    case fail(reason: String)
    /// It waits for a cause that may pass.
    case park(reason: String)
    /// The worst case of its next call does not fit into what may be spent.
    case overBudget(BudgetRefusal)
    /// The program stops; the run goes on at the next start.
    case interrupted
    /// Something outside the run broke.
    case engine(EngineError)

    static func wrapping(_ error: any Error) -> RunEnd {
        if let end = error as? RunEnd { return end }
        if case RunStoreError.leaseLost = error { return .park(reason: "lease_lost") }
        return .engine(.wrapping(error))
    }
}

/// A tool call that was judged and performed, or taken from the journal.
struct SettledCall {
    let name: String
    var outcome: ToolOutcome
    let round: Int
    let call: Int
    var isRefused: Bool
}

/// The state of a run between its claim and its commit.
final class RunSession {
    let engine: RunEngine
    let claim: RunClaim
    let day: CivilDate
    let generation: Generation
    /// The package and the keys, as long as they are open.
    let own: OpenedResident
    /// What has left the package, as the ledger names it.
    let episodes: [Generation]
    var journal: Journal
    var context: ToolContext
    var conversation: Conversation
    let composed: ComposedContext
    let models: [ModelName]
    /// The model that should speak; where its provider cannot be asked, another one's words are a fallback's.
    let ownModel: ModelName?
    let houseTokens: Int
    let opened: OpenedFacts
    /// The tools under the law that was in force when the run was claimed.
    let tools: ResidentTools
    /// Composes the same context again from the same package.
    private let compose: (PersonaPackage) throws -> (conversation: Conversation, composed: ComposedContext)
    /// What was said since the context was composed.
    private var said: [Turn] = []

    /// Spans that go to the ledger with the next durable step.
    var pending: [SpanDraft] = []
    /// Journal steps that go with them: what calls came to is durable before a model is told of it.
    var unwritten: [SealedStep] = []
    /// What the run has spent by the steps that are unwritten, in pico-USD.
    var unwrittenSpending: Int64 = 0
    var replies: [Reply] = []
    var spokenBy: ModelName?
    var calls: [SettledCall] = []
    /// Calls that were judged in the clean room.
    var roomCalls = 0
    var refused = 0
    /// Acts that were permitted, and that the commit found could not be had after all.
    var takenBack: [TakenBack] = []
    var takenBackSpans: [SpanDraft] = []
    /// Letters that the commit made wait, because an inbox had filled up.
    var postponed = 0
    var usage = TokenUsage()
    var cost: Int64 = 0
    /// What this start asked of each model.
    var spending: [ModelName: ModelSpending] = [:]
    /// What other runs of the resident have spent on the same day, in pico-USD; looked up where a limit asks for it.
    var spentElsewhere: Int64 = 0
    var isPriced = true
    var usedFallback = false
    /// The `tool.called` span of a deletion request that was staged in this run.
    var deletionSpan: Identifier?
    var deletionCourse = DeletionCourse.untouched
    /// Whether `context.composed` was drafted; a resumed run has it on the ledger already.
    var isComposedRecorded: Bool
    /// What of the operator's queue concerns this run.
    var review: ReviewNews
    /// Calls that were held since the last durable step.
    var pendingHeld: [HeldCall] = []
    /// Approvals that were used up in this run.
    var usedApprovals: [Identifier] = []
    /// The keyed digest of what the day began with, once it was put into a model's form.
    var openingDigest: (model: ModelName, count: Int, text: String)?
    /// The opening as the last request began with it, hashed on the way to that request's digest.
    ///
    /// It is no key, and none can be made of it; none of the bytes are held, which go with the conversation's words.
    var hashedOpening: (model: ModelName, count: Int, hash: HMACSHA512Prefix)?
    /// Whether the opening was composed once more, and its digest not yet compared with the first one's.
    var isOpeningUnproven = false

    init(
        engine: RunEngine, claim: RunClaim, day: CivilDate, truth: SealedTruth, own: OpenedResident, journal: Journal,
        context: ToolContext, composed: ComposedContext, conversation: Conversation, models: [ModelName],
        ownModel: ModelName?, houseTokens: Int,
        opened: OpenedFacts, tools: ResidentTools, review: ReviewNews,
        compose: @escaping (PersonaPackage) throws -> (conversation: Conversation, composed: ComposedContext)
    ) {
        self.engine = engine
        self.claim = claim
        self.day = day
        generation = truth.generation
        self.own = own
        episodes = truth.episodes
        self.journal = journal
        self.context = context
        self.composed = composed
        self.conversation = conversation
        self.models = models
        self.ownModel = ownModel
        self.houseTokens = houseTokens
        self.opened = opened
        self.tools = tools
        self.review = review
        self.compose = compose
        self.context.approvedCalls = review.approved.compactMap(\.approval)
        isComposedRecorded = journal.hasBegunTheDay
    }

    /// The resident's keys, held from a reply to the next request: no key is held while a provider is awaited.
    func keys() throws -> ResidentKeys { try own.keys() }

    /// Composes once more what was let go of while a provider was awaited.
    func restore() throws {
        guard conversation.isReleased else { return }
        let again = try compose(own.package())
        // The package is the same, bound by its generation; anything else here is a fault of this program.
        guard again.composed.bytes == composed.bytes else { throw EngineError.storeMalformed }
        conversation.system = again.conversation.system
        conversation.turns = again.conversation.turns + said
        hashedOpening = nil
        isOpeningUnproven = true
    }

    /// Goes on with the conversation.
    func say(_ turn: Turn) throws {
        try restore()
        said.append(turn)
        conversation.say(turn)
    }

    var house: House { engine.house }
    var resident: Identifier { claim.resident }
    var time: TimeSource { house.surroundings.time }

    /// A span of this run, with the fields that all of them share.
    func span(
        _ type: EntityType, who: Actor = .engine, this: String? = nil, metadata: JSONObject = [:],
        content: JSON? = nil, name: String? = nil, idempotencyKey: String? = nil, id: Identifier? = nil,
        durationMilliseconds: Int? = nil, sealed: SealedPayload? = nil
    ) -> SpanDraft {
        SpanDraft(
            id: id ?? house.surroundings.identifiers.next(), entityType: type, who: who,
            this: this ?? resident.description, at: time.now(), metadata: metadata, content: content, name: name,
            relatedTo: this == nil ? [] : [resident], traceID: claim.run, idempotencyKey: idempotencyKey,
            durationMilliseconds: durationMilliseconds, sealed: sealed)
    }

    /// The private fields of a span, sealed for it.
    func sealedFields(_ fields: JSONObject, of id: Identifier, keys: ResidentKeys) throws -> SealedPayload {
        let bytes = try keys.seal(JSON.object(fields).serialized(), at: .span(id))
        return SealedPayload(keyID: keys.pekID.bytes, ciphertext: bytes)
    }

    /// Makes journal steps and the spans that wait durable, under the lease, in one transaction.
    ///
    /// A request of a batch whose outcome the steps hold is settled with them.
    /// The approval of a held call is spent with the intent of its making.
    func write(
        _ steps: [SealedStep], spending cost: Int64 = 0, settling ticket: BatchTicket? = nil,
        using approval: Identifier? = nil
    ) async throws {
        let claim = claim
        let spans = pending
        let held = pendingHeld
        let steps = unwritten + steps
        let cost = unwrittenSpending.saturatingSum(cost)
        pending = []
        pendingHeld = []
        unwritten = []
        unwrittenSpending = 0
        do {
            _ = try await house.record(spans) { connection in
                try RunStore.append(steps, of: claim, spending: cost, in: connection)
                if let ticket { try BatchStore.settle(ticket, in: connection) }
                for call in held { try HeldCallStore.insert(call, in: connection) }
                if let approval { try HeldCallStore.use(approval, in: claim.run, connection) }
            }
        } catch {
            // What was said and decided stands with the end of the run, if that can still be written.
            pending = spans + pending
            pendingHeld = held + pendingHeld
            unwritten = steps
            unwrittenSpending = cost
            throw error
        }
    }

    /// Charges a reply to the purse of the run.
    func charge(_ reply: Reply) {
        usage = usage + reply.usage
        let charged = TokenCharge.tokens(
            input: reply.usage.input, cacheRead: reply.usage.cacheRead, cacheWrite: reply.usage.cacheWrite,
            output: reply.usage.output, house: houseTokens)
        context.reservation.charge(charged)
        context.run.tokensLeft = context.reservation.remaining
    }
}
