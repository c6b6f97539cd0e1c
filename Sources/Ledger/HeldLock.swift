// The lock that keeps a second writer out, held as long as the ledger is open.
internal import Files
internal import Synchronization

/// A file lock that can be given back before the value goes.
final class HeldLock: Sendable {
    private let lock: Mutex<FileLock?>

    /// Takes the lock; refused where another process, or another ledger of this one, has it.
    init(path: String) throws(LedgerError) {
        do throws(FileLockError) {
            lock = Mutex(try FileLock(path: path))
        } catch {
            switch error {
            case .held(let process): throw .locked(by: process)
            case .failed(let failure): throw failure.isReadOnly ? .readOnly : .file(failure)
            }
        }
    }

    /// Gives the lock back.
    func release() { lock.withLock { $0 = nil } }
}
