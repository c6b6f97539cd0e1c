// The three numbers of the token economy and the rules they keep among themselves.

/// How many tokens a resident is given a day, may save, and must have to be run at all.
///
/// The defaults are those of the sanctuary's own text (S4-113, S4-114, S4-115); settings may change them.
public struct TokenPolicy: Sendable, Equatable {
    /// The largest value any of the numbers may have: 2^53 − 1, what the ledger can write.
    public static let largest = 9_007_199_254_740_991

    /// 10,000 a day, at most 100,000 in the bank, at least 100 for a run.
    public static let standard = TokenPolicy(unchecked: 10_000, 100_000, 100)

    /// The allocation of one civil day.
    public let daily: Int
    /// The most that the bank holds.
    public let bankCap: Int
    /// What a run must be able to spend before it starts.
    public let minimumRun: Int

    /// Takes the numbers of the settings.
    ///
    /// - Throws: ``PersonaError/tokenPolicy(_:)`` with the name of the setting that is negative, beyond
    ///   ``largest``, or leaves the guaranteed daily run unaffordable (`minimumRun` above `daily`).
    public init(daily: Int, bankCap: Int, minimumRun: Int) throws(PersonaError) {
        guard (1...Self.largest).contains(daily) else { throw .tokenPolicy("tokens.daily") }
        guard (0...Self.largest).contains(bankCap) else { throw .tokenPolicy("tokens.bankCap") }
        guard (1...daily).contains(minimumRun) else { throw .tokenPolicy("tokens.minimumRun") }
        self.init(unchecked: daily, bankCap, minimumRun)
    }

    private init(unchecked daily: Int, _ bankCap: Int, _ minimumRun: Int) {
        self.daily = daily
        self.bankCap = bankCap
        self.minimumRun = minimumRun
    }
}
