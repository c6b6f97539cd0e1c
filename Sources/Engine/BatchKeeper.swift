// The life of one batch: written down, made or found again, waited for, read, deleted.
import Cryptography
import Encoding
import Ledger
import Providers
import SQLite
import Synchronization

/// Why a batch brings no results now.
private enum BatchEnd: Error {
    /// The provider never took it.
    case refused(ProviderError, mayBeCharged: Bool)
    /// Nobody can say yet.
    case pending
    case stopped
}

extension BatchDesk {
    /// How long the first look waits for the second, in milliseconds; each later wait is half as long again.
    static let firstPause: Int64 = 5_000
    /// The longest wait between two looks, in milliseconds.
    static let longestPause: Int64 = 60_000
    /// So often a batch is looked at in one start.
    static let maximumLooks = 4_000
    /// So often a batch is looked at after its cancellation.
    static let looksAfterCancelling = 30
    /// So often making, reading or deleting a batch is tried.
    static let maximumTries = 5
    /// How much older than our own note of it a provider's batch may say to be, in milliseconds: an hour of skew.
    static let clockSkew: Int64 = 3_600_000

    /// Sees a batch through; `sending` holds the requests of one that is to be made.
    func keep(_ row: BatchRow, sending: BatchCargo?) async {
        do {
            let handle = try await handle(of: row, sending: sending)
            let status = try await end(of: handle, row)
            state.withLock { $0.statuses[row.id] = status }
            // Runs that get their reply wait for the others of their round: the reader counts as active until then.
            arrive()
            defer { leave() }
            try await read(status, row)
        } catch BatchEnd.refused(let error, let mayBeCharged) {
            answerAll(.failed(error, mayBeCharged: mayBeCharged), row)
            forgetWhenSettled(row)
        } catch BatchEnd.pending {
            answerAll(.pending, row)
            letGo(row)
        } catch BatchEnd.stopped {
            answerAll(.stopped, row)
            letGo(row)
        } catch {
            answerAll(.broken(.wrapping(error)), row)
            letGo(row)
        }
    }

    private func answerAll(_ outcome: BatchOutcome, _ row: BatchRow) {
        arrive()
        for entry in row.open { deliver(outcome, to: entry.ticket) }
        leave()
    }

    /// Nobody looks after the batch now; the next run that asks makes somebody.
    private func letGo(_ row: BatchRow) { state.withLock { $0.keepers[row.id] = nil } }

    private func write(_ effects: @escaping @Sendable (Connection) throws -> Void) async throws {
        _ = try await house.record([], effects: effects)
    }

    // MARK: Making

    /// The provider's name for the batch: known, given now, or found again.
    private func handle(of row: BatchRow, sending: BatchCargo?) async throws -> String {
        if let handle = row.handle { return handle }
        guard let sending else {
            if let handle = try await find(row) { return handle }
            // The list does not have it, so it was not made. Under a budget its worst case stays counted all the same.
            throw BatchEnd.refused(.malformed(.missing("id"), requestID: nil), mayBeCharged: true)
        }
        try await write { try BatchStore.insert(row, in: $0) }
        let requests = sending.unload()
        var file: String?
        var retries = RetryState()
        while true {
            guard !stop.isRequested else { throw BatchEnd.stopped }
            do throws(ProviderError) {
                return try await make(row, of: requests, file: &file)
            } catch {
                if error.failureClass == .cancelled { throw BatchEnd.stopped }
                // Refused outright, nothing was made; lost on its way, it may have been.
                if error.mayBeCharged || error.failureClass == .transient, let handle = try await find(row) {
                    return handle
                }
                let step = RetryPolicy.decide(after: error, state: retries, random: house.surroundings.random.uint64())
                retries = step.state
                guard case .retry(let wait) = step.decision, retries.busyAnswers < Self.maximumTries else {
                    throw BatchEnd.refused(error, mayBeCharged: error.mayBeCharged)
                }
                try await pause(wait)
            }
        }
    }

