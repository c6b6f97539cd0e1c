// The tables of retries (S2-56; engine.md; providers.md 1.1, 1.4) and of fallbacks (S4-18, B-43), row by row.
import Encoding
import HTTPClient
import Providers
import Testing

private func refused(_ status: Int, kind: String? = nil, code: String? = nil, hints: RetryHints = .init())
    -> ProviderError
{
    .refused(Refusal(status: status, kind: kind, code: code, hints: hints))
}

private func decide(_ error: ProviderError, _ state: RetryState = .init(), random: UInt64 = .max) -> RetryDecision {
    RetryPolicy.decide(after: error, state: state, random: random).decision
}

private let now = Instant(unixMilliseconds: 784_111_700_000)  // 1994-11-06T08:48:20Z

private func hints(_ headers: [String: String]) -> RetryHints {
    RetryHints(now: now) { headers[$0] }
}

@Suite struct RetryPolicyTests {
    @Test(arguments: [400, 404, 405, 413, 418, 422, 301, 307]) func otherStatusesAreFinal(_ status: Int) {
        #expect(decide(refused(status)) == .fail)
    }

    @Test(arguments: [401, 402, 403]) func keyAndAccountOpenTheBreaker(_ status: Int) {
        #expect(decide(refused(status)) == .openBreaker)
        #expect(decide(refused(status, hints: RetryHints(shouldRetry: true))) == .openBreaker)
    }

    @Test func spendCapsOpenTheBreakerWhateverTheirStatus() {
        #expect(decide(refused(429, kind: "rate_limit_error", code: "enforced_spend_limit_reached")) == .openBreaker)
        #expect(decide(refused(429, kind: "rate_limit_error", code: "contract_spend_limit_reached")) == .openBreaker)
        #expect(decide(refused(429, kind: "insufficient_quota", code: "insufficient_quota")) == .openBreaker)
        #expect(decide(refused(400, kind: "billing_error")) == .openBreaker)
        #expect(decide(refused(429, code: "billing_hard_limit_reached")) == .openBreaker)
        #expect(decide(refused(429, code: "ramp_limit_exceeded")) != .openBreaker)
    }

    @Test(arguments: [429, 529]) func busyProvidersCostNoAttempt(_ status: Int) {
        let (decision, state) = RetryPolicy.decide(
            after: refused(status, hints: RetryHints(afterMilliseconds: 7_000)), state: .init(), random: 0)
        #expect(decision == .retry(afterMilliseconds: 7_000))
        #expect(state == RetryState(failedAttempts: 0, busyAnswers: 1, busyMilliseconds: 7_000))
    }

    @Test func busyAnswersAreBoundedInNumberAndTime() {
        var state = RetryState()
        var asked = 0
        while true {
            let step = RetryPolicy.decide(
                after: refused(529, hints: RetryHints(afterMilliseconds: 0)), state: state, random: 0)
            state = step.state
            asked += 1
            guard case .retry = step.decision else {
                #expect(step.decision == .park)
                break
            }
        }
        #expect(asked == RetryPolicy.maximumBusyAnswers)
        let long = RetryHints(afterMilliseconds: RetryPolicy.maximumBusyMilliseconds + 1)
        #expect(decide(refused(429, hints: long)) == .park)
        #expect(decide(refused(429, hints: RetryHints(afterMilliseconds: .max))) == .park)
        let waited = RetryState(busyMilliseconds: .max)
        #expect(decide(refused(429, hints: RetryHints(afterMilliseconds: 1)), waited) == .park)
    }

