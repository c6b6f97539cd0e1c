// Numbers the control groups of one process.
internal import Synchronization

final class GroupCounter: Sendable {
    private let last = Mutex(0)

    func next() -> Int {
        last.withLock {
            $0 += 1
            return $0
        }
    }
}
