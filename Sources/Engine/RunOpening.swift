// Opens a claimed run: the blob as the ledger names it, the journal of an earlier worker, the world as the tools see
// it.
import Community
import Encoding
import Law
import Ledger
import Persona
import Providers
import SQLite
import Tools
import Vault

extension RunEngine {
    /// Opens the resident and composes its context.
    func open(_ order: RunOrder, _ claim: RunClaim, _ scene: Scene) async throws -> RunSession {
        let vault = try house.openedVault()
        let generation = scene.truth.generation
        var package = try OpenedResident.open(claim.resident, generation, in: vault)
        let own = OpenedResident(package, generation: generation, vault: vault, claim: claim)
        let journal = try await openJournal(claim, in: vault)
        let world = try await house.world(of: claim, in: scene)
        let inbox = house.open(world.view.inbox, names: world.view.senderNames, for: package)
        let wish = OperatorsModel(resident: world.view.resident, preferences: package.preferences)
        if case .taken(let model) = wish { try package.preferences.prefer(model) }
        let names = models(for: world.view.resident, preferences: package.preferences)
        guard let first = names.first else { throw RunEnd.park(reason: "no_provider") }
        let reservation = try reserve(order, world.view.resident)
        let checker = try await house.laws.checker(at: claim.claimedAt, after: scene.laws, of: house.ledger)
        let tools = house.residentTools.governed(by: checker)
        let declarations = tools.declarations(cleanRoom: false)
        let review = try scene.review.opened(by: house)
        let houseTokens = TokenEstimate.tokens(in: house.preamble.text) + TokenEstimate.tokens(in: declarations)
        let preamble = house.preamble.text
        let capabilities = router.capabilities(of: first) ?? ModelCapabilities()
        // Kept by the session, to compose once more what it let go of: all but the package.
        let compose = { (package: PersonaPackage) throws in
            let past = PastEpisodes(resident: claim.resident, truth: scene.truth, package: package, vault: vault)
            return try ContextComposer(
                preamble: preamble, package: package, day: order.day.description,
                isWeekly: claim.trigger == .weekly, inbox: inbox, feed: world.view.feed,
                bank: reservation.account.bank, tools: declarations, spendable: reservation.remaining,
                capabilities: capabilities, notes: review.notes, houseTokens: houseTokens, older: past.next
            ).compose()
        }
        let (conversation, composed) = try compose(package)
        let session = RunSession(
            engine: self, claim: claim, day: order.day, truth: scene.truth, own: own,
            journal: journal,
            context: context(order, claim, package, world, inbox, reservation, composed), composed: composed,
            conversation: conversation, models: names,
            ownModel: ModelName(package.preferences.models.first ?? order.resident.model),
            // The estimate is careful, a third too many for English; what residents are not charged for must not be.
            houseTokens: houseTokens * 3 / 4,
            opened: OpenedFacts(package: package, inbox: inbox, operatorsModel: wish), tools: tools, review: review,
            compose: compose)
        if night.limits.residentDay != nil { session.spentElsewhere = try await spentElsewhere(order, claim) }
        return session
    }

    /// What other runs of the resident have spent on the run's day, over all starts of the program.
    private func spentElsewhere(_ order: RunOrder, _ claim: RunClaim) async throws -> Int64 {
        let hours = house.instant(daysAfter: order.day, count: 0)..<house.instant(daysAfter: order.day, count: 1)
        return try await house.ledger.read {
            try RunStore.spent(by: claim.resident, on: order.day, hours: hours, except: claim.run, in: $0)
        }
    }

    private func openJournal(_ claim: RunClaim, in vault: Vault) async throws -> Journal {
        guard claim.isResumed else { return Journal(run: claim.run) }
        let keys = try vault.sealer(for: claim.resident)
        let sealed = try await house.ledger.read { try RunStore.journal(of: claim.run, in: $0) }
        do {
            return try Journal(run: claim.run, sealed: sealed, keys: keys)
        } catch JournalError.broken(let step) {
            throw EngineError.journalBroken(run: claim.run, step: step)
        }
    }

    /// Opens the purse: the account as the ledger states it, credited for the day.
    private func reserve(_ order: RunOrder, _ resident: ResidentRecord) throws -> TokenReservation {
        let policy = try TokenPolicy(
            daily: settings.dailyTokens, bankCap: settings.bankCap, minimumRun: settings.minimumRunTokens)
        var account = TokenAccount(policy: policy)
        if let last = resident.settledAt, let balance = resident.balance {
            account = TokenAccount(
                policy: policy, balance: balance, bank: resident.bank,
                lastCredited: house.dayOf(last))
        }
        account.credit(order.trigger.runKind, on: order.day)
        return try account.reserve(for: order.trigger.runKind)
    }

