// What a civil day has cost so far: its runs, its manual runs, and what was spent outside of any run.
public import Encoding
import Ledger
public import Providers
import SQLite

extension RunStore {
    /// Money spent outside of runs; `amount` is in pico-USD, the worst case until the cost is known.
    static let outlayTable = """
        CREATE TABLE outlay (
            id BLOB PRIMARY KEY CHECK (length(id) = 16), at INTEGER NOT NULL, what TEXT NOT NULL,
            amount INTEGER NOT NULL
        ) STRICT
        """

    /// What a civil day has cost: the night's runs, and what was first claimed or spent beside them during its hours.
    static func spent(on day: CivilDate, hours: Range<Instant>, in connection: Connection) throws -> Int64 {
        try sum(
            of: """
                SELECT spent AS amount FROM run
                    WHERE occurrence = ?1 OR (trigger = 'manual' AND claimed_at >= ?2 AND claimed_at < ?3)
                UNION ALL SELECT amount FROM outlay WHERE at >= ?2 AND at < ?3
                """,
            [
                .text(day.description), .integer(hours.lowerBound.unixMilliseconds),
                .integer(hours.upperBound.unixMilliseconds),
            ], in: connection)
    }

    /// What one resident's runs of a civil day have spent, one of them left out.
    static func spent(
        by resident: Identifier, on day: CivilDate, hours: Range<Instant>, except run: Identifier,
        in connection: Connection
    ) throws -> Int64 {
        try sum(
            of: """
                SELECT spent AS amount FROM run WHERE resident = ?1 AND id <> ?2
                    AND (occurrence = ?3 OR (trigger = 'manual' AND claimed_at >= ?4 AND claimed_at < ?5))
                """,
            [
                .blob(resident.bytes), .blob(run.bytes), .text(day.description),
                .integer(hours.lowerBound.unixMilliseconds), .integer(hours.upperBound.unixMilliseconds),
            ], in: connection)
    }

    /// The exact sum of amounts; the largest value where it is larger.
    ///
    /// SQLite's own `sum` is an error then, and a night whose sum cannot be read could never go on. Its halves fit.
    private static func sum(
        of amounts: String, _ values: [SQLiteValue], in connection: Connection
    ) throws -> Int64 {
        let halves = try connection.firstRow(
            """
            SELECT coalesce(sum(amount >> 32), 0), coalesce(sum(amount & 4294967295), 0) FROM (\(amounts))
            """, values
        ) { (high: $0.integer(0), low: $0.integer(1)) }
        guard let halves else { return 0 }
        let (high, overflow) = halves.high.multipliedReportingOverflow(by: 1 << 32)
        return overflow ? .max : high.saturatingSum(halves.low)
    }

    /// Writes down, or corrects, what something outside of runs costs.
    static func note(
        outlay id: Identifier, at: Instant, what: String, amount: Int64, in connection: Connection
    ) throws {
        try connection.run(
            "INSERT INTO outlay VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET amount = excluded.amount",
            .blob(id.bytes), .integer(at.unixMilliseconds), .text(what), .integer(amount))
    }
}

extension RunEngine {
    /// What the night, the manual runs and the provider checks of its day have spent so far, in pico-USD.
    ///
    /// It counts over all starts of the program.
    public func spent(on day: CivilDate) async throws(EngineError) -> Int64 {
        try await asEngineError {
            let hours = house.instant(daysAfter: day, count: 0)..<house.instant(daysAfter: day, count: 1)
            return try await house.ledger.read { try RunStore.spent(on: day, hours: hours, in: $0) }
        }
    }

    /// What the night's budget knows to be spent, in pico-USD.
    public var nightSpent: Int64 { night.spent }

    /// Asks a model for one word, within what the night may still spend, and counts what it costs.
    ///
    /// - Returns: what came of it, or why the budget does not allow it.
    public func check(_ model: ModelName) async throws(EngineError) -> Result<ProviderCheck, BudgetRefusal> {
        let worstCase = router.worstCaseCost(of: ProviderRouter.checkConversation, with: model)
        do throws(BudgetRefusal) {
            try night.reserve(worstCase: worstCase, runSpent: 0, residentDaySpent: 0)
        } catch {
            return .failure(error)
        }
        return try await asEngineError {
            let id = house.surroundings.identifiers.next()
            let now = house.surroundings.time.now()
            func note(_ amount: Int64) async throws {
                _ = try await house.record([]) { connection in
                    try RunStore.note(outlay: id, at: now, what: "check", amount: amount, in: connection)
                }
            }
            do { try await note(worstCase ?? 0) } catch {
                night.settle(worstCase: worstCase, cost: 0)
                throw error
            }
            let check = await router.check(model)
            let cost =
                switch check.result {
                case .success: check.costPicoUSD ?? 0
                case .failure(let error): error.mayBeCharged ? worstCase ?? 0 : 0
                }
            night.settle(worstCase: worstCase, cost: cost)
            try await note(cost)
            return .success(check)
        }
    }
}
