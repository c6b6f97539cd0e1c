// A provider that accepts and never answers: the night waits for it, but only so long (the suite that decides).
import Cryptography
import Encoding
import HTTPClient
import HTTPServer
import Synchronization
import TestSupport
import Testing

@testable import Providers

private let message =
    #"{"type":"message","model":"m","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","#
    + #""usage":{"input_tokens":1,"output_tokens":1}}"#

/// A clock that a wait moves, so that hours pass in no time.
private final class WaitedClock: Sendable {
    private let nanoseconds = Mutex<UInt64>(1_000_000_000)
    private let list = Mutex<[Int64]>([])
    var source: TimeSource {
        TimeSource(
            now: { Instant(unixMilliseconds: Int64(self.now / 1_000_000)) }, monotonicNanoseconds: { self.now })
    }
    var now: UInt64 { nanoseconds.withLock { $0 } }
    var waits: [Int64] { list.withLock { $0 } }
    func pass(_ milliseconds: Int64) {
        list.withLock { $0.append(milliseconds) }
        nanoseconds.withLock { $0 += UInt64(max(0, milliseconds)) * 1_000_000 }
    }
}

@Suite struct WedgedProviderTests {
    private func router(
        _ settings: [ProviderSettings], _ clock: WaitedClock,
        patience: Int64 = ProviderRouter.standardPatienceMilliseconds
    ) throws -> (HTTPClient, ProviderRouter) {
        let client = try HTTPClient()
        return (
            client,
            try ProviderRouter(
                settings: settings, client: client, time: clock.source,
                random: RandomSource { $0.initializeMemory(as: UInt8.self, repeating: 0xFF) },
                sleep: { clock.pass($0) }, patienceMilliseconds: patience)
        )
    }

    private func exchange(_ router: ProviderRouter, _ models: [String]) async -> ExchangeOutcome {
        await router.exchange(
            hello, with: models.map(model), before: { _ async throws(Never) in .granted },
            after: { _, _ async throws(Never) in })
    }

    @Test func aWedgedProviderCannotMakeANightEndless() async throws {
        // It is there and says nothing of use: an error of the server, at once, for whomever.
        let fake = try FakeProvider(.json("{}", status: 502))
        let clock = WaitedClock()
        let (client, router) = try router([settings(.anthropic, fake, streams: false)], clock)
        var parked = 0
        for _ in 0..<10_000 {
            guard case .parked = await exchange(router, ["fake/m"]) else { break }
            parked += 1
        }
        #expect(parked == 10_000)
        #expect(clock.now < 2 * 3_600 * 1_000_000_000, "ten thousand residents, under two hours: \(clock.now)")
        #expect(fake.requests.count < 60, "\(fake.requests.count)")
        guard case .breakerOpen = router.availability(of: "fake") else {
            Issue.record("the provider is left alone for the night")
            return
        }
        // A new night forgives.
        router.closeBreakers()
        #expect(router.availability(of: "fake") == .ready)
        let before = fake.requests.count
        _ = await exchange(router, ["fake/m"])
        #expect(fake.requests.count > before)
        await router.shutdown()
        await client.shutdown()
        await fake.stop()
    }

    @Test func aProviderThatComesBackSpeaksForAllWhoWaited() async throws {
        let fake = try FakeProvider { number, _ in
            number < 12 ? .json("{}", status: 503) : .json(message)
        }
        let clock = WaitedClock()
        let (client, router) = try router([settings(.anthropic, fake, streams: false)], clock)
        var outcomes: [Bool] = []
        for _ in 0..<20 {
            if case .answered = await exchange(router, ["fake/m"]) {
                outcomes.append(true)
            } else {
                outcomes.append(false)
            }
        }
        #expect(outcomes.suffix(16).allSatisfy { $0 }, "\(outcomes)")
        #expect(router.availability(of: "fake") == .ready && !router.isStalled("fake"))
        await router.shutdown()
        await client.shutdown()
        await fake.stop()
    }

