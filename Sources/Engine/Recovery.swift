// What a start does first: finish interrupted deletions, take back runs whose worker died, close what is left of older
// nights.
public import Encoding
import Ledger
import SQLite

/// What recovery found.
public struct RecoveryReport: Sendable, Equatable {
    /// Runs that resume.
    public var resumed = 0
    /// Runs that were parked after too many worker deaths.
    public var parked = 0
}

extension RunEngine {
    /// Recovers after an unclean stop; only one process owns a home, so every running row belongs to a dead worker.
    public func recover() async throws(EngineError) -> RecoveryReport {
        try await asEngineError {
            try await house.finishDeletions()
            var report = RecoveryReport()
            let rows = try await house.ledger.read { try RunStore.unfinished(in: $0) }
            for row in rows {
                if try await house.ledger.lastSpan(of: row.resident, types: [.residentDeleted]) != nil {
                    try await house.closeRuns(ofDeleted: row.resident)
                    continue
                }
                guard row.state == .running else { continue }
                let event = RunState.Event.die(deaths: row.deaths + 1)
                if row.state.after(event) == .parked {
                    try await house.move(row, by: event, type: .runParked, reason: RunEngine.workerDeaths)
                    report.parked += 1
                } else {
                    try await house.move(row, by: event, type: nil, reason: "worker_died")
                    report.resumed += 1
                }
            }
            try await batches.load()
            return report
        }
    }

    /// Why a run is parked that killed its workers; it is not tried again in the same night.
    public static let workerDeaths = "worker_deaths"
    /// Why a run is parked whose journal does not open or follow; it is not tried again in the same night.
    public static let journalBroken = "journal_broken"

    /// Closes runs of other days that were parked or never resumed, so that the guaranteed run never ends.
    public func closeOlderNights(than day: CivilDate) async throws(EngineError) {
        try await asEngineError {
            let rows = try await house.ledger.read { try RunStore.unfinished(in: $0) }
            for row in rows where row.state != .running {
                guard CivilDate(row.occurrence) ?? house.dayOf(row.claimedAt) < day else { continue }
                try await house.move(row, by: .close, type: .runFailed, reason: row.reason ?? "night_over")
            }
            try await missUnbegun(before: day)
        }
    }

    /// The runs of one civil day.
    public func runs(on day: CivilDate) async throws(EngineError) -> [RunRow] {
        try await asEngineError {
            try await house.ledger.read { try RunStore.of(occurrence: day.description, in: $0) }
        }
    }
}

extension House {
    /// The runs that were begun and are neither done nor given up: parked, interrupted, or held by a worker.
    public func unfinishedRuns() async throws(EngineError) -> [RunRow] {
        try await asEngineError { try await ledger.read { try RunStore.unfinished(in: $0) } }
    }

    /// Moves a run that nobody holds, with the span that says so.
    func move(
        _ row: RunRow, by event: RunState.Event, type: EntityType?, reason: String, who: Actor = .scheduler
    ) async throws {
        var spans: [SpanDraft] = []
        if let type {
            spans.append(
                SpanDraft(
                    id: surroundings.identifiers.next(), entityType: type, who: who,
                    this: row.resident.description, at: surroundings.time.now(),
                    metadata: ["reason": .string(reason), "rounds": 0, "calls": 0], traceID: row.run,
                    durationMilliseconds: 0))
        }
        try await record(spans) { connection in
            try RunStore.move(row, by: event, reason: reason, in: connection)
        }
    }
}
