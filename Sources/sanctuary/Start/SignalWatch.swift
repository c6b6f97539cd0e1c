// Ctrl-C and SIGTERM: the first lets runs end at their next journal step, the second ends the process.
import Engine
import Glibc

/// Waits for signals on the main thread, which does nothing else.
struct SignalWatch {
    /// How long model calls in flight may go on after the first signal, in seconds (engine.md).
    static let grace = 90

    private var set = sigset_t()

    /// Blocks the signals for all threads that are started later; they are then waited for.
    init() {
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits until the process ends; it is the work's task that ends it, or a second signal here.
    mutating func watch(stop: StopSignal, output: Output, cancel: () -> Void) -> Never {
        _ = wait(seconds: nil)
        stop.request()
        output.warning(
            "stopping: model calls under way may end within \(Self.grace) s",
            hint: "once more stops now; the next start takes up what was interrupted")
        if let second = wait(seconds: Self.grace) { die(of: second) }
        cancel()
        die(of: wait(seconds: 10) ?? SIGTERM)
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
