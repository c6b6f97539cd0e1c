// One run, from claim to sweep: what the scheduler and the manual command call.
public import Community
public import Encoding
import Files
import Ledger
import Persona
public import Providers
import SQLite
import Synchronization
import Vault

/// Runs residents of one house; safe to call for many residents at once.
public final class RunEngine: Sendable {
    /// The house whose residents it runs.
    public let house: House
    /// Where models are asked.
    public let router: ProviderRouter
    let settings: EngineSettings
    let night: NightBudget
    let stop: StopSignal
    let batches: BatchDesk
    /// Texts of runs that wait for an answer.
    let waiting: WaitingTexts

    /// An engine over an opened house; `night` holds the money that all its runs share.
    ///
    /// - Parameter textPatienceMilliseconds: how long the opened text of a run is kept while a provider is awaited;
    ///   after that it is let go of, and opened again if another round needs it.
    public init(
        house: House, router: ProviderRouter, night: NightBudget, stop: StopSignal = StopSignal(),
        textPatienceMilliseconds: Int64 = 1_000
    ) {
        self.house = house
        self.router = router
        self.night = night
        self.stop = stop
        settings = house.settings
        batches = BatchDesk(house: house, router: router, stop: stop)
        waiting = WaitingTexts(
            patienceMilliseconds: textPatienceMilliseconds, clock: house.surroundings.time.monotonicNanoseconds,
            sleep: systemSleep, giveBack: ProcessMemory.giveBack)
    }

    /// A night of batches begins: so many runs work at once, while many more may wait for results.
    public func collectBatches(places: Int) {
        batches.places.limit(to: places)
        batches.state.withLock { $0.collects = true }
    }

    /// Runs one resident once, as one of a night of batches: it works only while it holds one of the night's places.
    public func runInItsPlace(_ resident: ResidentRecord, trigger: RunTrigger, day: CivilDate) async -> RunReport {
        await batches.places.enter()
        defer { batches.places.leave() }
        return await run(resident, trigger: trigger, day: day)
    }

    /// A run is about to be begun that may hand in a request for the next batch, or has ended.
    public func expectRun(_ isBeginning: Bool) { isBeginning ? batches.arrive() : batches.leave() }

    /// Ends what concerns batches: their results are deleted at the provider where every run has its own journaled.
    ///
    /// Nothing is collected any more until `collectBatches` is called again.
    public func finishBatches() async {
        batches.state.withLock { $0.collects = false }
        await batches.finish()
        batches.places.unlimit()
    }

    /// Cancels and deletes batches that nobody waits for any more; faults of providers leave them for another night.
    public func tidyBatches() async throws(EngineError) { try await asEngineError { try await batches.tidy() } }

    /// Runs one resident once.
    ///
    /// Never throws: whatever happens is the outcome of the report.
    ///
    /// - Parameters:
    ///   - resident: the resident as the directory has it.
    ///   - trigger: nightly and weekly runs are unique for the day; a manual run is its own occurrence.
    ///   - day: the civil day in the node's zone.
    public func run(_ resident: ResidentRecord, trigger: RunTrigger, day: CivilDate) async -> RunReport {
        let started = house.surroundings.time.monotonicNanoseconds()
        let fresh = await unfinishedManualRun(of: resident, trigger) ?? house.surroundings.identifiers.next()
        return await run(RunOrder(resident: resident, trigger: trigger, day: day, fresh: fresh, started: started))
    }

    /// Takes up a run that was interrupted, parked or skipped, whatever for: an operator asks for this very one.
    ///
    /// - Parameter today: the civil day in the node's zone, on which a manual run goes on.
    public func resume(_ row: RunRow, today: CivilDate) async throws(EngineError) -> RunReport {
        guard row.state.isClaimable else { throw .alreadyRun(row.state) }
        let started = house.surroundings.time.monotonicNanoseconds()
        guard let resident = try await house.residents()[row.resident] else { throw .residentUnknown(row.resident) }
        // A manual run's occurrence is its own id, which names no day.
        let day = CivilDate(row.occurrence) ?? today
        return await run(
            RunOrder(resident: resident, trigger: row.trigger, day: day, fresh: row.run, started: started))
    }

