// A thread of its own for blocking work: SQLite and flushes never run on Swift's cooperative threads.
internal import Glibc

/// Runs jobs one after the other on one thread that nothing else uses; ends after the last job when it goes.
final class SerialThread: Sendable {
    private let queue: JobQueue

    init() {
        queue = JobQueue()
        let context = Unmanaged.passRetained(queue)
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, runJobs, context.toOpaque())
        precondition(code == 0, "the system makes no further thread")
        pthread_detach(thread)
    }

    deinit { queue.close() }

    /// Queues a job; jobs run in the order in which they came.
    func submit(_ job: @escaping @Sendable () -> Void) { queue.append(job) }

    /// Runs the body on the thread and waits for its result without blocking a cooperative thread.
    func run<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            submit { continuation.resume(with: Result(catching: body)) }
        }
    }
}

/// The jobs and the lock that guards them.
///
/// Safe to share: every access to the state is under the mutex.
private final class JobQueue: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [@Sendable () -> Void] = []
    private var isClosed = false

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

    func append(_ job: @escaping @Sendable () -> Void) {
        pthread_mutex_lock(mutex)
        jobs.append(job)
        pthread_mutex_unlock(mutex)
        // After the lock is free, or the thread that wakes would only wait again.
        pthread_cond_signal(condition)
    }

    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Everything queued so far; waits for something, nil once the queue is closed and empty.
    func next() -> [@Sendable () -> Void]? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while jobs.isEmpty {
            if isClosed { return nil }
            pthread_cond_wait(condition, mutex)
        }
        let batch = jobs
        jobs = []
        return batch
    }
}

/// The thread's body; at file scope so that no executor is assumed.
private func runJobs(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let queue = Unmanaged<JobQueue>.fromOpaque(context).takeRetainedValue()
    while let batch = queue.next() {
        for job in batch { job() }
    }
    return nil
}

/// A value that only jobs of one thread touch, which is what makes carrying it about safe.
final class ThreadBound<Value>: @unchecked Sendable {
    var value: Value
    init(_ value: Value) { self.value = value }
}
