// Threads of our own for work that blocks: file writes and flushes never run on Swift's cooperative pool.
internal import Glibc

/// A fixed number of threads that take jobs from one queue; they start with the first job and end with their owner.
final class WorkerThreads: Sendable {
    typealias Job = @Sendable () -> Void

    private let queue: JobQueue
    private let count: Int

    init(count: Int) {
        self.count = count
        queue = JobQueue()
    }

    deinit { queue.close() }

    /// Runs a blocking body on one of the threads.
    func run<R: Sendable>(
        _ body: @escaping @Sendable () throws(VaultError) -> R
    ) async throws(VaultError) -> R {
        let failure = queue.startIfNeeded(threads: count)
        guard failure == 0 else { throw .workersUnavailable(code: failure) }
        let result: Result<R, VaultError> = await withCheckedContinuation { continuation in
            queue.push {
                do throws(VaultError) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}

/// Jobs waiting for a thread; as many wait as callers are suspended, so the callers bound it.
private final class JobQueue: @unchecked Sendable {
    // Sendable: `jobs`, `isClosed` and `isStarted` are touched only under `lock`.
    private let lock = ThreadLock()
    private var jobs: [WorkerThreads.Job] = []
    private var isClosed = false
    private var isStarted = false

    /// Starts the threads at the first call; 0, or the `errno` of the thread that could not be started.
    func startIfNeeded(threads: Int) -> Int32 {
        lock.lock()
        defer { lock.unlock() }
        guard !isStarted else { return 0 }
        for index in 0..<threads {
            var thread = pthread_t()
            let retained = Unmanaged.passRetained(self)
            let code = pthread_create(
                &thread, nil,
                { argument in
                    if let argument { Unmanaged<JobQueue>.fromOpaque(argument).takeRetainedValue().work() }
                    return nil
                }, retained.toOpaque())
            guard code == 0 else {
                retained.release()
                // Fewer threads than asked for do the same work more slowly.
                if index == 0 { return code }
                break
            }
            pthread_detach(thread)
        }
        isStarted = true
        return 0
    }

    func push(_ job: @escaping WorkerThreads.Job) {
        lock.lock()
        jobs.append(job)
        lock.unlock()
        // After the lock is free, or the thread that wakes would only wait again.
        lock.signal()
    }

    func close() {
        lock.lock()
        isClosed = true
        lock.broadcast()
        lock.unlock()
    }

    private func work() {
        while let job = next() { job() }
    }

    private func next() -> WorkerThreads.Job? {
        lock.lock()
        defer { lock.unlock() }
        while jobs.isEmpty {
            if isClosed { return nil }
            lock.wait()
        }
        return jobs.removeFirst()
    }
}

/// A POSIX mutex with one condition, for threads that must sleep until something happens.
final class ThreadLock: @unchecked Sendable {
    // Sendable: both objects live at fixed addresses and are made for use from many threads.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func lock() { pthread_mutex_lock(mutex) }
    func unlock() { pthread_mutex_unlock(mutex) }
    func wait() { pthread_cond_wait(condition, mutex) }
    func signal() { pthread_cond_signal(condition) }
    func broadcast() { pthread_cond_broadcast(condition) }
}
