// Programs that will not end, and what they leave: nothing.
import Encoding
import Foundation
import Sandbox
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
        let run = try await Probe.boxed(["deaf"], limits: SandboxLimits(wallSeconds: 1))
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
        let run = try await Probe.boxed(["talk", "drip"], limits: SandboxLimits(wallSeconds: 2, idleSeconds: 1))
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
        let end = clock.now + .seconds(1)
        while !processes(with: token).isEmpty, clock.now < end { await Task.yield() }
        #expect(processes(with: token).isEmpty)
    }

    /// The engine's own death: everything it started is gone within a second (sandbox.md).
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
        #expect(poll(&polls, 1, 1000) == 1 && polls.revents & Int16(POLLHUP) != 0)
        let clock = ContinuousClock()
        let end = clock.now + .seconds(1)
        while !processes(with: token).isEmpty, clock.now < end { await Task.yield() }
        #expect(processes(with: token).isEmpty)
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

/// Kills the engine, itself, as soon as the program speaks.
private struct Killing: Dialogue {
    mutating func begin() -> DialogueStep { DialogueStep() }
    mutating func receive(_ bytes: ArraySlice<UInt8>) -> DialogueStep {
        kill(getpid(), SIGKILL)
        return DialogueStep()
    }
    mutating func runOutOfPatience() -> DialogueStep { DialogueStep() }
}