    private func make(
        _ row: BatchRow, of requests: [BatchRequest], file: inout String?
    ) async throws(ProviderError) -> String {
        let provider = row.model.provider
        if file == nil {
            file = try await router.uploadBatch(requests, mark: row.mark, at: provider)
            if let file { try await note { try BatchStore.set(file: file, of: row.id, in: $0) } }
        }
        let status = try await router.createBatch(requests, file: file, mark: row.mark, at: provider)
        try await note { try BatchStore.set(handle: status.handle, of: row.id, in: $0) }
        return status.handle
    }

    /// Writes a provider's word down; where that fails the batch is found again by its mark or its names.
    private func note(_ effects: @escaping @Sendable (Connection) throws -> Void) async throws(ProviderError) {
        do { try await write(effects) } catch { throw .cancelled }
    }

    /// Looks for a batch that may have been made without our learning its name: by its mark, where the provider keeps
    /// one, else by the names of its requests, which no other batch has.
    func find(_ row: BatchRow) async throws -> String? {
        let provider = row.model.provider
        let known = try await house.ledger.read { try BatchStore.handles(at: provider, in: $0) }
        let listed = try await asked { () async throws(ProviderError) -> [BatchStatus]? in
            do throws(ProviderError) {
                return try await router.batches(at: provider, since: row.madeAt.adding(milliseconds: -Self.clockSkew))
            } catch {
                if case .refused(let refusal) = error, refusal.status == 404 { return nil }
                throw error
            }
        }
        // A provider without a list will have none tomorrow either: nobody can say what became of the requests. They
        // are not handed in again, and their worst case stays counted.
        guard let listed else { throw BatchEnd.refused(.malformed(.missing("id"), requestID: nil), mayBeCharged: true) }
        var found = listed.first { $0.mark == row.mark }?.handle
        if found == nil {
            let names = Set(row.open.map(\.name))
            for other in listed where other.mark == nil && !known.contains(other.handle) {
                guard other.requests.map({ $0 == row.count }) ?? true else { continue }
                let status = other.stage == .ended ? other : try await end(of: other.handle, row)
                var isOurs = false
                _ = try await asked { () async throws(ProviderError) in
                    try await router.readBatch(status, at: provider) { name, _ in
                        isOurs = isOurs || names.contains(name)
                    }
                }
                if isOurs {
                    found = status.handle
                    break
                }
            }
        }
        guard let found else { return nil }
        try await write { try BatchStore.set(handle: found, of: row.id, in: $0) }
        return found
    }

    /// A question without consequences, asked again while it fails for a while; pending where it goes on failing.
    private func asked<R>(_ body: () async throws(ProviderError) -> R) async throws -> R {
        var retries = RetryState()
        while true {
            guard !stop.isRequested else { throw BatchEnd.stopped }
            do throws(ProviderError) { return try await body() } catch {
                if error.failureClass == .cancelled { throw BatchEnd.stopped }
                let step = RetryPolicy.decide(after: error, state: retries, random: house.surroundings.random.uint64())
                retries = step.state
                guard case .retry(let wait) = step.decision else { throw BatchEnd.pending }
                try await pause(wait)
            }
        }
    }

    private func pause(_ milliseconds: Int64) async throws {
        do { try await router.wait(milliseconds) } catch { throw BatchEnd.stopped }
        guard !stop.isRequested else { throw BatchEnd.stopped }
    }

    // MARK: Waiting

    /// Waits until the provider has ended a batch; past the longest wait it is cancelled, and what is done counts.
    private func end(of handle: String, _ row: BatchRow) async throws -> BatchStatus {
        let deadline = row.madeAt.adding(milliseconds: maximumWaitMilliseconds)
        var wait = Self.firstPause
        var looksLeft = Self.maximumLooks
        var isCancelled = false
        while looksLeft > 0 {
            looksLeft -= 1
            do throws(ProviderError) {
                let status = try await router.batch(handle, at: row.model.provider)
                if status.stage == .ended { return status }
            } catch {
                switch error.failureClass {
                case .cancelled: throw BatchEnd.stopped
                case .final: throw BatchEnd.refused(error, mayBeCharged: true)
                case .providerDown: throw BatchEnd.pending
                case .busy, .transient, .conflict: break
                }
            }
            if !isCancelled, house.surroundings.time.now() > deadline || looksLeft <= Self.looksAfterCancelling {
                isCancelled = true
                looksLeft = Self.looksAfterCancelling
                try? await router.cancelBatch(handle, at: row.model.provider)
            }
            try await pause(wait)
            wait = min(wait * 3 / 2, Self.longestPause)
        }
        throw BatchEnd.pending
    }

