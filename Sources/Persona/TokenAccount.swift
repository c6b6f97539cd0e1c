// What a resident may spend today and what it has saved: integers with clamps, no clock and no store.
public import Encoding

/// A resident's public token account: the rest of the day's allocation, and the bank.
///
/// The account's truth lies on the ledger (`persona.settled` carries `balance` and `bank`); this value is built from
/// the last such span, credited for the day, reserved for a run and settled after it. The rules (S4-113 to S4-115,
/// C-15, C-47):
///
/// - The allocation is fresh every civil day. What a day leaves unspent expires with it, unless it was banked.
/// - A nightly or weekly run always starts from the whole allocation, whatever manual runs spent that day before it:
///   the guaranteed run cannot be used up. A manual run is credited only when it is the first of its day.
/// - A nightly or manual run spends the allocation; the weekly run spends the allocation first, then the bank.
/// - No number is ever negative, the balance never above `daily`, the bank never above `bankCap`.
public struct TokenAccount: Sendable, Equatable {
    /// Which purse a run may open.
    public enum RunKind: Sendable, Equatable, CaseIterable {
        /// The guaranteed run of a night: the whole allocation.
        case nightly
        /// A run that an operator started: what is left of the allocation.
        case manual
        /// The nightly run of the configured weekday: the whole allocation, then the bank.
        case weekly
    }

    /// What a credit did.
    public struct Credit: Sendable, Equatable {
        /// Tokens added to the balance.
        public let added: Int
        /// Tokens of an earlier day that were neither spent nor banked, and went.
        public let expired: Int

        /// A credit.
        public init(added: Int, expired: Int) {
            self.added = added
            self.expired = expired
        }
    }

    /// The numbers in force.
    public let policy: TokenPolicy
    /// What is left of the allocation.
    public private(set) var balance: Int
    /// What is saved.
    public private(set) var bank: Int
    /// The last civil day that was credited; nil before the first.
    public private(set) var lastCredited: CivilDate?

    /// The account of a resident that was just admitted: a whole allocation, nothing saved, no day credited yet.
    public init(policy: TokenPolicy = .standard) {
        self.policy = policy
        balance = policy.daily
        bank = 0
    }

    /// The account as the ledger states it; numbers beyond the policy in force are clamped to it.
    ///
    /// - Parameters:
    ///   - balance: `balance` of the last `persona.settled` span.
    ///   - bank: `bank` of the same span.
    ///   - lastCredited: the civil day of that span's run in the node's time zone; nil lets the next run be credited.
    public init(policy: TokenPolicy, balance: Int, bank: Int, lastCredited: CivilDate?) {
        self.policy = policy
        self.balance = min(max(0, balance), policy.daily)
        self.bank = min(max(0, bank), policy.bankCap)
        self.lastCredited = lastCredited
    }

    /// What a run of this kind could spend now.
    public func spendable(by kind: RunKind) -> Int {
        kind == .weekly ? balance + bank : balance
    }

    /// Gives the allocation that a run of this kind is due on a civil day; call it once, before reserving.
    ///
    /// A day at or before the last credited one (a repeated call, a clock set back) gives a manual run nothing.
    ///
    /// - Parameter day: the occurrence of a nightly or weekly run; today, in the node's time zone, for a manual one.
    @discardableResult
    public mutating func credit(_ kind: RunKind, on day: CivilDate) -> Credit {
        let isNewDay = lastCredited.map { day > $0 } ?? true
        if isNewDay {
            let expired = lastCredited == nil ? 0 : balance
            let added = policy.daily - (balance - expired)
            balance = policy.daily
            lastCredited = day
            return Credit(added: added, expired: expired)
        }
        guard kind != .manual else { return Credit(added: 0, expired: 0) }
        let added = policy.daily - balance
        balance = policy.daily
        return Credit(added: added, expired: 0)
    }

    /// Opens the purse of one run.
    ///
    /// - Throws: ``PersonaError/belowMinimumRun(spendable:minimum:)``, never for a credited nightly or weekly run.
    public func reserve(for kind: RunKind) throws(PersonaError) -> TokenReservation {
        let spendable = spendable(by: kind)
        guard spendable >= policy.minimumRun else {
            throw .belowMinimumRun(spendable: spendable, minimum: policy.minimumRun)
        }
        return TokenReservation(kind: kind, account: self)
    }

    /// The account with other purses; the reservation's way to write a settlement.
    func with(balance: Int, bank: Int) -> TokenAccount {
        TokenAccount(policy: policy, balance: balance, bank: bank, lastCredited: lastCredited)
    }
}
