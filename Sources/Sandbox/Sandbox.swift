// Running a foreign program with nothing it was not given: the room's overview.
//
// Sandbox           starts programs by bubblewrap, and keeps them within their limits: the one entry
// SandboxProgram    what is run: its command, its files, its folders, its limits
// SandboxLimits     how long, how much, how many
// Dialogue          who speaks with a program: `Letter` sends it one text, others answer line by line
// SandboxRun        what came of it: how it ended, what it wrote, what it used
// SandboxError      the sandbox's own failures, which are never the program's
// SandboxTier       what the kernel of this machine offers; SandboxSurvey is the proof by probes
// ForeignFolder    reading files of a folder that others write to
//
// Profile           the arguments of bubblewrap and prlimit
// SyscallFilter     the system calls that a program may make
// Spawner           the thread that starts children, and with whose end they would die
// ProcessWatch      one child's pipes, limits and end
// ControlGroup      a control group of its own for every child, where the kernel has them
//
// A program has an empty environment, no network, no files but its own and those of /usr, no way to more privileges,
// and no descriptor but its three pipes. What it writes is bounded, repaired and cleaned before anybody reads it.
public import Encoding
internal import Synchronization

/// A way to run programs that nobody here wrote; hold one for the life of the process.
public final class Sandbox: Sendable {
    /// What the machine offers.
    public let tier: SandboxTier
    let paths: SandboxPaths
    private let filter: [UInt8]
    private let groups: ControlGroups?
    private let spawner: Spawner
    private let places: Places
    private let monotonic: @Sendable () -> UInt64

    /// Finds out what the machine offers and starts the spawning thread.
    ///
    /// - Parameters:
    ///   - paths: where bubblewrap and prlimit are.
    ///   - concurrency: how many programs run at once; more wait their turn.
    ///   - time: the monotonic clock that limits are measured with.
    public init(paths: SandboxPaths = SandboxPaths(), concurrency: Int = 64, time: TimeSource) throws(SandboxError) {
        self.paths = paths
        let groups = ControlGroups()
        filter = try SyscallFilter.program(allowsMemoryFiles: groups != nil)
        self.groups = groups
        tier = SandboxTier.found(paths: paths, hasGroups: groups != nil)
        spawner = try Spawner()
        places = Places(max(1, concurrency))
        monotonic = time.monotonicNanoseconds
    }

    /// Runs a program to its end.
    ///
    /// Returns what came of it, be it killed for passing a limit; that is the program's affair. Throws where the
    /// sandbox itself failed, and then nothing the program may have written is to be believed. When the task is
    /// cancelled the program is killed.
    public func run<Speaker: Dialogue>(
        _ program: SandboxProgram, speaking speaker: Speaker
    ) async throws(SandboxError) -> SandboxRun<Speaker> {
        try program.check()
        if case .none(let lack) = tier { throw .unavailable(lack) }
        await places.take()
        let result = await watched(program, speaker)
        places.giveBack()
        return try result.get()
    }

    private func watched<Speaker: Dialogue>(
        _ program: SandboxProgram, _ speaker: Speaker
    ) async -> Result<SandboxRun<Speaker>, SandboxError> {
        let stop: StopEvent
        do throws(SandboxError) { stop = try StopEvent() } catch { return .failure(error) }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let started = WorkThread.start { [self] in
                    let result = Result { () throws(SandboxError) in
                        try start(program, speaker, stop: stop)
                    }
                    continuation.resume(returning: result)
                }
                if !started { continuation.resume(returning: .failure(.noResources(what: "thread"))) }
            }
        } onCancel: {
            stop.raise()
        }
    }

    /// Starts the child and stays with it; on a thread of its own.
    private func start<Speaker: Dialogue>(
        _ program: SandboxProgram, _ speaker: Speaker, stop: StopEvent
    ) throws(SandboxError) -> SandboxRun<Speaker> {
        let group = try groups.map { groups throws(SandboxError) in try groups.make(for: program.limits) }
        let launch = try Launch(program, paths: paths, filter: filter)
        let child = try spawner.spawn(launch.request(group: group))
        launch.letGo()
        var watch = ProcessWatch(
            child: child, pipes: launch.pipes, limits: program.limits, stop: stop, group: group,
            monotonic: monotonic)
        return try watch.converse(with: speaker)
    }
}

/// Where the two programs of the profile are.
public struct SandboxPaths: Sendable, Hashable {
    /// bubblewrap, on the host.
    public var bubblewrap: String
    /// prlimit, inside the sandbox.
    public var prlimit: String

    /// Names both; by default where Linux distributions have them.
    public init(bubblewrap: String = "/usr/bin/bwrap", prlimit: String = "/usr/bin/prlimit") {
        self.bubblewrap = bubblewrap
        self.prlimit = prlimit
    }
}

/// So many at once; the others wait in the order in which they came.
private final class Places: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(free: count)) }

    func take() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    func giveBack() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiting.isEmpty {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
