// How a run learns that the program was asked to stop.
import Synchronization

/// Set once by the command line when it is told to stop; runs look at it before every new round.
public final class StopSignal: Sendable {
    private struct Watchers {
        var next = 0
        var cancels: [Int: @Sendable () -> Void] = [:]
    }

    private let stopping = Atomic<Bool>(false)
    private let watchers = Mutex(Watchers())

    /// A signal that nobody has given yet.
    public init() {}

    /// Asks all runs to end at their next journal step, and ends what is not waited for, such as sandboxes.
    public func request() {
        stopping.store(true, ordering: .releasing)
        let cancels = watchers.withLock { watchers -> [@Sendable () -> Void] in
            defer { watchers.cancels = [:] }
            return Array(watchers.cancels.values)
        }
        for cancel in cancels { cancel() }
    }

    /// Whether a stop was asked for.
    public var isRequested: Bool { stopping.load(ordering: .acquiring) }

    /// Does work that is cancelled when a stop is asked for, and at once where it was already.
    public func cancelling<Result: Sendable>(_ work: @escaping @Sendable () async -> Result) async -> Result {
        let task = Task { await work() }
        let number = watchers.withLock { watchers -> Int in
            watchers.next += 1
            watchers.cancels[watchers.next] = { task.cancel() }
            return watchers.next
        }
        defer { watchers.withLock { _ = $0.cancels.removeValue(forKey: number) } }
        // Whoever asked between the two would have found nothing to cancel.
        if isRequested { task.cancel() }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