    private func context(
        _ order: RunOrder, _ claim: RunClaim, _ package: PersonaPackage, _ world: World, _ inbox: [OpenedLetter],
        _ reservation: TokenReservation, _ composed: ComposedContext
    ) -> ToolContext {
        var context = ToolContext(
            view: world.view,
            run: RunFacts(
                trigger: claim.trigger.lawful, round: 0, tokensLeft: reservation.remaining,
                hasOutsideContent: composed.isUntrusted, isCleanRoom: false),
            today: order.day.description, now: claim.claimedAt, directory: world.directory, inbox: inbox,
            preferences: package.preferences, menu: package.availableMenu,
            models: choosableModels(for: order.resident),
            reservation: reservation,
            deletion: DeletionFacts(requestedOn: package.deletion?.day, today: order.day.description),
            requestedStatement: package.deletion?.statement)
        context.kept = package.kept
        return context
    }

    /// The models that a resident may choose, of providers that can be asked.
    ///
    /// Where the settings list a provider's models, those and no others: the operator pays. Else those of the
    /// catalogue.
    /// The stand-in is only for those whom it speaks for already: a made-up voice must not enter a real history.
    func choosableModels(for resident: ResidentRecord) -> Set<String> {
        var names: Set<String> = []
        for provider in router.providers where router.availability(of: provider) == .ready {
            guard let settings = router.settings(of: provider), settings.dialect != .rehearsal else { continue }
            let listed =
                settings.models.isEmpty
                ? ModelCatalogue.embedded.models(of: settings.dialect) : Array(settings.models.keys)
            names.formUnion(listed.map { "\(provider)/\($0)" })
        }
        if let own = ModelName(resident.model), router.isRehearsal(own) { names.insert(resident.model) }
        return names.union(settings.fallback.map(\.description))
    }
}

/// Reads the episodes that hold history back, newest first, as long as a context takes them whole.
private final class PastEpisodes {
    private let resident: Identifier
    private let vault: Vault
    private var unread: ArraySlice<Generation>

    init(resident: Identifier, truth: SealedTruth, package: PersonaPackage, vault: Vault) {
        self.resident = resident
        self.vault = vault
        unread = package.history.moved.map { truth.episodes.dropFirst($0.firstEpisode) } ?? []
    }

    /// The segments of the next one.
    func next() throws -> [HistorySegment]? {
        guard let episode = unread.popLast() else { return nil }
        let read = try Episode.parse(vault.open(resident: resident, expecting: episode, content: .episode))
        guard read.resident == resident else { throw EngineError.storeMalformed }
        return read.segments
    }
}

/// What of the package the rounds need, so that the package itself need not be held while a provider is awaited.
struct OpenedFacts {
    let systemPrompt: String
    let deletion: DeletionRequest?
    let inbox: [OpenedLetter]
    let operatorsModel: OperatorsModel

    init(package: PersonaPackage, inbox: [OpenedLetter], operatorsModel: OperatorsModel) {
        self.operatorsModel = operatorsModel
        systemPrompt = package.systemPrompt
        deletion = package.deletion
        self.inbox = inbox
    }
}

/// What became of an operator's wish for another model: the directory then names another than the package.
enum OperatorsModel: Equatable {
    /// There is none.
    case none
    /// It is the resident's first model from this run on.
    case taken(String)
    /// The resident declines its provider, and keeps its own.
    case declined(String)

    init(resident: ResidentRecord, preferences: Preferences) {
        guard let own = preferences.models.first, own != resident.model, let model = ModelName(resident.model) else {
            self = .none
            return
        }
        self =
            preferences.declinedProviders.contains(model.provider) ? .declined(resident.model) : .taken(resident.model)
    }
}

extension RunTrigger {
    /// The purse that a run of this trigger opens.
    var runKind: TokenAccount.RunKind {
        switch self {
        case .nightly: .nightly
        case .manual: .manual
        case .weekly: .weekly
        }
    }

    /// The trigger as the law's facts name it.
    var lawful: RunFacts.Trigger {
        switch self {
        case .nightly: .nightly
        case .manual: .manual
        case .weekly: .weekly
        }
    }
}
