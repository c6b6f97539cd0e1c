// Asking until there is an answer: retries, fallbacks, what is told before and after each attempt.
import Encoding
import HTTPServer
import Providers
import Synchronization
import Testing

private let message =
    #"{"type":"message","model":"m","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","#
    + #""usage":{"input_tokens":1,"output_tokens":1}}"#

private struct Stop: Error, Equatable {}

/// Asks with a record of the attempts.
private func ask(
    _ bench: Bench, _ names: [String], declining: Set<String> = []
) async -> (outcome: ExchangeOutcome, attempts: [Attempt], failures: [ProviderError]) {
    var attempts: [Attempt] = []
    var failures: [ProviderError] = []
    let outcome = await bench.router.exchange(
        hello, with: names.map(model),
        before: { attempt in
            attempts.append(attempt)
            return declining.contains(attempt.model.description) ? .declined : .granted
        }, after: { _, error in failures.append(error) })
    return (outcome, attempts, failures)
}

private func plain(_ fake: FakeProvider, _ name: String) -> ProviderSettings {
    settings(.anthropic, fake, streams: false, name: name)
}

@Suite struct ExchangeTests {
    @Test func aFailureIsRetriedUntilItWorks() async throws {
        let fake = try FakeProvider { number, _ in
            switch number {
            case 0: .json("{}", status: 500)
            case 1: .json("{}", status: 429, headers: [("retry-after", "3")])
            case 2: .json("nonsense")
            default: .json(message)
            }
        }
        let bench = try Bench([plain(fake, "a")])
        let result = await ask(bench, ["a/m"])
        guard case .answered(let reply, let attempt) = result.outcome else {
            Issue.record("no answer: \(result.outcome)")
            return
        }
        #expect(reply.text == "ok")
        #expect(attempt.number == 4 && !attempt.isFallback)
        #expect(bench.waits.all == [2_000, 3_000, 4_000], "jitter at its most, and what the provider asked for")
        #expect(result.failures.count == 3)
        #expect(Set(fake.requests.map(\.body)).count == 1, "the same bytes each time")
        await bench.close()
        await fake.stop()
    }

    @Test func theNextModelSpeaksWhereTheFirstCannot() async throws {
        let broken = try FakeProvider(.json("{}", status: 500))
        let locked = try FakeProvider(.json("{}", status: 401))
        let good = try FakeProvider(.json(message))
        let bench = try Bench([plain(broken, "a"), plain(locked, "b"), plain(good, "c")])
        let result = await ask(bench, ["a/m", "b/m", "c/m"])
        guard case .answered(_, let attempt) = result.outcome else {
            Issue.record("no answer: \(result.outcome)")
            return
        }
        #expect(attempt.model == model("c/m") && attempt.isFallback)
        #expect(broken.requests.count == 5 && locked.requests.count == 1)
        #expect(!bench.router.isAvailable(model("b/m")))
        await bench.close()
        for fake in [broken, locked, good] { await fake.stop() }
    }

    @Test func whatNobodyCanAnswerIsParkedOrFailed() async throws {
        let broken = try FakeProvider(.json("{}", status: 503))
        let refusing = try FakeProvider(.json("{}", status: 400))
        let absent = try FakeProvider(.json("{}", status: 404))
        let bench = try Bench([plain(broken, "a"), plain(refusing, "b"), plain(absent, "c")])
        #expect(await ask(bench, ["a/m"]).outcome == .parked(.refused(Refusal(status: 503)), model("a/m")))
        let failed = await ask(bench, ["b/m", "a/m"])
        #expect(failed.outcome == .failed(.refused(Refusal(status: 400)), model("b/m")))
        #expect(failed.attempts.count == 1, "what is final is final for every model")
        let unknown = await ask(bench, ["c/m", "b/m"])
        #expect(unknown.attempts.map(\.model.provider) == ["c", "b"], "an unknown model is not the request's fault")
        #expect(await ask(bench, []).outcome == .unavailable)
        await bench.close()
        for fake in [broken, refusing, absent] { await fake.stop() }
    }

    @Test func aDeclinedModelIsNotAsked() async throws {
        let fake = try FakeProvider(.json(message))
        let bench = try Bench([plain(fake, "a"), plain(fake, "b")])
        let result = await ask(bench, ["a/m", "b/m"], declining: ["a/m"])
        guard case .answered(_, let attempt) = result.outcome else {
            Issue.record("no answer: \(result.outcome)")
            return
        }
        #expect(attempt.model == model("b/m") && attempt.number == 2 && attempt.isFallback)
        #expect(await ask(bench, ["a/m"], declining: ["a/m"]).outcome == .unavailable)
        #expect(fake.requests.count == 1)
        await bench.close()
        await fake.stop()
    }

    @Test func whatTheJournalThrowsEndsIt() async throws {
        let fake = try FakeProvider(.json(message))
        let bench = try Bench([plain(fake, "a")])
        await #expect(throws: Stop.self) {
            try await bench.router.exchange(
                hello, with: [model("a/m")], before: { _ throws(Stop) in throw Stop() },
                after: { _, _ throws(Stop) in })
        }
        #expect(fake.requests.isEmpty, "nothing is sent that the journal does not know of")
        await bench.close()
        await fake.stop()
    }
}
