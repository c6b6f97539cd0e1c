// The book of nights: which civil days had theirs, which passed without, and what the scheduler found in doubt.
import Community
public import Encoding
import Ledger
import SQLite

/// Where a night stands.
public enum NightState: String, Sendable {
    /// Begun, and not yet seen to its end.
    case running
    /// Over: everything that was due was tried, or its time passed in the middle of it.
    case ended
    /// It passed without beginning.
    case missed
}

/// A civil day's night in the book.
public struct NightRow: Sendable, Equatable {
    /// The civil day in the node's zone.
    public let day: CivilDate
    /// When it was to begin.
    public let dueAt: Instant
    /// Where it stands.
    public let state: NightState
    /// Why it stands there, as a code; nil for a night like any other.
    public let reason: String?
}

/// Why residents have no run of a night.
public enum MissReason: String, Sendable {
    /// The program was not running, or could not begin, while the night could still be made up for.
    case notRunning = "not_running"
    /// The night had begun, and was not taken up again in time.
    case cutShort = "cut_short"
    /// The clock or the time zone data was in doubt.
    case inDoubt = "in_doubt"
}

/// SQL of the book; called inside a transaction of the ledger's writer or reader.
enum NightBook {
    static let schema = LedgerSchema(
        name: "nights",
        steps: [
            """
            CREATE TABLE night (
                day INTEGER PRIMARY KEY, due_at INTEGER NOT NULL,
                state TEXT NOT NULL CHECK (state IN ('running', 'ended', 'missed')), reason TEXT
            ) STRICT
            """
        ])

    static func newest(_ count: Int, in connection: Connection) throws -> [NightRow] {
        try connection.rows(
            "SELECT day, due_at, state, reason FROM night ORDER BY day DESC LIMIT ?", [.integer(Int64(count))]
        ) { row in
            guard let state = NightState(rawValue: row.text(2)) else { throw EngineError.storeMalformed }
            return NightRow(
                day: CivilDate(daysSinceEpoch: row.integer(0)), dueAt: Instant(unixMilliseconds: row.integer(1)),
                state: state, reason: row.isNull(3) ? nil : row.text(3))
        }
    }

    static func has(_ day: CivilDate, in connection: Connection) throws -> Bool {
        try connection.integer("SELECT 1 FROM night WHERE day = ?", .integer(day.daysSinceEpoch)) != nil
    }

    static func put(
        _ day: CivilDate, dueAt: Instant, state: NightState, reason: String?, in connection: Connection
    ) throws {
        try connection.run(
            """
            INSERT INTO night VALUES (?, ?, ?, ?)
                ON CONFLICT (day) DO UPDATE SET state = excluded.state, reason = excluded.reason
            """,
            .integer(day.daysSinceEpoch), .integer(dueAt.unixMilliseconds), .text(state.rawValue),
            reason.map { .text($0) } ?? .null)
    }
}

extension House {
    /// The newest nights of the book, newest first.
    public func nights(newest count: Int) async throws(EngineError) -> [NightRow] {
        try await asEngineError { try await ledger.read { try NightBook.newest(count, in: $0) } }
    }

    /// Takes nights out of the book whose time is after an instant: a clock that was wrong wrote them down.
    ///
    /// Runs that were had stay had; what was recorded as missed can be had after all.
    public func forgetNights(after now: Instant) async throws(EngineError) {
        try await asEngineError {
            _ = try await record([]) {
                try $0.run("DELETE FROM night WHERE due_at > ?", .integer(now.unixMilliseconds))
            }
        }
    }

    /// Writes down that a night begins, goes on, or is over.
    public func mark(
        _ day: CivilDate, dueAt: Instant, _ state: NightState, reason: String? = nil
    ) async throws(EngineError) {
        try await asEngineError {
            _ = try await record([]) { try NightBook.put(day, dueAt: dueAt, state: state, reason: reason, in: $0) }
        }
    }

    /// Writes down a night whose time has passed: a row and a span for everyone who was due and has no run of it.
    ///
    /// Due was who had been admitted before the night's time and is active now. A night that had begun ends as cut
    /// short.
    ///
    /// - Parameter trigger: what the runs would have been.
    /// - Returns: how many residents have no run of it.
    public func miss(
        _ day: CivilDate, dueAt: Instant, trigger: RunTrigger, reason: MissReason
    ) async throws(EngineError) -> Int {
        try await asEngineError {
            let rows = try await ledger.read { connection in
                (
                    runs: try RunStore.of(occurrence: day.description, in: connection),
                    isBooked: try NightBook.has(day, in: connection)
                )
            }
            // A row that was only planned is no run: it is told as missed with the others.
            let had = Set(rows.runs.filter { !$0.isUnbegun }.map(\.resident))
            let hadBegun = rows.isBooked || !rows.runs.isEmpty
            let reason = hadBegun ? MissReason.cutShort : reason
            let missing = try await residents().residents.filter { resident in
                resident.status == .active && resident.admittedAt <= dueAt && !had.contains(resident.id)
            }
            for group in stride(from: 0, to: missing.count, by: Self.missesAtOnce) {
                let residents = missing[group..<min(group + Self.missesAtOnce, missing.count)].map(\.id)
                try await record(missed: residents, of: day, trigger: trigger, reason: reason)
            }
            // Only now: killed before, the next start finds the rest of it still to be written.
            let state = hadBegun ? NightState.ended : .missed
            let why = hadBegun && missing.isEmpty ? nil : reason.rawValue
            try await record([]) { try NightBook.put(day, dueAt: dueAt, state: state, reason: why, in: $0) }
            return missing.count
        }
    }

    /// How many are written in one transaction.
    static var missesAtOnce: Int { 200 }

    /// Writes down for residents that they have no run of a day: the one place that does.
    func record(
        missed residents: [Identifier], of day: CivilDate, trigger: RunTrigger, reason: MissReason
    ) async throws {
        let now = surroundings.time.now()
        let runs = residents.map { (run: surroundings.identifiers.next(), resident: $0) }
        let spans = runs.map { run in
            SpanDraft(
                id: surroundings.identifiers.next(), entityType: .runMissed, who: .scheduler,
                this: run.resident.description, at: now, metadata: ["reason": .string(reason.rawValue)],
                traceID: run.run)
        }
        try await record(spans) { connection in
            for run in runs {
                try RunStore.insert(
                    run.run, resident: run.resident, occurrence: day.description, trigger: trigger, state: .missed,
                    reason: reason.rawValue, now: now, in: connection)
            }
        }
    }

    /// Puts something on the record that the scheduler cannot account for.
    ///
    /// - Parameters:
    ///   - kind: what it is, as a code.
    ///   - subject: what it concerns, such as `clock`.
    public func note(
        incident kind: String, concerning subject: String, expected: JSON? = nil, found: JSON? = nil
    ) async throws(EngineError) {
        try await asEngineError {
            var metadata: JSONObject = ["kind": .string(kind)]
            if let expected { metadata["expected"] = expected }
            if let found { metadata["found"] = found }
            _ = try await record([
                SpanDraft(
                    id: surroundings.identifiers.next(), entityType: .incident, who: .scheduler, this: subject,
                    at: surroundings.time.now(), metadata: metadata)
            ])
        }
    }

    /// When the newest span was made, by the clock of that moment.
    public func lastRecorded() async throws(EngineError) -> Instant? {
        try await asEngineError { try await ledger.tail(1).last?.at }
    }
}
