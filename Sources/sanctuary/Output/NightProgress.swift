// How far a night is: a line drawn over on a terminal, a plain one every few seconds elsewhere.
import Encoding
import Engine
import Providers
import Scheduler
import Synchronization

/// Counts what ended and says how far the whole is.
final class NightProgress: Sendable {
    private struct State {
        var due = 0
        var ended = 0
        var tokens = 0
        var costPicoUSD: Int64 = 0
        var started: UInt64 = 0
        var said: UInt64 = 0
    }

    /// How long there may be silence where no terminal is, in nanoseconds.
    private static let silence: UInt64 = 5_000_000_000

    private let output: Output
    private let time: TimeSource
    private let state = Mutex(State())

    init(output: Output, time: TimeSource) {
        self.output = output
        self.time = time
    }

    func began(due: Int) {
        let now = time.monotonicNanoseconds()
        state.withLock { state in
            state.due = due
            state.started = now
            state.said = now
        }
    }

    func ended(_ report: RunReport) {
        state.withLock { state in
            state.ended += 1
            state.tokens += report.charged
            state.costPicoUSD += report.costPicoUSD ?? 0
        }
        tick()
    }

    /// Says how far it is, if it is time to.
    func tick() {
        guard !output.isQuiet else { return }
        let now = time.monotonicNanoseconds()
        let redraws = output.standardError.canRedraw(output.environment)
        let line = state.withLock { state -> String? in
            guard state.due > 0, redraws || now &- state.said >= Self.silence else { return nil }
            state.said = now
            return Self.line(state, now)
        }
        guard let line else { return }
        if redraws { output.progress(line) } else { output.note(line) }
    }

    private static func line(_ state: State, _ now: UInt64) -> String {
        let milliseconds = Int(clamping: (now &- state.started) / 1_000_000)
        var parts = ["\(state.ended)/\(state.due) runs"]
        if state.ended > 0, milliseconds > 0 {
            let tenths = state.ended * 10_000 / milliseconds
            parts.append("\(tenths / 10).\(tenths % 10)/s")
        }
        parts.append("\(Amounts.whole(state.tokens)) tokens")
        parts.append(Amounts.dollars(picoUSD: state.costPicoUSD))
        if state.ended > 0, state.ended < state.due {
            let left = milliseconds / state.ended * (state.due - state.ended)
            parts.append("about \(Amounts.duration(milliseconds: left)) left")
        }
        return parts.joined(separator: ", ")
    }
}