    private func run(_ order: RunOrder) async -> RunReport {
        let resident = order.resident
        do {
            guard resident.status != .deletedMemorial else { throw EngineError.residentDeleted(resident.id) }
            guard !models(for: resident, preferences: nil).isEmpty else { return try await skip(order) }
            return try await claimed(order)
        } catch {
            // Nothing was claimed: there is no row or span to end, and the next start finds what it found.
            let end = RunEnd.wrapping(error)
            var report = RunReport(
                run: order.fresh, resident: resident.id, name: resident.name, trigger: order.trigger,
                outcome: end.engineError?.mayPass ?? false ? .parked : .failed)
            report.reason = Self.reason(of: end)
            report.failure = end.engineError
            return report
        }
    }

    /// A manual run that was interrupted or parked goes on before another begins.
    private func unfinishedManualRun(of resident: ResidentRecord, _ trigger: RunTrigger) async -> Identifier? {
        guard trigger == .manual else { return nil }
        let rows = try? await house.ledger.read { try RunStore.unfinished(in: $0) }
        return rows?.first { row in
            row.resident == resident.id && row.trigger == .manual && row.mayGoOn
        }?.run
    }

    /// Who may speak for a resident now, in order; `preferences` are known once the package is open.
    func models(for resident: ResidentRecord, preferences: Preferences?) -> [ModelName] {
        let declined = Set(preferences?.declinedProviders ?? [])
        let own = (preferences?.models ?? []) + [resident.model]
        return router.order(preferred: own.compactMap { ModelName($0) }, fallback: settings.fallback)
            .filter { !declined.contains($0.provider) }
    }

    /// Claims the run, goes through it, and ends it one way or another.
    private func claimed(_ order: RunOrder) async throws -> RunReport {
        let (claim, scene) = try await claim(order)
        do {
            let session = try await open(order, claim, scene)
            do {
                if let report = try await cleanRoom(order, session) { return report }
                let end = try await session.converse()
                return try await session.settle(end, started: order.started)
            } catch {
                return await finish(order, claim, session: session, .wrapping(error))
            }
        } catch {
            return await finish(order, claim, session: nil, .wrapping(error))
        }
    }

    /// The claim with its spans, durable before a key is used, and what was read for it in one go.
    ///
    /// Whatever another run of the resident changed between the reading and the claim has made a new generation, and
    /// this one would not be opened.
    private func claim(_ order: RunOrder) async throws -> (RunClaim, Scene) {
        let now = house.surroundings.time.now()
        let scene = try await house.scene(of: order, at: now)
        let (truth, existing) = (scene.truth, scene.row)
        let run = scene.run
        let base = SpanDraft(
            id: house.surroundings.identifiers.next(), entityType: .runClaimed, who: .scheduler,
            this: order.resident.id.description, at: now,
            metadata: ["trigger": .string(order.trigger.rawValue), "occurrence": .string(order.occurrence)],
            traceID: run, idempotencyKey: order.idempotencyKey(run: run))
        let opened = SpanDraft(
            id: house.surroundings.identifiers.next(), entityType: .vaultOpened, who: .engine,
            this: order.resident.id.description, at: now,
            metadata: [
                "generation": .integer(Int64(clamping: truth.generation.number)),
                "reason": .string(existing?.epoch ?? 0 > 0 ? "recover" : "run"),
            ], traceID: run)
        let isFirstClaim = existing == nil || existing?.epoch == 0
        let taken = ClaimBox()
        _ = try await house.record(isFirstClaim ? [base, opened] : [opened]) { connection in
            let claim = try RunStore.claim(
                run, resident: order.resident.id, occurrence: order.occurrence, trigger: order.trigger, now: now,
                in: connection)
            taken.claim.withLock { $0 = claim }
        }
        guard let claim = taken.claim.withLock({ $0 }) else { throw EngineError.storeMalformed }
        return (claim, scene)
    }

    /// A resident that nothing can speak for tonight: recorded, and not begun.
    private func skip(_ order: RunOrder) async throws -> RunReport {
        let reason = "no_provider"
        let now = house.surroundings.time.now()
        var report = RunReport(
            run: order.fresh, resident: order.resident.id, name: order.resident.name, trigger: order.trigger,
            outcome: .skipped)
        report.reason = reason
        report.model = order.resident.model
        let span = SpanDraft(
            id: house.surroundings.identifiers.next(), entityType: .runSkipped, who: .scheduler,
            this: order.resident.id.description, at: now, metadata: ["reason": .string(reason)], traceID: order.fresh)
        let resident = order.resident.id
        _ = try await house.record([span]) { connection in
            try RunStore.insert(
                order.fresh, resident: resident, occurrence: order.occurrence, trigger: order.trigger,
                state: .skipped, reason: reason, now: now, in: connection)
        }
        return report
    }

