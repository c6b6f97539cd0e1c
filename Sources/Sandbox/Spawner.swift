// The thread that starts children: a child is killed when the thread that started it ends, and this one does not.
internal import CPosix
internal import Glibc
internal import Synchronization

/// A child under way: its number and the descriptor that means it, whatever its number comes to mean later.
struct Child: Sendable {
    let number: Int32
    let process: Descriptor
}

/// What a child is started from.
struct SpawnRequest: Sendable {
    let path: String
    let arguments: [String]
    /// They become 0, 1, 2, 3 … of the child.
    let descriptors: [Descriptor]
    /// The open `cgroup.procs` that it enters.
    let group: Descriptor?
}

/// Starts children from one dedicated thread, which lives as long as this value does.
///
/// Every child is held by something that holds the spawner, so that the thread never ends before its children do.
final class Spawner: Sendable {
    private struct Job: Sendable {
        let request: SpawnRequest
        let reply: @Sendable (Result<Child, SandboxError>) -> Void
    }

    private final class Queue: Sendable {
        struct State {
            var jobs: [Job] = []
            var isClosed = false
        }
        let state = Mutex(State())
        let ready: Semaphore
        init() throws(SandboxError) { ready = try Semaphore() }
    }

    private let queue: Queue

    init() throws(SandboxError) {
        let queue = try Queue()
        self.queue = queue
        guard WorkThread.start({ Self.serve(queue) }) else { throw .noResources(what: "thread") }
    }

    deinit {
        queue.state.withLock { $0.isClosed = true }
        queue.ready.post()
    }

    /// Starts a child; the calling thread waits for it.
    func spawn(_ request: SpawnRequest) throws(SandboxError) -> Child {
        let done = try Semaphore()
        let answer = Mutex<Result<Child, SandboxError>?>(nil)
        let box = Answer(answer)
        queue.state.withLock {
            $0.jobs.append(
                Job(request: request) { result in
                    box.value.withLock { $0 = result }
                    done.post()
                })
        }
        queue.ready.post()
        done.wait()
        guard let result = box.value.withLock({ $0 }) else { throw .noResources(what: "process") }
        return try result.get()
    }

    private final class Answer: Sendable {
        let value: Mutex<Result<Child, SandboxError>?>
        init(_ value: consuming Mutex<Result<Child, SandboxError>?>) { self.value = value }
    }

    private static func serve(_ queue: Queue) {
        let size = 64 << 10
        let stack = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        defer { stack.deallocate() }
        while true {
            queue.ready.wait()
            let (job, isClosed) = queue.state.withLock { state -> (Job?, Bool) in
                (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isClosed)
            }
            if let job {
                job.reply(Result { () throws(SandboxError) in try start(job.request, stack: stack, size: size) })
            } else if isClosed {
                return
            }
        }
    }

    private static func start(
        _ request: SpawnRequest, stack: UnsafeMutableRawPointer, size: Int
    ) throws(SandboxError) -> Child {
        var pidfd: Int32 = -1
        var words: [UnsafeMutablePointer<CChar>?] = request.arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        // Empty, not cleared by the child: `/proc/1/environ` of the sandbox would still show the parent's.
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        let numbers = request.descriptors.map(\.raw)
        let (child, stage, failure) = request.path.withCString { path in
            words.withUnsafeMutableBufferPointer { words in
                environment.withUnsafeMutableBufferPointer { environment in
                    numbers.withUnsafeBufferPointer { numbers in
                        var spawn = CPosix.shim_spawn()
                        spawn.path = path
                        spawn.arguments = UnsafePointer(words.baseAddress)
                        spawn.environment = UnsafePointer(environment.baseAddress)
                        spawn.descriptors = numbers.baseAddress
                        spawn.count = Int32(numbers.count)
                        spawn.group = request.group?.raw ?? -1
                        spawn.user = 65534
                        let child = shim_spawn(&spawn, stack, size, &pidfd)
                        return (child, spawn.stage, child < 0 ? errno : spawn.error)
                    }
                }
            }
        }
        guard child > 0 else { throw .spawnFailed(step: 0, code: failure) }
        let process = Descriptor(owning: pidfd)
        guard stage == 0 else {
            var status: Int32 = 0
            var used: Int64 = 0
            _ = shim_collect(child, &status, &used)
            throw .spawnFailed(step: Int(stage), code: failure)
        }
        return Child(number: child, process: process)
    }
}

/// A counting semaphore of the system.
private final class Semaphore: @unchecked Sendable {
    // The address must not change; the functions that use it are safe on any thread.
    private let place: UnsafeMutablePointer<sem_t>

    init() throws(SandboxError) {
        place = .allocate(capacity: 1)
        place.initialize(to: sem_t())
        guard sem_init(place, 0, 0) == 0 else {
            place.deallocate()
            throw .noResources(what: "semaphore")
        }
    }

    deinit {
        sem_destroy(place)
        place.deallocate()
    }

    func post() { sem_post(place) }

    func wait() { while sem_wait(place) != 0, errno == EINTR {} }
}
