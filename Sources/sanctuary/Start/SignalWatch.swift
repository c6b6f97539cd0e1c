// Ctrl-C and SIGTERM: the first lets runs end at their next journal step, the second ends the process.
import Encoding
import Engine
import Glibc
import Scheduler

/// Waits for signals on the main thread, which does nothing else.
struct SignalWatch {
    /// How long model calls in flight may go on after the first signal, in seconds (engine.md).
    static let grace = 90

    private var set = sigset_t()
    private let reload: ReloadSignal?

    /// Blocks the signals for all threads that are started later; they are then waited for.
    init(reload: ReloadSignal? = nil) {
        self.reload = reload
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGTERM)
        if reload != nil { sigaddset(&set, SIGHUP) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits until the process ends; it is the work's task that ends it, or a second signal here.
    ///
    /// - Parameter leave: takes what stands on the terminal away before the process dies of a signal.
    mutating func watch(
        stop: StopSignal, announce: () -> Void, cancel: () -> Void, leave: () -> Void
    ) -> Never {
        while wait(seconds: nil) == SIGHUP { reload?.request() }
        // What is asked of the settings from here on comes too late.
        sigdelset(&set, SIGHUP)
        stop.request()
        announce()
        if let second = wait(seconds: Self.grace) {
            leave()
            die(of: second)
        }
        cancel()
        let last = wait(seconds: 10) ?? SIGTERM
        leave()
        die(of: last)
    }

    /// The next signal; nil where none came in time.
    private mutating func wait(seconds: Int?) -> Int32? {
        while true {
            let number: Int32
            if let seconds {
                var time = timespec(tv_sec: seconds, tv_nsec: 0)
                number = sigtimedwait(&set, nil, &time)
            } else {
                number = sigwaitinfo(&set, nil)
            }
            if number > 0 { return number }
            if errno == EAGAIN { return nil }
        }
    }
}

extension Invocation {
    /// Says that a stop was understood: in the log of a daemon, else as a warning.
    func announceStop(_ log: DaemonLog?) {
        let words = "model calls under way may end within \(SignalWatch.grace) s"
        let hint = "once more stops now; the next start takes up what was interrupted"
        if let log {
            log.write(DaemonLog.Line(level: .notice, event: "stopping", fields: ["note": .string("\(words); \(hint)")]))
        } else {
            output.warning("stopping: \(words)", hint: hint)
        }
    }
}
