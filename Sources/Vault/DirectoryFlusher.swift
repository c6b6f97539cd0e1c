// Flushes of one directory that are asked for at the same time are answered by one.
internal import Files

/// Groups the flushes of directories: whoever comes while one runs waits for the next, together with all others.
final class DirectoryFlusher: @unchecked Sendable {
    // Sendable: `directories` is touched only under `lock`.
    private struct State {
        var isRunning = false
        /// How many flushes have begun.
        var begun: UInt64 = 0
        /// How many have ended.
        var ended: UInt64 = 0
        /// The last flush that failed, and why: a later success does not make up for it.
        var failure: (number: UInt64, error: FileError)?
        var waiting = 0
    }

    private let lock = ThreadLock()
    private var directories: [String: State] = [:]
    private let flush: @Sendable (String) throws(FileError) -> Void

    init(flush: @escaping @Sendable (String) throws(FileError) -> Void = Files.syncDirectory) { self.flush = flush }

    /// How many callers wait for a flush of a directory, the one that runs it included.
    func waiting(for directory: String) -> Int {
        lock.lock()
        defer { lock.unlock() }
        return directories[directory]?.waiting ?? 0
    }

    /// Returns when a flush that began after this call has ended; blocks the thread.
    func sync(_ directory: String) throws(FileError) {
        lock.lock()
        defer { lock.unlock() }
        var state = directories[directory] ?? State()
        state.waiting += 1
        // A flush that has begun may have missed our change: the next one is ours.
        let wanted = state.begun + 1
        directories[directory] = state
        while true {
            var state = directories[directory] ?? State()
            if state.ended >= wanted { break }
            if state.isRunning {
                lock.wait()
                continue
            }
            state.isRunning = true
            state.begun += 1
            directories[directory] = state
            lock.unlock()
            var failure: FileError?
            do throws(FileError) { try flush(directory) } catch { failure = error }
            lock.lock()
            state = directories[directory] ?? state
            state.isRunning = false
            state.ended = state.begun
            if let failure { state.failure = (state.begun, failure) }
            directories[directory] = state
            lock.broadcast()
        }
        var last = directories[directory] ?? State()
        last.waiting -= 1
        directories[directory] = last.waiting == 0 ? nil : last
        if let failure = last.failure, failure.number >= wanted { throw failure.error }
    }
}
