// Where runs hand in requests that may wait: collected until nobody works on, sent as one batch a model and round.
import Encoding
import Ledger
import Providers
import SQLite
import Synchronization

/// What became of a request in a batch.
enum BatchOutcome: Sendable {
    /// A whole reply.
    case reply(Reply)
    /// None; `mayBeCharged` where the provider may have worked on it all the same.
    case failed(ProviderError, mayBeCharged: Bool)
    /// The provider still has it: the run waits for a later start.
    case pending
    /// The program stops.
    case stopped
    /// Something here broke.
    case broken(EngineError)
}

/// A run's request for the next batch.
struct BatchSubmission: Sendable {
    let entry: BatchEntry
    let body: [UInt8]
}

/// The requests of a batch until it is made: their texts are not held while it is waited for.
final class BatchCargo: Sendable {
    private let submissions: Mutex<[BatchSubmission]>

    init(_ submissions: [BatchSubmission]) { self.submissions = Mutex(submissions) }

    /// The requests, once; empty afterwards.
    func unload() -> [BatchRequest] {
        submissions.withLock { submissions in
            defer { submissions = [] }
            return submissions.map { BatchRequest(name: $0.entry.name, body: $0.body) }
        }
    }
}

/// Collects, sends and resumes the batches of a house.
///
/// A run that waits here holds no place among the night's jobs. Everything is durable before it is sent (`BatchStore`),
/// and an entry leaves the store only in the transaction that journals its outcome: whatever a kill interrupts, the
/// next start finds the batch, or finds that there is none, before anything is asked again.
final class BatchDesk: Sendable {
    struct State {
        var collects = false
        /// Runs, and readers of results, that may still hand something in before the next batch is made.
        var active = 0
        var collected: [BatchSubmission] = []
        var waiting: [BatchTicket: CheckedContinuation<BatchOutcome, Never>] = [:]
        /// What came before its run asked for it.
        var early: [BatchTicket: BatchOutcome] = [:]
        var batches: [Identifier: BatchRow] = [:]
        var batchOf: [BatchTicket: Identifier] = [:]
        var statuses: [Identifier: BatchStatus] = [:]
        var keepers: [Identifier: Task<Void, Never>] = [:]
    }

    let house: House
    let router: ProviderRouter
    let stop: StopSignal
    let maximumWaitMilliseconds: Int64
    let state = Mutex(State())
    let places: Places

    init(house: House, router: ProviderRouter, stop: StopSignal) {
        self.house = house
        self.router = router
        self.stop = stop
        maximumWaitMilliseconds = house.settings.batchWaitMilliseconds
        places = Places()
    }

    /// Whether runs may hand in new requests.
    var collects: Bool { state.withLock { $0.collects } }

    /// The request of a round that an earlier worker handed in, if its outcome is not journaled yet.
    func entry(of ticket: BatchTicket) -> BatchEntry? {
        state.withLock { state in
            state.batchOf[ticket].flatMap { state.batches[$0] }?.open.first { $0.ticket == ticket }
        }
    }

    /// Takes up what earlier starts left.
    func load() async throws {
        let rows = try await house.ledger.read { try BatchStore.all(in: $0) }
        state.withLock { state in
            for row in rows where row.isWanted && state.batches[row.id] == nil {
                state.batches[row.id] = row
                for entry in row.open { state.batchOf[entry.ticket] = row.id }
            }
        }
    }

    /// A run, or a reader of results, begins that may hand something in.
    func arrive() { state.withLock { $0.active += 1 } }

    /// It does not any more.
    func leave() { send(state.withLock { Self.ready(&$0, leaving: 1) }) }

    /// Hands a request in and waits for what becomes of it.
    func submit(_ submission: BatchSubmission) async -> BatchOutcome {
        await wait(for: submission.entry.ticket, handingIn: submission)
    }

    /// Waits for a request that was handed in before.
    func wait(for ticket: BatchTicket) async -> BatchOutcome { await wait(for: ticket, handingIn: nil) }

    private func wait(for ticket: BatchTicket, handingIn submission: BatchSubmission?) async -> BatchOutcome {
        places.leave()
        let outcome = await withCheckedContinuation { continuation in
            let (early, ready) = state.withLock { state -> (BatchOutcome?, [BatchSubmission]) in
                if let early = state.early.removeValue(forKey: ticket) { return (early, []) }
                state.waiting[ticket] = continuation
                if let submission { state.collected.append(submission) }
                return (nil, Self.ready(&state, leaving: 1))
            }
            if let early { return continuation.resume(returning: early) }
            if submission == nil { resume(batchOf: ticket) }
            send(ready)
        }
        await places.enter()
        return outcome
    }

