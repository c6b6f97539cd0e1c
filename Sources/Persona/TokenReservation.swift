// The purse of one run: charged call by call, banked from at the resident's wish, settled once.

/// What one run may spend, has spent and has saved; a resumed run replays its journal into a fresh one.
public struct TokenReservation: Sendable, Equatable {
    /// What a wish to save came to.
    public struct Banking: Sendable, Equatable {
        /// Tokens moved to the bank.
        public let moved: Int
        /// Tokens of the wish that were not moved.
        public let refused: Int
        /// Room left in the bank afterwards.
        public let room: Int

        /// An answer to a wish.
        public init(moved: Int, refused: Int, room: Int) {
            self.moved = moved
            self.refused = refused
            self.room = room
        }
    }

    /// What a run came to.
    public struct Settlement: Sendable, Equatable {
        /// The account after the run: the `balance` and `bank` of `persona.settled`.
        public let account: TokenAccount
        /// Tokens charged: the `charged` of `persona.settled`.
        public let charged: Int
        /// The part that the day's allocation paid.
        public let fromAllocation: Int
        /// The part that the bank paid.
        public let fromBank: Int
        /// The part that neither could pay because a provider counted more than was estimated; it is let go.
        public let uncovered: Int
        /// Tokens that this run moved to the bank and that stayed there.
        public let banked: Int
    }

    /// The kind of the run.
    public let kind: TokenAccount.RunKind
    /// The account that the run opened.
    public let account: TokenAccount
    /// Tokens charged so far.
    public private(set) var charged = 0
    /// Tokens moved to the bank so far.
    public private(set) var banked = 0

    init(kind: TokenAccount.RunKind, account: TokenAccount) {
        self.kind = kind
        self.account = account
    }

    /// What the run may still spend; zero when a call cost more than was left.
    public var remaining: Int {
        let saved = kind == .weekly ? 0 : banked
        return max(0, account.spendable(by: kind) - saved - charged)
    }

    /// How much of the day's allocation is neither spent nor banked.
    public var allocationLeft: Int { max(0, account.balance - banked - charged) }

    /// The output limit to ask of a model: what was wanted, or what is left after the input; zero when nothing is.
    public func outputLimit(wanted: Int, inputEstimate: Int) -> Int {
        let left = remaining - min(max(0, inputEstimate), remaining)
        return min(max(0, wanted), left)
    }

    /// Adds what a call cost (see ``TokenCharge``); a negative cost counts as nothing.
    public mutating func charge(_ tokens: Int) {
        charged = min(charged + min(max(0, tokens), TokenPolicy.largest), TokenPolicy.largest)
    }

    /// Moves tokens from what is left of the day's allocation to the bank, up to its cap; the rest is refused and told.
    ///
    /// What was banked is no longer there to be spent by this run, unless it is the weekly one.
    public mutating func bank(_ amount: Int) -> Banking {
        let wished = max(0, amount)
        let room = account.policy.bankCap - account.bank - banked
        let moved = min(wished, min(allocationLeft, room))
        banked += moved
        return Banking(moved: moved, refused: wished - moved, room: room - moved)
    }

    /// Draws the run's sum: allocation first; then the bank in a weekly run, else what this run itself had banked.
    public func settle() -> Settlement {
        let allocation = account.balance - banked
        let saved = account.bank + banked
        let fromAllocation = min(charged, allocation)
        let rest = charged - fromAllocation
        let fromBank = min(rest, kind == .weekly ? saved : banked)
        return Settlement(
            account: account.with(balance: allocation - fromAllocation, bank: saved - fromBank),
            charged: charged, fromAllocation: fromAllocation, fromBank: fromBank,
            uncovered: rest - fromBank, banked: max(0, banked - fromBank))
    }
}
