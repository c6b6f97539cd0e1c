// What is said while a night goes on: the line, the event for scripts, and how a block on a terminal is taken back.
import Encoding
import Engine
import Providers
import TestSupport
import Testing

@testable import Scheduler
@testable import sanctuary

@Suite struct NightProgressTests {
    @Test func theLineTellsHowFarItIs() {
        var figures = NightProgress.Figures()
        figures.due = 40
        figures.inFlight = 16
        #expect(figures.line == "0/40 runs, 16 in flight, 0 tokens, $0.00")
        figures.ended = 12
        figures.unfinished = 1
        figures.tokens = 8_120
        figures.costPicoUSD = 20_000_000_000
        figures.milliseconds = 5_000
        #expect(
            figures.line
                == "12/40 runs, 16 in flight, 1 failed or parked, 2.4/s, 8,120 tokens, $0.02, about 11 s left")
        figures.ended = 40
        figures.inFlight = 0
        #expect(figures.line == "40/40 runs, 1 failed or parked, 8.0/s, 8,120 tokens, $0.02")
    }

    @Test func costsPastTheRangeStopAtTheLargest() throws {
        var report = RunReport(
            run: ErrorSamples.id, resident: ErrorSamples.other, name: "Mira", trigger: .nightly, outcome: .done)
        var spending = ModelSpending(model: .rehearsal)
        spending.costPicoUSD = .max
        spending.usage = TokenUsage(input: .max, cacheRead: .max, cacheWrite: .max, output: .max)
        report.spending = [spending, spending]
        report.charged = .max
        var summary = NightSummary(day: try #require(CivilDate("2026-11-21")))
        summary.reports = [report, report]
        #expect(summary.costPicoUSD == .max && summary.charged == .max)
        #expect(summary.usage.totalInput == .max && summary.usage.cachePercent == 100)
        let plan = NightPlan(day: summary.day, trigger: .nightly, due: [], settled: 0, failedEarlier: [])
        let page = NightPage(
            summary: summary, plan: plan, writtenAt: Instant(unixMilliseconds: 0), isRehearsed: { _ in false })
        #expect(page.document.contains("$9,223,372.036855"))
        #expect(summary.json(failedEarlier: 0)["costMicroUSD"] == 9_223_372_036_855)
    }

    @Test func theEventTellsTheSame() {
        var figures = NightProgress.Figures()
        figures.due = 4
        #expect(figures.json["msLeft"] == JSON.null && figures.json["event"]?.string == "progress")
        figures.ended = 2
        figures.done = 1
        figures.unfinished = 1
        figures.inFlight = 2
        figures.costPicoUSD = 1
        figures.milliseconds = 1_000
        #expect(
            figures.json
                == [
                    "event": "progress", "due": 4, "ended": 2, "inFlight": 2, "done": 1, "unfinished": 1,
                    "tokensCharged": 0, "costMicroUSD": 1, "ms": 1_000, "msLeft": 1_000,
                ])
    }

    @Test func aBlockIsTakenBackLineByLine() {
        #expect(Output.clearing(0) == "\r\u{1B}[K")
        #expect(Output.clearing(1) == "\r\u{1B}[K")
        #expect(Output.clearing(3) == "\r\u{1B}[K\u{1B}[1A\u{1B}[K\u{1B}[1A\u{1B}[K")
    }
}