    /// The run has journaled the outcome; a batch without open entries has done its work.
    func settled(_ ticket: BatchTicket) {
        state.withLock { state in
            guard let id = state.batchOf.removeValue(forKey: ticket), var row = state.batches[id] else { return }
            row.open.removeAll { $0.ticket == ticket }
            state.batches[id] = row
            guard row.open.isEmpty, let status = state.statuses.removeValue(forKey: id) else { return }
            state.batches[id] = nil
            let before = state.keepers[id]
            state.keepers[id] = Task { [self] in
                await before?.value
                await discard(row, status)
            }
        }
    }

    /// Waits until every batch that was taken care of is read and deleted, or the program stops.
    func finish() async {
        while true {
            let keepers = state.withLock { state in
                defer { state.keepers = [:] }
                return Array(state.keepers.values)
            }
            guard !keepers.isEmpty else { return }
            for keeper in keepers { await keeper.value }
        }
    }

    /// Takes note that somebody left, and takes out what is to be sent when nobody is active any more.
    static func ready(_ state: inout State, leaving count: Int) -> [BatchSubmission] {
        state.active = max(0, state.active - count)
        guard state.active == 0 else { return [] }
        defer { state.collected = [] }
        return state.collected
    }

    /// Gives a waiting run its outcome; it is active again from that moment.
    func deliver(_ outcome: BatchOutcome, to ticket: BatchTicket) {
        let waiting = state.withLock { state -> CheckedContinuation<BatchOutcome, Never>? in
            guard let waiting = state.waiting.removeValue(forKey: ticket) else {
                // What is not final is asked for again; only what came for good is kept for its run.
                switch outcome {
                case .reply, .failed: state.early[ticket] = outcome
                case .pending, .stopped, .broken: break
                }
                return nil
            }
            state.active += 1
            return waiting
        }
        waiting?.resume(returning: outcome)
    }

    /// Makes batches of what was collected, one a model, cut where it would be too large.
    private func send(_ collected: [BatchSubmission]) {
        guard !collected.isEmpty else { return }
        guard !stop.isRequested else {
            for submission in collected { deliver(.stopped, to: submission.entry.ticket) }
            return
        }
        for group in Self.groups(of: collected) {
            let row = BatchRow(
                id: house.surroundings.identifiers.next(), model: group[0].entry.model,
                madeAt: house.surroundings.time.now(), count: group.count, open: group.map(\.entry), isWanted: true)
            state.withLock { state in
                state.batches[row.id] = row
                for entry in row.open { state.batchOf[entry.ticket] = row.id }
                let cargo = BatchCargo(group)
                state.keepers[row.id] = Task { [self] in await keep(row, sending: cargo) }
            }
        }
    }

    /// The submissions by model, each group within what one batch may have.
    static func groups(of collected: [BatchSubmission]) -> [[BatchSubmission]] {
        var groups: [[BatchSubmission]] = []
        var newest: [ModelName: (place: Int, bytes: Int)] = [:]
        for submission in collected {
            let model = submission.entry.model
            let bytes = submission.body.count + 256
            if let group = newest[model], groups[group.place].count < BatchLimits.maximumRequests,
                group.bytes + bytes <= BatchLimits.maximumBytes
            {
                groups[group.place].append(submission)
                newest[model] = (group.place, group.bytes + bytes)
            } else {
                newest[model] = (groups.count, bytes)
                groups.append([submission])
            }
        }
        return groups
    }

    /// Begins to look after a batch of an earlier start, when the first of its runs asks.
    private func resume(batchOf ticket: BatchTicket) {
        let isUnknown = state.withLock { state -> Bool in
            guard let id = state.batchOf[ticket], let row = state.batches[id] else { return true }
            if state.keepers[id] == nil {
                state.keepers[id] = Task { [self] in await keep(row, sending: nil) }
            }
            return false
        }
        // It was settled meanwhile, which no run of this house can bring about; the run looks again.
        if isUnknown { deliver(.pending, to: ticket) }
    }
}
