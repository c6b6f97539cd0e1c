// Which provider may be asked: keys bound to exact hosts (B-40), breakers, places and rates.
import Cryptography
import Encoding
import Glibc
import HTTPServer
import Providers
import Synchronization
import TestSupport
import Testing

private let message =
    #"{"type":"message","model":"m","content":[],"stop_reason":"end_turn","#
    + #""usage":{"input_tokens":1,"output_tokens":1}}"#

private func plain(_ fake: FakeProvider, name: String = "fake") -> ProviderSettings {
    settings(.anthropic, fake, streams: false, name: name)
}

/// Counts who is inside at once; those inside leave when their batch is complete.
private final class Meter: Sendable {
    private struct State {
        var inside = 0
        var most = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let batch: Int

    init(batch: Int) { self.batch = batch }

    var most: Int { state.withLock { $0.most } }

    func enter() async {
        await withCheckedContinuation { continuation in
            let leaving = state.withLock { state -> [CheckedContinuation<Void, Never>] in
                state.inside += 1
                state.most = max(state.most, state.inside)
                state.waiting.append(continuation)
                guard state.waiting.count >= batch else { return [] }
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in leaving { continuation.resume() }
        }
    }

    func leave() { state.withLock { $0.inside -= 1 } }
}

@Suite struct RouterTests {
    @Test func aProviderElsewhereNeedsAKeyAndOneHereDoesNot() async throws {
        let bench = try Bench([
            ProviderSettings(name: "anthropic", dialect: .anthropic, key: .environment("SANCTUARY_TEST_NO_SUCH_KEY")),
            ProviderSettings(name: "local", dialect: .openai, baseURL: "http://127.0.0.1:9/v1"),
        ])
        #expect(bench.router.availability(of: "anthropic") == .noKey)
        #expect(bench.router.availability(of: "local") == .ready)
        #expect(bench.router.availability(of: "rehearsal") == .ready)
        #expect(bench.router.availability(of: "other") == .unknown)
        #expect(bench.router.providers == ["anthropic", "local", "rehearsal"])
        await #expect(throws: ProviderError.noKey(provider: "anthropic")) {
            try await bench.router.send(hello, to: model("anthropic/claude-sonnet-5-5"))
        }
        await #expect(throws: ProviderError.unknownProvider("other")) {
            try await bench.router.send(hello, to: model("other/m"))
        }
        await bench.close()
    }

    @Test func keysComeFromFilesAndVariablesAndMustFitAHeader() throws {
        let directory = try TemporaryDirectory()
        func read(_ text: String) throws -> String? {
            try writeFile("\(directory.path)/key", Array(text.utf8))
            return KeySource.file("\(directory.path)/key").read().map { key in
                key.bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            }
        }
        #expect(try read("sk-1\n") == "sk-1")
        #expect(try read("  sk-2 \r\nsecond line") == "sk-2")
        #expect(try read("") == nil && read("\n") == nil)
        #expect(try read("sk 3") == nil, "a blank inside is no key")
        #expect(try read("sk-\u{7f}") == nil && read("schlüssel") == nil)
        #expect(try read(String(repeating: "x", count: 4_097)) == nil)
        #expect(KeySource.file("\(directory.path)/absent").read() == nil)
        #expect(KeySource.absent.read() == nil)
        #expect(KeySource.environment("SANCTUARY_TEST_NO_SUCH_KEY").read() == nil)
        #expect(KeySource.environment("PATH").read() != nil)
    }

    @Test func noKeyGoesToAnotherHostUnasked() {
        func source(_ url: String?) -> String {
            "\(ProviderSettings(name: "a", dialect: .anthropic, baseURL: url).key)"
        }
        #expect(source(nil).contains("ANTHROPIC_API_KEY"))
        #expect(source("https://API.anthropic.com/v1").contains("ANTHROPIC_API_KEY"))
        for other in [
            "https://api.anthropic.com.evil.example", "https://evil.example/api.anthropic.com",
            "https://evil.example/?api.anthropic.com", "https://api.anthropic.com@evil.example",
            "https://api.anthropic.com:8443", "http://127.0.0.1:8080",
        ] {
            #expect(source(other) == "absent", "\(other)")
        }
    }

