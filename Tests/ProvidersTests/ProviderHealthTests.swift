// The health of a provider as a pure table: silence of several stops the asking, one probes, patience ends (S4, B-41).
import Testing

@testable import Providers

@Suite struct ProviderHealthTests {
    private static let second: UInt64 = 1_000_000_000
    private static let hour: UInt64 = 3_600 * second

    private func silent(_ count: Int, exchanges: Int, from now: UInt64 = 0) -> ProviderHealth {
        var health = ProviderHealth(patience: Self.hour)
        for index in 0..<count { health.report(.silent, of: UInt64(index % exchanges), at: now) }
        return health
    }

    @Test func silenceOfOneExchangeStopsNobody() {
        #expect(silent(50, exchanges: 1).state == .closed, "a request may be what is wrong")
        #expect(silent(4, exchanges: 2).state == .closed)
        #expect(silent(5, exchanges: 2).state == .open(until: 30 * Self.second))
    }

    @Test func anAnswerForgivesWhatWasBefore() {
        var health = silent(4, exchanges: 4)
        health.report(.answered, of: 9, at: 0)
        for index in 0..<4 { health.report(.silent, of: UInt64(index), at: 0) }
        #expect(health.state == .closed)
    }

    @Test func oneProbesAndTheOthersWaitForIt() {
        var health = silent(5, exchanges: 5)
        #expect(health.admission(of: 10, at: 29 * Self.second) == .wait(until: 30 * Self.second))
        #expect(health.admission(of: 10, at: 30 * Self.second) == .granted)
        #expect(health.state == .probing(exchange: 10))
        #expect(health.admission(of: 11, at: 30 * Self.second) == .waitForProbe)
        #expect(health.admission(of: 10, at: 30 * Self.second) == .granted)
        // Those asked before the stop say nothing new; the probe's silence stops again, for longer.
        health.report(.silent, of: 3, at: 31 * Self.second)
        #expect(health.state == .probing(exchange: 10))
        health.report(.silent, of: 10, at: 40 * Self.second)
        #expect(health.state == .open(until: 100 * Self.second))
        #expect(health.admission(of: 12, at: 100 * Self.second) == .granted)
        health.report(.answered, of: 12, at: 101 * Self.second)
        #expect(health.state == .closed && health.admission(of: 13, at: 101 * Self.second) == .granted)
    }

    @Test func aProbeThatIsNotMadeLetsTheNextOneProbe() {
        var health = silent(5, exchanges: 5)
        _ = health.admission(of: 10, at: Self.hour)
        health.withdraw(9)
        #expect(health.state == .probing(exchange: 10))
        health.withdraw(10)
        #expect(health.admission(of: 11, at: 1) == .granted && health.state == .probing(exchange: 11))
    }

    @Test func pausesGrowToFiveMinutes() {
        var health = silent(5, exchanges: 5)
        var now = 30 * Self.second
        var pauses: [UInt64] = []
        for exchange in 10..<16 {
            #expect(health.admission(of: UInt64(exchange), at: now) == .granted)
            health.report(.silent, of: UInt64(exchange), at: now)
            guard case .open(let until) = health.state else { break }
            pauses.append((until - now) / Self.second)
            now = until
        }
        #expect(pauses == [60, 120, 240, 300, 300, 300])
    }

    @Test(arguments: [ProviderSign.silent, .busy]) func patienceEndsWithWhateverGivesNothing(_ sign: ProviderSign) {
        var health = ProviderHealth(patience: Self.hour)
        health.report(sign, of: 1, at: 0)
        health.report(sign, of: 1, at: Self.hour)
        #expect(health.state != .givenUp)
        health.report(sign, of: 1, at: Self.hour + 1)
        #expect(health.state == .givenUp && health.admission(of: 2, at: .max) == .refused)
        health.report(.answered, of: 1, at: Self.hour + 2)
        #expect(health.state == .givenUp, "only a new night forgives that")
    }

    @Test func barrenTimesAddUpOverANightButNotShortOnes() {
        var health = ProviderHealth(patience: Self.hour)
        var now: UInt64 = 0
        // Busy for half a minute, then an answer, a thousand times: a rate, no wedge.
        for _ in 0..<1_000 {
            health.report(.busy, of: 1, at: now)
            now += 30 * Self.second
            health.report(.answered, of: 1, at: now)
        }
        #expect(health.barren(at: now) == 0)
        // Silent for 29 minutes, then one answer: after the third time that was enough.
        for round in 0..<3 {
            health.report(.silent, of: 1, at: now)
            now += 29 * 60 * Self.second
            health.report(round == 2 ? .silent : .answered, of: 1, at: now)
        }
        #expect(health.state == .givenUp)
    }

    @Test(arguments: UInt64(1)...40) func anyOrderOfEventsKeepsTheRules(_ seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var health = ProviderHealth(patience: Self.hour)
        var now: UInt64 = 0
        var probe: UInt64?
        for _ in 0..<2_000 {
            now += random(20) * Self.second
            let exchange = random(6)
            switch random(5) {
            case 0:
                let before = health.state
                let admission = health.admission(of: exchange, at: now)
                if case .probing(let prober) = health.state {
                    if before != health.state { #expect(admission == .granted && prober == exchange) }
                    #expect((admission == .granted) == (prober == exchange), "only one probes")
                    probe = prober
                }
            case 1: health.withdraw(exchange)
            case 2: health.report(.answered, of: exchange, at: now)
            case 3: health.report(.busy, of: exchange, at: now)
            default: health.report(.silent, of: exchange, at: now)
            }
            if case .open(let until) = health.state {
                #expect(until <= now + 300 * Self.second, "\(String(describing: probe))")
            }
            if health.state != .givenUp { #expect(health.barren(at: now) <= Self.hour + 60 * 20 * Self.second) }
        }
    }
}