    @Test(arguments: [
        refused(500), refused(502), refused(503), refused(504), refused(408), .transport(.timedOut(.idle)),
        .transport(.connectFailed), .transport(.truncated), .transport(.tls(code: 35)),
        .malformed(.truncated, requestID: nil), .malformed(.contentType, requestID: nil),
        refused(400, hints: RetryHints(shouldRetry: true)),
    ]) func fiveAttemptsThenParked(_ error: ProviderError) {
        var state = RetryState()
        var decisions: [RetryDecision] = []
        for _ in 0..<5 {
            let step = RetryPolicy.decide(after: error, state: state, random: .max)
            state = step.state
            decisions.append(step.decision)
        }
        #expect(
            decisions == [2_000, 4_000, 8_000, 16_000].map { .retry(afterMilliseconds: $0) } + [.park])
    }

    @Test func theJitterIsFullAndTheCeilingFiveMinutes() {
        #expect(decide(refused(500), random: 0) == .retry(afterMilliseconds: 0))
        #expect(decide(refused(500), random: 1 << 63) == .retry(afterMilliseconds: 1_000))
        let late = RetryState(busyAnswers: 15)
        #expect(decide(refused(529), late) == .retry(afterMilliseconds: 300_000))
        #expect(decide(refused(500, hints: RetryHints(afterMilliseconds: 123))) == .retry(afterMilliseconds: 123))
    }

    @Test func aConflictIsTriedOnceMore() {
        #expect(decide(refused(409)) == .retry(afterMilliseconds: 2_000))
        #expect(decide(refused(409), RetryState(failedAttempts: 1)) == .fail)
    }

    @Test func theProvidersOwnWordDecides() {
        #expect(decide(refused(500, hints: RetryHints(shouldRetry: false))) == .fail)
        #expect(decide(refused(429, hints: RetryHints(shouldRetry: false))) == .fail)
    }

    @Test func whatIsNoAnswerHasItsOwnDecision() {
        #expect(decide(.cancelled) == .stop)
        #expect(decide(.transport(.cancelled)) == .stop)
        #expect(decide(.noKey(provider: "p")) == .openBreaker)
        #expect(decide(.breakerOpen(provider: "p", until: now)) == .openBreaker)
        #expect(decide(.invalidRequest(.empty)) == .fail)
        #expect(decide(.unknownProvider("p")) == .fail)
        #expect(decide(.transport(.insecureURL(host: "h"))) == .fail)
        #expect(decide(.transport(.tooLarge(limit: 1))) == .fail)
    }

    @Test func headersAreReadInTheirOrder() {
        #expect(hints(["retry-after-ms": "1500.2", "retry-after": "9"]).afterMilliseconds == 1_501)
        #expect(hints(["retry-after": "2.5"]).afterMilliseconds == 2_500)
        #expect(hints(["retry-after": "0"]).afterMilliseconds == 0)
        for wrong in ["", "-1", "soon", "nan", "inf", "1e9", "0x10", "999999999999999999999"] {
            #expect(hints(["retry-after": wrong]).afterMilliseconds == nil, "\(wrong)")
        }
        #expect(hints(["x-should-retry": "true"]).shouldRetry == true)
        #expect(hints(["x-should-retry": "False"]).shouldRetry == false)
        #expect(hints(["x-should-retry": "maybe"]) == RetryHints())
    }

    /// RFC 9110 section 5.6.7 gives one instant, 1994-11-06T08:49:37Z, in all three forms.
    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
    ]) func datesComeInThreeForms(_ date: String) {
        #expect(hints(["retry-after": date]).afterMilliseconds == 77_000)
    }

    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT", "06 Nov 1994",
    ]) func brokenDatesSayNothing(_ date: String) {
        #expect(hints(["retry-after": date]).afterMilliseconds == nil)
    }

    @Test(arguments: [-90_000_000, -3_600_000, 0, 3_600_000, 90_000_000])
    func aClockThatJumpedChangesNoWait(_ jump: Int64) {
        // Clock ±1 h and ±25 h (engine.md, the suite that decides): an answer's dates are read by its own date.
        let now = Instant(unixMilliseconds: 784_111_777_000 + jump)
        let headers = ["retry-after": "Sun, 06 Nov 1994 08:50:07 GMT", "date": "Sun, 06 Nov 1994 08:49:37 GMT"]
        #expect(RetryHints(now: now) { headers[$0] }.afterMilliseconds == 30_000)
        // Without one, no wait is longer than the bound of a run, whatever the clock says.
        let alone = RetryHints(now: now) { $0 == "retry-after" ? headers[$0] : nil }
        var state = RetryState()
        var waited: Int64 = 0
        while case (.retry(let wait), let next) = RetryPolicy.decide(
            after: refused(429, hints: alone), state: state, random: .max)
        {
            waited += wait
            state = next
        }
        #expect(waited <= RetryPolicy.maximumBusyMilliseconds && state.busyAnswers <= RetryPolicy.maximumBusyAnswers)
    }

    @Test func aDateThatHasPassedMeansAtOnce() {
        #expect(hints(["retry-after": "Sun, 06 Nov 1994 08:00:00 GMT"]).afterMilliseconds == 0)
    }
}

@Suite struct FallbackPolicyTests {
    private func order(_ preferred: [String], _ list: [String], without absent: Set<String> = []) -> [String] {
        FallbackPolicy.order(
            preferred: preferred.map(model), nodeList: list.map(model),
            isRehearsal: { $0.provider == "rehearsal" }, isAvailable: { !absent.contains($0.description) }
        ).map(\.description)
    }

    @Test func preferenceComesBeforeTheNodesListAndEachOnce() {
        #expect(order(["a/1", "b/1"], ["c/1", "a/1"]) == ["a/1", "b/1", "c/1"])
        #expect(order(["a/1"], ["b/1", "c/1"], without: ["a/1", "c/1"]) == ["b/1"])
        #expect(order(["a/1"], [], without: ["a/1"]) == [])
    }

    @Test func rehearsalIsNeverAFallback() {
        #expect(order(["a/1", "rehearsal/rehearsal"], ["rehearsal/rehearsal", "b/1"]) == ["a/1", "b/1"])
        #expect(order(["a/1"], ["rehearsal/rehearsal"], without: ["a/1"]) == [])
    }

    @Test func aRehearsedResidentIsHeardByRehearsalAlone() {
        #expect(order(["rehearsal/rehearsal", "a/1"], ["b/1"]) == ["rehearsal/rehearsal"])
    }
}
