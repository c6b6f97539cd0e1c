// `sanctuary daemon`: the schedules, until told to stop.
import Encoding
import Engine
import Files
import Glibc
import HTTPClient
import Providers
import Scheduler

extension Commands {
    static let daemon = CommandSpecification(
        name: "daemon", summary: "the schedules, until told to stop",
        details: "Logs one event a line to standard error, or with --json to standard output. SIGHUP reads the "
            + "settings again, as does a change of their file; SIGTERM ends it within 90 s with exit code 0. With "
            + "RUN_ON_START=true today's night runs at once. docs/scheduling.md has the rules.",
        stopsGently: true, reloads: true
    ) { call in
        let runsOnStart = try call.runsOnStart()
        let log = DaemonLog(call)
        let daemon = Daemon(
            entrance: try call.daemonEntrance(), time: .withSleepOfTheMachine, stop: call.stop, reload: call.reload,
            notifier: ServiceNotifier(
                socket: call.environment["NOTIFY_SOCKET"], watchdogMicroseconds: call.environment["WATCHDOG_USEC"],
                watchdogProcess: call.environment["WATCHDOG_PID"], process: getpid()),
            pause: call.daemonPause, beat: { try await systemSleep(milliseconds: $0) }, tell: log.tell)
        do {
            try await daemon.run(runsOnStart: runsOnStart)
        } catch {
            guard isHeld(error) else { throw error }
            throw try call.held(error)
        }
        return .success
    }
}

extension Invocation {
    /// `RUN_ON_START`: for trying, today's night is run at once (S4-118, C-47).
    fileprivate func runsOnStart() throws(CommandError) -> Bool {
        switch environment["RUN_ON_START"]?.lowercased() ?? "" {
        case "true", "1", "yes": return true
        case "", "false", "0", "no": return false
        default:
            throw .usage(
                "RUN_ON_START is neither true nor false: '\(shown(environment["RUN_ON_START"] ?? ""))'",
                hint: "set it to true, or take it out of the environment")
        }
    }

    /// A pause that ends early when a stop or a reload is asked for.
    fileprivate var daemonPause: Daemon.Pause {
        { [stop, reload] milliseconds in
            var left = milliseconds
            while left > 0, !stop.isRequested, !reload.isRequested {
                let step = min(left, 250)
                guard (try? await systemSleep(milliseconds: Int64(step))) != nil else { return }
                left -= step
            }
        }
    }

    /// Who owns the home, and since when.
    fileprivate func held(_ error: any Error) throws(CommandError) -> CommandError {
        let words = worded(error)
        guard let since = FileStamp(path: "\(try home().root)/ledger.lock")?.changed else { return words }
        return CommandError(
            "\(words.message), since \(Amounts.instant(since))",
            hint: "one process works in a home; stop that one first",
            code: words.code)
    }
}

extension TimeSource {
    /// The system's clocks, of which the steady one goes on while the machine sleeps.
    fileprivate static let withSleepOfTheMachine = TimeSource(
        now: system.now,
        monotonicNanoseconds: {
            var time = timespec()
            // Fails only for a clock that does not exist; Linux has had this one since 2.6.39.
            precondition(clock_gettime(CLOCK_BOOTTIME, &time) == 0, "the system has no such clock")
            return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
        })
}