    @Test func manyAtOnceWaitForOneProbe() async throws {
        let fake = try FakeProvider { number, _ in
            number < 4 ? .json("{}", status: 503) : .json(message)
        }
        let clock = WaitedClock()
        // The waits of fifty at once add up on this clock.
        let (client, router) = try router(
            [settings(.anthropic, fake, streams: false)], clock, patience: 1_000_000_000)
        let breaker = try #require(router.breaker(of: "fake"))
        for number in 1...5 { breaker.report(.silent, of: UInt64(1_000 + number)) }
        #expect(router.isStalled("fake"))
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    if case .answered = await exchange(router, ["fake/m"]) { true } else { false }
                }
            }
            for await isAnswered in group { #expect(isAnswered) }
        }
        #expect(fake.requests.count <= 56, "at most the probes and one each: \(fake.requests.count)")
        await router.shutdown()
        await client.shutdown()
        await fake.stop()
    }

    @Test func nobodyWaitsForAWedgedProviderWhereAnotherCanSpeak() async throws {
        let wedged = try FakeProvider(.json("{}", status: 503))
        let other = try FakeProvider(.json(message))
        let clock = WaitedClock()
        let (client, router) = try router(
            [
                settings(.anthropic, wedged, streams: false, name: "wedged"),
                settings(.anthropic, other, streams: false, name: "other"),
            ],
            clock)
        for _ in 0..<20 {
            guard case .answered(_, let attempt) = await exchange(router, ["wedged/m", "other/m"]) else {
                Issue.record("somebody can speak")
                return
            }
            #expect(attempt.model == model("other/m") && attempt.isFallback)
        }
        #expect(wedged.requests.count == 10, "two asked five times each: \(wedged.requests.count)")
        #expect(other.requests.count == 20)
        await router.shutdown()
        await client.shutdown()
        await wedged.stop()
        await other.stop()
    }

    @Test func aProviderThatTakesRequestsAndKeepsThemIsTimedOut() async throws {
        let wedge = try RawServer { connection in
            _ = connection.readHead()
            connection.waitForClose()
        }
        let clock = WaitedClock()
        var provider = ProviderSettings(
            name: "wedge", dialect: .anthropic, baseURL: "http://127.0.0.1:\(wedge.port)")
        provider.streams = false
        provider.timeoutMilliseconds = 40
        provider.idleTimeoutMilliseconds = 40
        let (client, router) = try router([provider], clock)
        let first = await exchange(router, ["wedge/m"])
        guard case .parked(.transport(.timedOut), _) = first else {
            Issue.record("\(first)")
            return
        }
        let second = await exchange(router, ["wedge/m"])
        guard case .parked = second else {
            Issue.record("\(second)")
            return
        }
        #expect(router.isStalled("wedge"))
        await router.shutdown()
        await client.shutdown()
    }
}

@Suite struct RateMeterTests {
    @Test func providersOfOneKeyShareItsRates() async throws {
        let fake = try FakeProvider(.json(message))
        let clock = WaitedClock()
        func provider(_ name: String, key: String) -> ProviderSettings {
            var provider = settings(.anthropic, fake, streams: false, name: name)
            provider.key = .secret(SharedSecret(SecretBytes(copying: Array(key.utf8))))
            provider.requestsPerMinute = 6
            return provider
        }
        let client = try HTTPClient()
        let router = try ProviderRouter(
            settings: [provider("a", key: "k1"), provider("b", key: "k1"), provider("c", key: "k2")], client: client,
            time: clock.source, sleep: { clock.pass($0) })
        _ = try await router.send(hello, to: model("a/m"))
        _ = try await router.send(hello, to: model("c/m"))
        #expect(clock.waits == [], "another key has rates of its own")
        _ = try await router.send(hello, to: model("b/m"))
        #expect(clock.waits == [10_000], "one key, one rate")
        await router.shutdown()
        await client.shutdown()
        await fake.stop()
    }

    @Test func outputIsTakenBeforeAndCorrectedAfter() {
        var settings = ProviderSettings(name: "p", dialect: .anthropic, key: .absent)
        settings.outputTokensPerMinute = 60_000
        let time = TimeSource(now: { Instant(unixMilliseconds: 0) }, monotonicNanoseconds: { 0 })
        let meter = RateMeter(settings: settings, time: time)
        let use = RateUse(input: 100, output: RateUse.expectedOutput, isJoint: meter.isJoint)
        // Ten seconds' worth is 10,000 tokens: nine answers of 1,024 fit.
        for _ in 0..<9 { #expect(meter.take(use) == 0) }
        #expect(meter.take(use) > 0)
        for _ in 0..<10 { meter.settle(use, actual: RateUse(TokenUsage(output: 4), isJoint: false)) }
        #expect(meter.take(use) == 0, "short answers give back what they did not use")
    }

    @Test func inTheOpenAIDialectInputAndOutputAreOneRate() {
        let usage = TokenUsage(input: 10, cacheRead: 100, cacheWrite: 5, output: 7)
        #expect(RateUse(usage, isJoint: true) == RateUse(input: 122, output: 0, isJoint: false))
        #expect(RateUse(usage, isJoint: false) == RateUse(input: 15, output: 7, isJoint: false))
    }

    @Test func headersCorrectWhatTheSettingsDoNotSay() {
        let time = TimeSource(now: { Instant(unixMilliseconds: 0) }, monotonicNanoseconds: { 0 })
        let meter = RateMeter(settings: ProviderSettings(name: "p", dialect: .anthropic, key: .absent), time: time)
        let use = RateUse(input: 1_000, output: 100, isJoint: false)
        #expect(meter.take(use) == 0 && meter.take(use) == 0, "no rate is known yet")
        let headers = [
            "anthropic-ratelimit-input-tokens-limit": "2000", "anthropic-ratelimit-input-tokens-remaining": "1000",
            "anthropic-ratelimit-input-tokens-reset": "1970-01-01T00:00:30Z",
        ]
        meter.correct(by: { headers[$0] }, own: use)
        // The second request is under way and not counted there: nothing is left, a thousand come back in 30 s.
        #expect(meter.take(use) == 30_000)
    }
}
