// The states of a run and the one function that moves it between them.

/// Where a run stands; the diagram is in docs/engine.md.
public enum RunState: String, Sendable, CaseIterable {
    /// Due, or interrupted and waiting for the next start.
    case queued
    /// Claimed by a living worker.
    case running
    /// Committed.
    case done
    /// Ended without a commit; the guaranteed run of the next night is unaffected.
    case failed
    /// Waiting for a cause that may pass: a provider that is down, three worker deaths.
    case parked
    /// Not begun, for a reason that the record names.
    case skipped
    /// The night passed without it.
    case missed

    /// What can happen to a run.
    public enum Event: Sendable, Equatable {
        /// A worker takes it.
        case claim
        /// Its commit is durable.
        case complete
        /// It ended for a reason that will not pass.
        case fail
        /// It waits for a cause that may pass.
        case park
        /// The program was told to stop; nothing is burnt.
        case interrupt
        /// Its worker died; `deaths` counts this one too.
        case die(deaths: Int)
        /// There was nothing it could be run with.
        case skip
        /// Its night is over.
        case miss
        /// The next night closes what was parked.
        case close
        /// The operator gives it up.
        case cancel
    }

    /// How many worker deaths park a run (engine.md).
    public static let deathsThatPark = 3

    /// The state after `event`, or nil where the event cannot happen in this state.
    public func after(_ event: Event) -> RunState? {
        switch (self, event) {
        case (.queued, .claim), (.parked, .claim), (.skipped, .claim), (.missed, .claim): .running
        case (.running, .complete): .done
        case (.running, .fail), (.queued, .fail): .failed
        case (.running, .park), (.queued, .park): .parked
        case (.running, .interrupt): .queued
        case (.running, .die(let deaths)): deaths >= Self.deathsThatPark ? .parked : .queued
        case (.queued, .skip): .skipped
        case (.queued, .miss): .missed
        case (.parked, .close), (.queued, .close): .failed
        case (.parked, .cancel), (.queued, .cancel): .failed
        default: nil
        }
    }

    /// Whether a worker may take the run.
    public var isClaimable: Bool { after(.claim) != nil }

    /// Whether nothing more happens to the run.
    public var isFinal: Bool {
        switch self {
        case .done, .failed, .skipped, .missed: true
        case .queued, .running, .parked: false
        }
    }
}

/// Why a run happens.
public enum RunTrigger: String, Sendable {
    /// The guaranteed run of a civil day.
    case nightly
    /// Asked for by the operator; it never uses up the guaranteed one.
    case manual
    /// The guaranteed run of the weekly day, with the larger budget.
    case weekly
}
