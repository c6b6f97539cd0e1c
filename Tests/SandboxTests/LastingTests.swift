// Programs that will not end, and what they leave: nothing.
import Encoding
import Foundation
import Sandbox
import Synchronization
import TestSupport
import Testing

@Suite(.enabled(if: Probe.isPossible, Probe.need)) struct LastingTests {
    @Test func sleepingIsNoticed() async throws {
        var limits = SandboxLimits()
        limits.idleSeconds = 1
        #expect(try await Probe.boxed(["sleep"], limits: limits).end == .stopped(.idle))
        limits = SandboxLimits(wallSeconds: 1)
        #expect(try await Probe.boxed(["sleep"], limits: limits).end == .stopped(.wall))
    }

    @Test func thePoliteSignalIsNotReliedOn() async throws {
        let clock = HandClock()
        let sandbox = try Sandbox(time: clock.source)
        let run = try await sandbox.run(
            Probe.asked(["deaf"], limits: SandboxLimits(wallSeconds: 1)), speaking: Ticking(clock, milliseconds: 1_000))
        #expect(run.end == .stopped(.wall))
        #expect(run.output.text.trimmed == "deaf")
    }

    @Test func aStoppedChildIsNoticed() async throws {
        #expect(try await Probe.boxed(["stop"], limits: SandboxLimits(idleSeconds: 1)).end == .stopped(.idle))
    }

    @Test func aClosedOutputIsNoEnd() async throws {
        let run = try await Probe.boxed(["talk", "closed"], limits: SandboxLimits(idleSeconds: 1))
        #expect(run.end == .stopped(.idle))
    }

    @Test func drippingEndsAtTheWall() async throws {
        let clock = HandClock()
        let sandbox = try Sandbox(time: clock.source)
        let limits = SandboxLimits(wallSeconds: 2, idleSeconds: 1)
        let run = try await sandbox.run(
            Probe.asked(["talk", "drip"], limits: limits), speaking: Ticking(clock, milliseconds: 400))
        #expect(run.end == .stopped(.wall))
        #expect(run.output.total >= 5)
    }

    @Test func aDaemonEndsWithItsProgram() async throws {
        let token = "token-\(UInt64.random(in: 0...UInt64.max))"
        let run = try await Probe.boxed(["daemon", token])
        #expect(run.end == .exited(0))
        #expect(run.output.text.trimmed == "left")
        #expect(processes(with: token).isEmpty)

        #expect(try Probe.bareWord(["daemon", token]) == "left")
        let left = processes(with: token)
        #expect(left.count == 1)
        for process in left { kill(process, SIGKILL) }
    }

    @Test func aCancelledRunIsKilled() async throws {
        let token = "token-\(UInt64.random(in: 0...UInt64.max))"
        let task = Task { try await Probe.boxed(["sleep", token]) }
        while !processes(with: token).contains(where: isTheProbe) { await Task.yield() }
        task.cancel()
        #expect(try await task.value.end == .stopped(.cancelled))
        #expect(processes(with: token).isEmpty)
    }

    /// Until bubblewrap has made the sandbox nothing binds its first process to it: each moment must be survived.
    @Test(arguments: 0..<40) func whatIsCancelledWhileItIsMadeIsGone(moment: Int) async throws {
        let token = "token-\(UInt64.random(in: 0...UInt64.max))"
        let task = Task { try await Probe.boxed(["sleep", token]) }
        while processes(with: token).isEmpty { await Task.yield() }
        let clock = ContinuousClock()
        let cancelled = clock.now + .microseconds(moment * 200)
        while clock.now < cancelled {}
        task.cancel()
        #expect(try await task.value.end == .stopped(.cancelled))
        // One that was killed before it was known ends by itself, a moment after bubblewrap.
        #expect(await isGone(token))
    }

    /// The engine's own death: everything it started is gone within a second (sandbox.md), of a machine that has one.
    @Test func aKilledEngineLeavesNothing() async throws {
        let folder = try TemporaryDirectory()
        let token = "token-\(UInt64.random(in: 0...UInt64.max))"
        let pipe = "\(folder.path)/held"
        #expect(mkfifo(pipe, 0o666) == 0 && chmod(folder.path, 0o777) == 0 && chmod(pipe, 0o666) == 0)
        let reader = open(pipe, O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        await #expect(processExitsWith: .signal(SIGKILL)) { [token = token as String, folder = folder.path as String] in
            let sandbox = try #require(Probe.sandbox)
            let program = try Probe.asked(["hold", "/exchange/held", token], exchange: folder)
            let run = Task { try await sandbox.run(program, speaking: Killing()) }
            _ = try await run.value
        }
        // The pipe hangs up when the last that held it is gone; it had been held, else Killing would not have killed.
        var polls = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
        #expect(poll(&polls, 1, 60_000) == 1 && polls.revents & Int16(POLLHUP) != 0)
        #expect(await isGone(token))
    }

    @Test func theSignalOfDeathCannotBeTakenBack() async throws {
        #expect(try await Probe.boxedWord(["call", "death-signal"]) == "refused 38")
        #expect(try Probe.bareWord(["call", "death-signal"]) == "reached")
    }
}

/// Whether a process has become the probe: bubblewrap and prlimit have the same words.
private func isTheProbe(_ process: Int32) -> Bool {
    (try? readFile("/proc/\(process)/cmdline"))?.starts(with: Array("/tool/probe".utf8)) == true
}

/// Waits until no process has a word any more; false where one has it for a minute, and so for ever.
private func isGone(_ token: String) async -> Bool {
    let end = ContinuousClock.now + .seconds(60)
    while !processes(with: token).isEmpty {
        guard ContinuousClock.now < end else { return false }
        await Task.yield()
    }
    return true
}

/// A clock that goes on only when it is told to: a busy machine may take as long as it likes to make the sandbox.
private final class HandClock: Sendable {
    private let nanoseconds = Atomic<UInt64>(1_000_000_000)

    var source: TimeSource {
        TimeSource(
            now: { Instant(unixMilliseconds: 0) }, monotonicNanoseconds: { self.nanoseconds.load(ordering: .relaxed) })
    }

    func advance(milliseconds: UInt64) { nanoseconds.add(milliseconds * 1_000_000, ordering: .relaxed) }
}

/// Lets time pass whenever the program has written something.
private struct Ticking: Dialogue {
    private let clock: HandClock
    private let milliseconds: UInt64

    init(_ clock: HandClock, milliseconds: UInt64) {
        self.clock = clock
        self.milliseconds = milliseconds
    }

    mutating func begin() -> DialogueStep { DialogueStep(endsInput: true) }
    mutating func receive(_ bytes: ArraySlice<UInt8>) -> DialogueStep {
        clock.advance(milliseconds: milliseconds)
        return DialogueStep()
    }
    mutating func runOutOfPatience() -> DialogueStep { DialogueStep() }
}

/// Kills the engine, itself, as soon as the program speaks.
private struct Killing: Dialogue {
    mutating func begin() -> DialogueStep { DialogueStep() }
    mutating func receive(_ bytes: ArraySlice<UInt8>) -> DialogueStep {
        kill(getpid(), SIGKILL)
        return DialogueStep()
    }
    mutating func runOutOfPatience() -> DialogueStep { DialogueStep() }
}
