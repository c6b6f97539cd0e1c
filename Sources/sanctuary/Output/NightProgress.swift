// How far a night is: a block drawn over on a terminal, a line every few seconds elsewhere, an event for scripts.
import Encoding
import Engine
import Providers
import Scheduler
import Synchronization

/// Counts what began and ended and says how far the whole is.
final class NightProgress: Sendable {
    /// What is known at one moment.
    struct Figures: Sendable, Equatable {
        var due = 0
        var ended = 0
        var inFlight = 0
        var done = 0
        /// Runs that failed or were parked.
        var unfinished = 0
        var tokens = 0
        var costPicoUSD: Int64 = 0
        var milliseconds = 0
        /// The last failures, the newest last, in one line each.
        var failures: [String] = []

        /// Runs a second, in tenths; nil before the first has ended.
        var tenthsPerSecond: Int? { ended > 0 && milliseconds > 0 ? ended * 10_000 / milliseconds : nil }

        /// How long the rest takes at this rate, in milliseconds; nil before anything ended, and at the end.
        var millisecondsLeft: Int? { ended > 0 && ended < due ? milliseconds / ended * (due - ended) : nil }
    }

    private struct State {
        var figures = Figures()
        var started: UInt64 = 0
        var said: UInt64 = 0
    }

    /// How long there may be silence where no terminal is, in nanoseconds.
    private static let silence: UInt64 = 5_000_000_000
    /// So many failures are kept in sight.
    static let failuresShown = 3

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
            state.figures.due = due
            state.started = now
            state.said = now
        }
    }

    func started() { state.withLock { $0.figures.inFlight += 1 } }

    func ended(_ report: RunReport) {
        state.withLock { state in
            state.figures.ended += 1
            state.figures.inFlight = max(0, state.figures.inFlight - 1)
            if report.outcome == .done { state.figures.done += 1 }
            state.figures.tokens = state.figures.tokens.saturatingSum(report.charged)
            let cost = report.spending.map(\.costPicoUSD).saturatingSum
            state.figures.costPicoUSD = state.figures.costPicoUSD.saturatingSum(cost)
            guard report.outcome == .failed || report.outcome == .parked else { return }
            state.figures.unfinished += 1
            let why = report.reason.map { ": \(words(forReason: $0))" } ?? ""
            state.figures.failures.append("\(report.outcome.rawValue) \(shown(report.name))\(why)")
            state.figures.failures.removeFirst(max(0, state.figures.failures.count - Self.failuresShown))
        }
        tick()
    }

    /// Says how far it is, if it is time to.
    func tick() {
        let redraws = output.standardError.canRedraw(output.environment)
        guard output.isJSON || !output.isQuiet else { return }
        let now = time.monotonicNanoseconds()
        let figures = state.withLock { state -> Figures? in
            guard state.figures.due > 0, (redraws && !output.isJSON) || now &- state.said >= Self.silence else {
                return nil
            }
            state.said = now
            state.figures.milliseconds = Int(clamping: (now &- state.started) / 1_000_000)
            return state.figures
        }
        guard let figures else { return }
        if output.isJSON {
            output.event(figures.json)
        } else if redraws {
            output.progress([figures.line] + figures.failures.map { "  \($0)" })
        } else {
            output.note(figures.line)
        }
    }
}

extension NightProgress.Figures {
    /// `12/40 runs, 4 in flight, 1 not done, 2.4/s, 8,120 tokens, $0.02, about 12 s left`.
    var line: String {
        var parts = ["\(ended)/\(due) runs"]
        if inFlight > 0 { parts.append("\(inFlight) in flight") }
        if unfinished > 0 { parts.append("\(unfinished) failed or parked") }
        if let tenthsPerSecond { parts.append("\(tenthsPerSecond / 10).\(tenthsPerSecond % 10)/s") }
        parts.append("\(Amounts.whole(tokens)) tokens")
        parts.append(Amounts.dollars(picoUSD: costPicoUSD))
        if let millisecondsLeft { parts.append("about \(Amounts.duration(milliseconds: millisecondsLeft)) left") }
        return parts.joined(separator: ", ")
    }

    /// The event that scripts get every few seconds.
    var json: JSON {
        [
            "event": "progress", "due": .integer(Int64(due)), "ended": .integer(Int64(ended)),
            "inFlight": .integer(Int64(inFlight)), "done": .integer(Int64(done)),
            "unfinished": .integer(Int64(unfinished)), "tokensCharged": .integer(Int64(tokens)),
            "costMicroUSD": .integer(Money.microUSD(roundingUp: costPicoUSD)), "ms": .integer(Int64(milliseconds)),
            "msLeft": millisecondsLeft.map { .integer(Int64($0)) } ?? .null,
        ]
    }
}
