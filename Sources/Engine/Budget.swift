// Money: what one night and one run may spend, reserved before each call and settled after it.
import Synchronization

/// The money limits, in integer pico-USD (10⁻¹² USD); nil is no limit.
public struct BudgetLimits: Sendable, Equatable {
    /// What one run may spend.
    public var run: Int64?
    /// What all runs of one resident may spend on one civil day, the manual ones of that day included.
    public var residentDay: Int64?
    /// What all runs of one night may spend together, and with them the manual runs and provider checks of its day.
    public var night: Int64?

    /// Limits as the settings give them.
    public init(run: Int64? = nil, residentDay: Int64? = nil, night: Int64? = nil) {
        self.run = run
        self.residentDay = residentDay
        self.night = night
    }

    /// Whether a model without a known price must be refused.
    public var needsPrices: Bool { run != nil || residentDay != nil || night != nil }
}

/// Why a call may not be made.
public enum BudgetRefusal: String, Error, Sendable, Equatable {
    /// The worst case of the call does not fit into what the run may still spend.
    case run = "budget_run"
    /// The worst case of the call does not fit into what the resident may still spend on that day.
    case residentDay = "budget_resident_day"
    /// The worst case of the call does not fit into what the night may still spend.
    case night = "budget_night"
    /// A limit is set and the model has no known price.
    case unpriced = "unpriced_model"
}

/// What the runs of one night have spent and hold reserved; shared by all of them.
public final class NightBudget: Sendable {
    private struct State { var spent: Int64; var reserved: Int64 }

    /// The limits it keeps.
    public let limits: BudgetLimits
    private let state: Mutex<State>

    /// A budget that already knows what earlier starts of the same night spent, in pico-USD.
    public init(limits: BudgetLimits, alreadySpent: Int64 = 0) {
        self.limits = limits
        state = Mutex(State(spent: max(0, alreadySpent), reserved: 0))
    }

    /// Sets the worst case of one call aside.
    ///
    /// A resident has one run at a time, so what it has spent on the day needs no reservation of its own.
    ///
    /// - Parameters:
    ///   - worstCase: the most that the call can cost, in pico-USD; nil where it has no price.
    ///   - runSpent: what its run has spent so far.
    ///   - residentDaySpent: what all runs of its resident have spent on that day so far, this one included.
    public func reserve(worstCase: Int64?, runSpent: Int64, residentDaySpent: Int64) throws(BudgetRefusal) {
        guard limits.needsPrices else { return }
        guard let worstCase else { throw .unpriced }
        if let run = limits.run, Self.sum(runSpent, worstCase) > run { throw .run }
        if let day = limits.residentDay, Self.sum(residentDaySpent, worstCase) > day { throw .residentDay }
        let fits = state.withLock { state in
            let total = Self.sum(Self.sum(state.spent, state.reserved), worstCase)
            if let night = limits.night, total > night { return false }
            state.reserved = Self.sum(state.reserved, worstCase)
            return true
        }
        guard fits else { throw .night }
    }

    /// Replaces a reservation by what the call really cost.
    public func settle(worstCase: Int64?, cost: Int64) {
        state.withLock { state in
            if limits.needsPrices { state.reserved = max(0, state.reserved - (worstCase ?? 0)) }
            state.spent = Self.sum(state.spent, max(0, cost))
        }
    }

    /// Corrects what an earlier start was taken to have spent, once it is known.
    func correct(by difference: Int64) {
        state.withLock { $0.spent = max(0, Self.sum($0.spent, difference)) }
    }

    /// What was spent so far, in pico-USD.
    public var spent: Int64 { state.withLock { $0.spent } }

    /// A sum that stops at the largest value, so that an absurd price refuses instead of trapping.
    private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
        let (value, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : value
    }
}
