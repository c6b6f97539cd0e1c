// How a run learns that the program was asked to stop.
import Synchronization

/// Set once by the command line when it is told to stop; runs look at it before every new round.
public final class StopSignal: Sendable {
    private let stopping = Atomic<Bool>(false)

    /// A signal that nobody has given yet.
    public init() {}

    /// Asks all runs to end at their next journal step.
    public func request() { stopping.store(true, ordering: .releasing) }

    /// Whether a stop was asked for.
    public var isRequested: Bool { stopping.load(ordering: .acquiring) }
}