    /// Ends a claimed run that did not reach its commit.
    private func finish(_ order: RunOrder, _ claim: RunClaim, session: RunSession?, _ end: RunEnd) async -> RunReport {
        let elapsed = order.elapsed(house.surroundings.time)
        let reason = Self.reason(of: end)
        let (event, type): (RunState.Event, EntityType?) =
            switch end {
            case .fail: (.fail, .runFailed)
            case .park, .overBudget(.night), .overBudget(.residentDay): (.park, .runParked)
            case .overBudget: (.fail, .runFailed)
            case .interrupted: (.interrupt, nil)
            case .engine(let error): error.mayPass ? (.park, .runParked) : (.fail, .runFailed)
            }
        let state = RunState.running.after(event) ?? .failed
        var spans = session?.pending ?? []
        if let type {
            spans.append(
                SpanDraft(
                    id: house.surroundings.identifiers.next(), entityType: type, who: .engine,
                    this: order.resident.id.description, at: house.surroundings.time.now(),
                    metadata: [
                        "reason": .string(reason), "rounds": .integer(Int64(session?.replies.count ?? 0)),
                        "calls": .integer(Int64(session?.calls.count ?? 0)),
                    ], traceID: claim.run, durationMilliseconds: elapsed))
        }
        if case .engine(.vault(.fault(let fault))) = end {
            spans.append(incident(fault, of: order.resident.id, run: claim.run))
        }
        let written = spans
        let steps = session?.unwritten ?? []
        let spent = session?.unwrittenSpending ?? 0
        let held = session?.pendingHeld ?? []
        // Where even this cannot be written (disk full), the row stays `running` and the next start recovers it.
        var unwritten: EngineError?
        do {
            _ = try await house.record(written) { connection in
                if !steps.isEmpty { try RunStore.append(steps, of: claim, spending: spent, in: connection) }
                for call in held { try HeldCallStore.insert(call, in: connection) }
                try RunStore.end(claim, by: event, reason: reason, in: connection)
            }
        } catch {
            unwritten = .wrapping(error)
        }
        var report =
            session?.report(state == .queued ? .parked : state, reason: reason, elapsed: elapsed)
            ?? RunReport(
                run: claim.run, resident: order.resident.id, name: order.resident.name, trigger: order.trigger,
                outcome: state == .queued ? .parked : state)
        report.reason = reason
        report.model = report.model ?? order.resident.model
        report.charged = 0
        report.milliseconds = elapsed
        report.failure = end.engineError ?? unwritten
        return report
    }

    /// A sealed file that is not what the ledger says: on the record, besides failing the run.
    private func incident(_ fault: VaultFault, of resident: Identifier, run: Identifier) -> SpanDraft {
        SpanDraft(
            id: house.surroundings.identifiers.next(), entityType: .incident, who: .engine,
            this: resident.description, at: house.surroundings.time.now(),
            metadata: [
                "kind": .string("vault_\(fault.kind.rawValue)"), "expected": .string(fault.expected),
                "found": .string(fault.found),
            ], traceID: run)
    }

    static func reason(of end: RunEnd) -> String {
        switch end {
        case .fail(let reason), .park(let reason): reason
        case .overBudget(let refusal): refusal.rawValue
        case .interrupted: "interrupted"
        case .engine(let error): error.reasonCode
        }
    }
}

/// What is to be run.
struct RunOrder: Sendable {
    let resident: ResidentRecord
    let trigger: RunTrigger
    let day: CivilDate
    /// The id of the run, should there be no row of it yet.
    let fresh: Identifier
    let started: UInt64

    var occurrence: String { trigger == .manual ? fresh.description : day.description }

    /// `nightly:2026-11-21:<resident>` or `manual:<run>:<resident>`; the weekly run is the night's.
    func idempotencyKey(run: Identifier) -> String {
        trigger == .manual ? "manual:\(run):\(resident.id)" : "nightly:\(day):\(resident.id)"
    }

    func elapsed(_ time: TimeSource) -> Int { Int((time.monotonicNanoseconds() &- started) / 1_000_000) }
}

/// Carries the claim out of the writer's transaction.
private final class ClaimBox: Sendable { let claim = Mutex<RunClaim?>(nil) }