    // MARK: Reading

    /// Gives every run its result; those that the provider has none for were lost.
    private func read(_ status: BatchStatus, _ row: BatchRow) async throws {
        var missing = Dictionary(uniqueKeysWithValues: row.open.map { ($0.name, $0.ticket) })
        for attempt in 1... {
            do throws(ProviderError) {
                _ = try await router.readBatch(status, at: row.model.provider) { name, result in
                    guard let ticket = missing.removeValue(forKey: name) else { return }
                    switch result {
                    case .reply(let reply): deliver(.reply(reply), to: ticket)
                    case .failed(let error): deliver(.failed(error, mayBeCharged: error.mayBeCharged), to: ticket)
                    }
                }
                break
            } catch {
                if error.failureClass == .cancelled { throw BatchEnd.stopped }
                if error.failureClass == .final || attempt >= Self.maximumTries { break }
                do { try await pause(Self.firstPause) } catch {
                    for ticket in missing.values { deliver(.stopped, to: ticket) }
                    throw error
                }
            }
        }
        let lost = ProviderError.malformed(.missing("custom_id"), requestID: nil)
        for ticket in missing.values { deliver(.failed(lost, mayBeCharged: !status.isRefused), to: ticket) }
    }

    // MARK: Leaving nothing behind

    /// Forgets a batch that was never made once its runs know.
    private func forgetWhenSettled(_ row: BatchRow) {
        state.withLock { $0.statuses[row.id] = BatchStatus.never }
    }

    /// Deletes what the provider keeps of a batch whose outcomes are all journaled, then its rows.
    ///
    /// Where that fails the rows stay, and the next night's `tidy` tries again.
    func discard(_ row: BatchRow, _ status: BatchStatus) async {
        for attempt in 1...Self.maximumTries {
            do throws(ProviderError) {
                if status != .never {
                    try await router.deleteBatch(status, at: row.model.provider)
                } else {
                    try await router.deleteBatchFiles(mark: row.mark, at: row.model.provider)
                }
                try? await write { try BatchStore.drop(row.id, in: $0) }
                return
            } catch {
                guard attempt < Self.maximumTries, error.failureClass != .final, error.failureClass != .providerDown
                else { return }
                do { try await pause(Self.firstPause) } catch { return }
            }
        }
    }

    /// Cancels and deletes what no run waits for any more: batches of nights that are over, or not yet deleted.
    func tidy() async throws {
        let rows = try await house.ledger.read { try BatchStore.all(in: $0) }
        for row in rows where !row.isWanted {
            guard state.withLock({ $0.keepers[row.id] == nil }) else { continue }
            state.withLock { state in
                state.batches[row.id] = nil
                for entry in row.open { state.batchOf[entry.ticket] = nil }
            }
            do {
                guard let handle = try await row.handle == nil ? find(row) : row.handle else {
                    await discard(row, .never)
                    continue
                }
                var status = try await router.batch(handle, at: row.model.provider)
                if status.stage == .going {
                    try await router.cancelBatch(handle, at: row.model.provider)
                    status = try await router.batch(handle, at: row.model.provider)
                }
                // What is still being cancelled is deleted another night.
                if status.stage == .ended { await discard(row, status) }
            } catch let error as ProviderError {
                if case .refused(let refusal) = error, refusal.status == 404 {
                    try await write { try BatchStore.drop(row.id, in: $0) }
                }
            } catch BatchEnd.refused {
                await discard(row, .never)
            } catch is BatchEnd {
                continue
            }
        }
    }
}