    @Test(arguments: [
        "https://user@api.anthropic.com", "https://api.anthropic.com?x=1", "https://api.anthropic.com#x", "ftp://host",
        "https://", "//host", "https://ho st", "https://host:0", "https://host:99999", "https://host\\@evil", "",
    ]) func basesThatCouldHideAHostAreRefused(_ url: String) throws {
        #expect(throws: ProviderError.invalidSettings(provider: "p", .invalidBaseURL)) {
            try Bench([ProviderSettings(name: "p", dialect: .anthropic, baseURL: url, key: .absent)])
        }
    }

    @Test func plainTextIsForThisMachineAlone() throws {
        for host in ["api.anthropic.com", "127.0.0.1.evil.example", "10.0.0.1", "localhost.evil.example"] {
            #expect(throws: ProviderError.invalidSettings(provider: "p", .insecureBaseURL(host: host))) {
                try Bench([ProviderSettings(name: "p", dialect: .anthropic, baseURL: "http://\(host)", key: .absent)])
            }
        }
        for host in ["127.0.0.1:1", "localhost", "[::1]:8080", "127.8.9.10"] {
            _ = try Bench([ProviderSettings(name: "p", dialect: .anthropic, baseURL: "http://\(host)", key: .absent)])
        }
    }

    @Test func twoProvidersOfOneNameAreRefused() throws {
        let provider = ProviderSettings(name: "p", dialect: .anthropic, key: .absent)
        #expect(throws: ProviderError.invalidSettings(provider: "p", .duplicateName("p"))) {
            try Bench([provider, provider])
        }
    }

    @Test(arguments: [401, 402, 403]) func aRefusedKeyClosesTheProviderForTheNight(_ status: Int) async throws {
        let fake = try FakeProvider { number, _ in number == 0 ? .json("{}", status: status) : .json(message) }
        let now = Mutex<Int64>(1_795_222_932_000)
        let time = TimeSource(
            now: { Instant(unixMilliseconds: now.withLock { $0 }) }, monotonicNanoseconds: { 0 })
        let bench = try Bench([plain(fake)], time: time)
        let name = model("fake/m")
        await #expect(throws: ProviderError.refused(Refusal(status: status))) {
            try await bench.router.send(hello, to: name)
        }
        let until = time.now().adding(milliseconds: ProviderRouter.breakerMilliseconds)
        #expect(bench.router.availability(of: "fake") == .breakerOpen(until: until))
        await #expect(throws: ProviderError.breakerOpen(provider: "fake", until: until)) {
            try await bench.router.send(hello, to: name)
        }
        #expect(fake.requests.count == 1, "nobody knocks again")
        bench.router.closeBreakers()
        _ = try await bench.router.send(hello, to: name)
        bench.router.openBreaker(of: "fake")
        now.withLock { $0 += ProviderRouter.breakerMilliseconds }
        #expect(bench.router.isAvailable(name), "a breaker closes by itself in the end")
        await bench.close()
        await fake.stop()
    }

    @Test func noMoreRequestsAtOnceThanTheSettingsAllow() async throws {
        let meter = Meter(batch: 3)
        let fake = try FakeProvider { _, _ in
            await meter.enter()
            meter.leave()
            return .json(message)
        }
        var provider = plain(fake)
        provider.concurrency = 3
        provider.idleTimeoutMilliseconds = 600_000
        let bench = try Bench([provider])
        for _ in 0..<2 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<24 {
                    group.addTask { _ = try await bench.router.send(hello, to: model("fake/m")) }
                }
                try await group.waitForAll()
            }
        }
        #expect(fake.requests.count == 48)
        #expect(meter.most == 3, "three together, because each waits for two others; never four")
        await bench.close()
        await fake.stop()
    }

    @Test func theFirstRequestOfAModelWarmsTheCacheAlone() async throws {
        let arrived = AsyncStream<AsyncStream<Void>.Continuation>.makeStream()
        let fake = try FakeProvider { number, _ in
            if number > 0 { return .json(message) }
            let gate = AsyncStream<Void>.makeStream()
            arrived.continuation.yield(gate.continuation)
            for await _ in gate.stream { break }
            return .json(message)
        }
        let bench = try Bench([plain(fake)])
        var cached = hello
        cached.system = [SystemBlock(text: String(repeating: "preamble ", count: 200), cacheBreakpoint: true)]
        let name = model("fake/claude-sonnet-5-5")
        let asked = cached
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await bench.router.send(asked, to: name) }
            var gate: AsyncStream<Void>.Continuation?
            for await continuation in arrived.stream {
                gate = continuation
                break
            }
            for _ in 0..<4 { group.addTask { _ = try await bench.router.send(asked, to: name) } }
            // A model without a cache is asked meanwhile, so the others had every chance to be sent.
            for _ in 0..<3 { _ = try await bench.router.send(asked, to: model("fake/unheard-of")) }
            #expect(fake.bodies.count { $0["model"] == "claude-sonnet-5-5" } == 1)
            let impatient = Task { try await bench.router.send(asked, to: name) }
            impatient.cancel()
            await #expect(throws: ProviderError.notSent) { try await impatient.value }
            gate?.yield()
            try await group.waitForAll()
        }
        #expect(fake.bodies.count { $0["model"] == "claude-sonnet-5-5" } == 5)
        await bench.close()
        await fake.stop()
    }

    @Test func whoWaitsDoesNotKnockAtAClosedDoor() async throws {
        let fake = try FakeProvider(.json("{}", status: 401))
        var provider = plain(fake)
        provider.concurrency = 1
        let bench = try Bench([provider])
        let refused = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    do throws(ProviderError) {
                        _ = try await bench.router.send(hello, to: model("fake/m"))
                        return false
                    } catch {
                        if case .breakerOpen = error { return true }
                        return false
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(refused == 5 && fake.requests.count == 1)
        await bench.close()
        await fake.stop()
    }

    @Test func whereTheFirstFailsTheOthersGoOn() async throws {
        let fake = try FakeProvider { number, _ in number == 0 ? .json("{}", status: 500) : .json(message) }
        let bench = try Bench([plain(fake)])
        var cached = hello
        cached.system = [SystemBlock(text: String(repeating: "preamble ", count: 200), cacheBreakpoint: true)]
        let asked = cached
        let answers = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<6 {
                group.addTask { (try? await bench.router.send(asked, to: model("fake/claude-sonnet-5-5"))) != nil }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(answers == 5)
        await bench.close()
        await fake.stop()
    }

    @Test func aCancelledTaskLeavesTheQueueAndItsPlace() async throws {
        let arrived = AsyncStream<AsyncStream<Void>.Continuation>.makeStream()
        let fake = try FakeProvider { number, _ in
            if number > 0 { return .json(message) }
            let gate = AsyncStream<Void>.makeStream()
            arrived.continuation.yield(gate.continuation)
            for await _ in gate.stream { break }
            return .json(message)
        }
        var provider = plain(fake)
        provider.concurrency = 1
        let bench = try Bench([provider])
        let first = Task { try await bench.router.send(hello, to: model("fake/m")) }
        var gate: AsyncStream<Void>.Continuation?
        for await continuation in arrived.stream {
            gate = continuation
            break
        }
        let second = Task { () async -> ProviderError? in
            do throws(ProviderError) {
                _ = try await bench.router.send(hello, to: model("fake/m"))
                return nil
            } catch {
                return error
            }
        }
        second.cancel()
        #expect(await second.value == .notSent)
        gate?.yield()
        _ = try await first.value
        _ = try await bench.router.send(hello, to: model("fake/m"))
        #expect(fake.requests.count == 2, "the cancelled one was never sent, its place was not lost")
        await bench.close()
        await fake.stop()
    }

    @Test func theRateWaitsAndIsCorrectedByHeaders() async throws {
        // The fake says the date itself, as servers do; resets are read by it, not by the clock here.
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        let reset = "1994-11-06T08:50:05Z"
        let fake = try FakeProvider { number, _ in
            .json(
                message,
                headers: number == 1
                    ? [
                        ("date", date), ("anthropic-ratelimit-requests-remaining", "0"),
                        ("anthropic-ratelimit-requests-reset", reset),
                    ] : [])
        }
        var provider = plain(fake)
        provider.requestsPerMinute = 6
        let time = TimeSource(
            now: { Instant(unixMilliseconds: 1_795_222_932_000) }, monotonicNanoseconds: { 1_000_000_000_000 })
        let bench = try Bench([provider], time: time)
        for _ in 0..<3 { _ = try await bench.router.send(hello, to: model("fake/m")) }
        // Six a minute: the second waits ten seconds, the third would twenty; but the provider says 28.
        #expect(bench.waits.all == [10_000, 28_000])
        await bench.close()
        await fake.stop()
    }

    @Test func worstCasesCountInputAtItsDearestAndAllTheOutput() async throws {
        let bench = try Bench([ProviderSettings(name: "anthropic", dialect: .anthropic, key: .absent)])
        let name = model("anthropic/claude-sonnet-5-5")
        let tokens = Int64(TokenEstimate.inputTokens(of: hello))
        #expect(bench.router.worstCaseCost(of: hello, with: name) == tokens * 2_500_000 + 64 * 10_000_000)
        #expect(bench.router.worstCaseCost(of: hello, with: model("anthropic/unheard-of")) == nil)
        #expect(bench.router.worstCaseCost(of: hello, with: model("nobody/m")) == nil)
        #expect(bench.router.worstCaseCost(of: hello, with: .rehearsal) == 0)
        await bench.close()
    }

    @Test func aCheckAsksForOneWordAndSaysWhatItCost() async throws {
        let fake = try FakeProvider { number, _ in number == 0 ? .json(message) : .json("{}", status: 500) }
        var provider = plain(fake)
        provider.models["m"] = ModelCapabilities(price: Price(input: 2_000_000, output: 3_000_000))
        let bench = try Bench([provider])
        let name = try #require(bench.router.checkModel(of: "fake"))
        #expect(name.description == "fake/m")
        let check = await bench.router.check(name)
        #expect(check.result == .success(TokenUsage(input: 1, output: 1)))
        #expect(check.costPicoUSD == 5_000_000)
        #expect(fake.bodies.first?["max_tokens"] == 16)
        let failed = await bench.router.check(name)
        #expect(failed.result == .failure(.refused(Refusal(status: 500))))
        #expect(failed.costPicoUSD == nil)
        #expect(fake.requests.count == 2, "a check is one call")
        let rehearsed = await bench.router.check(.rehearsal)
        #expect(rehearsed.costPicoUSD == 0)
        #expect(bench.router.checkModel(of: "nobody") == nil)
        await bench.close()
        await fake.stop()
    }
}
