// The nightly batch: who is due, in which order, how many at once, and what it came to (S4-112).
import Community
import Encoding
import Engine
import Foundation
import Ledger
import Providers
import SQLite
import Scheduler
import Synchronization
import TestSupport
import Testing

@Suite struct NightTests {
    private func night(_ engine: RunEngine, stop: StopSignal = StopSignal()) throws -> Night {
        Night(engine: engine, calendar: try CivilCalendar(zone: "UTC"), weeklyDay: "sunday", stop: stop)
    }

    @Test("due are the active without a finished run; the order is stable, differs by day, and sunday is the weekly")
    func plan() async throws {
        let home = try await TestHome()
        let model = try FakeModel(rounds: [.words("Done.")])
        try await home.owned { house in
            let names = (1...12).map { "Resident \($0)" }
            let ids = try await TestHome.admit(names, model: model.model, in: house).map(\.id)
            let engine = try home.engine(house, providers: [model.settings()])
            let night = try night(engine)
            let saturday = home.today
            let sunday = CivilDate(daysSinceEpoch: saturday.daysSinceEpoch + 1)
            let first = try await night.plan(day: saturday)
            #expect(first.trigger == .nightly && Set(first.due) == Set(ids))
            #expect(try await night.plan(day: saturday).due == first.due)
            let second = try await night.plan(day: sunday)
            #expect(second.trigger == .weekly && second.due != first.due)
            try await house.setPaused(true, ids[0], reason: nil)
            #expect(try await engine.run(ids[1], on: saturday).outcome == .done)
            let rest = try await night.plan(day: saturday)
            #expect(rest.due.count == 10 && rest.settled == 1)
            #expect(rest.due == first.due.filter { $0 != ids[0] && $0 != ids[1] })
            #expect(try await night.plan(day: saturday, only: [ids[0], ids[3]]).due == [ids[3]])
        }
        await model.stop()
    }

    @Test("a night's rows are there before it begins; those that it never came to are told as missed")
    func queued() async throws {
        let home = try await TestHome()
        try await home.owned { house in
            let ids = try await TestHome.admit(["A", "B", "C"], in: house).map(\.id)
            let engine = try home.engine(house)
            let night = try night(engine)
            let plan = try await night.plan(day: home.today)
            #expect(try await engine.runs(on: home.today).isEmpty, "a plan alone writes nothing")
            #expect(try await night.queue(plan) == 3)
            #expect(try await night.queue(plan) == 0, "nobody gets two rows")
            let rows = try await engine.runs(on: home.today)
            #expect(Set(rows.map(\.resident)) == Set(ids) && Set(rows.map(\.run)).count == 3)
            #expect(rows.allSatisfy { $0.state == .queued && $0.trigger == .nightly && $0.run.isVersion7 })
            #expect(try await house.unfinishedRuns().isEmpty, "none was begun")
            #expect(try await engine.recover().resumed == 0)
            #expect(try await night.plan(day: home.today).due == plan.due, "a restart finds the same order")
            #expect(
                try await night.run(night.plan(day: home.today, only: [ids[1]]), jobs: 1) { _ in }.count(.done) == 1)
            #expect(try await night.plan(day: home.today).due.count == 2)
            let next = CivilDate(daysSinceEpoch: home.today.daysSinceEpoch + 1)
            try await engine.closeOlderNights(than: next)
            try await engine.closeOlderNights(than: next)
            let told = try await engine.runs(on: home.today)
            let missed = told.filter { $0.state == .missed && $0.reason == "cut_short" }
            #expect(missed.count == 2 && told.count { $0.state == .done } == 1)
            let spans = try await house.spans(.runMissed)
            #expect(spans.count == 2 && Set(spans.map(\.traceID)) == Set(missed.map(\.run)))
            #expect(try await house.faults() == [])
        }
    }

    @Test("as many at once as were asked for, never more; one failure leaves the others be; again: nothing is due")
    func run() async throws {
        let home = try await TestHome()
        let state = Mutex((now: 0, most: 0))
        let three = Signal()
        let model = try FakeModel { _, body in
            let count = state.withLock { state in
                state.now += 1
                state.most = max(state.most, state.now)
                return state.now
            }
            if count == 3 { three.raise() }
            await three.wait()
            state.withLock { $0.now -= 1 }
            return body.systemTexts.last?.contains("unlucky") == true ? .status(400) : .words("Done.")
        }
        try await home.owned { house in
            try await TestHome.admit((1...6).map { "Resident \($0)" }, model: model.model, in: house)
            try await TestHome.admit(["Unlucky"], prompt: "You are unlucky.", model: model.model, in: house)
            let engine = try home.engine(house, providers: [model.settings()])
            let night = try night(engine)
            let told = Mutex<[String]>([])
            let summary = try await night.run(night.plan(day: home.today), jobs: 3) { event in
                if case .ended(let report) = event { told.withLock { $0.append(report.name) } }
            }
            #expect(summary.count(.done) == 6 && summary.count(.failed) == 1 && !summary.isWhole)
            #expect(state.withLock { $0.most } == 3)
            #expect(told.withLock { $0.count } == 7)
            #expect(summary.charged == summary.reports.reduce(0) { $0 + $1.charged } && summary.costPicoUSD > 0)
            let again = try await night.run(night.plan(day: home.today), jobs: 3) { _ in }
            #expect(again.reports.isEmpty && again.isWhole)
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("asked to stop, the night begins no more, and the next start does the rest once")
    func stop() async throws {
        let home = try await TestHome()
        let stop = StopSignal()
        let model = try FakeModel { number, _ in
            if number == 1 { stop.request() }
            return .words("Done.")
        }
        try await home.owned { house in
            try await TestHome.admit((1...5).map { "Resident \($0)" }, model: model.model, in: house)
            let engine = try home.engine(house, providers: [model.settings()], stop: stop)
            let first = try night(engine, stop: stop)
            let summary = try await first.run(first.plan(day: home.today), jobs: 1) { _ in }
            #expect(summary.count(.done) == 2 && summary.notBegun == 3 && !summary.isWhole)
            let second = try night(try home.engine(house, providers: [model.settings()]))
            #expect(try await second.run(second.plan(day: home.today), jobs: 2) { _ in }.count(.done) == 3)
            #expect(model.bodies.count == 5)
        }
        await model.stop()
    }

    @Test("a fault of the spool stops no night and is told once")
    func spoolFault() async throws {
        let home = try await TestHome()
        try await home.owned { house in
            try await TestHome.admit(["Mira", "Tomas"], in: house)
            // No directory any more: it cannot be listed, by the superuser neither.
            try FileManager.default.removeItem(atPath: home.paths.spool)
            try FileManager.default.createSymbolicLink(
                atPath: home.paths.spool, withDestinationPath: home.paths.spool)
            let night = try night(try home.engine(house))
            let faults = Mutex(0)
            let summary = try await night.run(night.plan(day: home.today), jobs: 1) { event in
                if case .tookIn(let report) = event, report.fault != nil { faults.withLock { $0 += 1 } }
            }
            #expect(summary.count(.done) == 2 && faults.withLock { $0 } == 1)
        }
    }

    @Test("what was parked is closed by the next night, which has its own run; letters wait in the spool for no one")
    func nextNight() async throws {
        let home = try await TestHome()
        let isDown = Mutex(true)
        let model = try FakeModel { _, _ in isDown.withLock { $0 } ? .status(503) : .words("Done.") }
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            let engine = try home.engine(house, providers: [model.settings()])
            let night = try night(engine)
            #expect(try await night.run(night.plan(day: home.today), jobs: 1) { _ in }.count(.parked) == 1)
            home.clock.advance(days: 1)
            isDown.withLock { $0 = false }
            let mira = try #require(try await house.residents()[id])
            let reader = try await home.open(.reader)
            try await reader.spoolLetter("Good morning.", to: mira, as: "Ana")
            await reader.close()
            let tookIn = Mutex(0)
            let summary = try await night.run(night.plan(day: home.today), jobs: 1) { event in
                if case .tookIn(let report) = event { tookIn.withLock { $0 += report.letters } }
            }
            #expect(summary.count(.done) == 1 && tookIn.withLock { $0 } == 1)
            let ends = try await house.spans(.runFailed)
            #expect(ends.compactMap { $0.metadata["reason"]?.string } == ["http_503"])
            #expect(try await house.unfinishedRuns().isEmpty)
            #expect(try await house.faults() == [])
        }
        await model.stop()
    }

    @Test("asked to stop while it waits for a place at the provider, a run makes no call and has spent nothing")
    func stopAtTheGate() async throws {
        let home = try await TestHome()
        let stop = StopSignal()
        let release = Signal()
        let model = try FakeModel { _, _ in
            await release.wait()
            return .words("Done.")
        }
        var settings = model.settings()
        settings.concurrency = 1
        let provider = settings
        try await home.owned { house in
            try await TestHome.admit(["Mira", "Tomas"], model: model.model, in: house)
            let budget = BudgetLimits(night: 1_000_000_000_000)
            let engine = try home.engine(house, providers: [provider], stop: stop, budget: budget)
            let night = try night(engine, stop: stop)
            let plan = try await night.plan(day: home.today)
            async let summary = night.run(plan, jobs: 2) { _ in }
            while try await house.journalSteps().count < 2 || model.bodies.isEmpty { await Task.yield() }
            stop.request()
            release.raise()
            let ended = try await summary
            #expect(ended.count(.done) == 1 && ended.reports.compactMap(\.reason) == ["interrupted"])
            #expect(model.bodies.count == 1)
            let waiting = try #require(try await house.unfinishedRuns().first)
            #expect(waiting.state == .queued && waiting.spent == 0)
            #expect(try await house.spans(.providerCalled).count == 1)
        }
        await model.stop()
    }

    @Test("what would do it again is not tried again in the same night: worker deaths, a journal that does not open")
    func notAgain() async throws {
        let home = try await TestHome()
        let isDown = Mutex(true)
        let model = try FakeModel { number, _ in
            if number == 0 { return .call("read_sanctuary_feed") }
            return isDown.withLock { $0 } ? .status(503) : .words("Done.")
        }
        try await home.owned { house in
            let id = try await TestHome.admit(["Mira"], model: model.model, in: house)[0].id
            let engine = try home.engine(house, providers: [model.settings()])
            let night = try night(engine)
            #expect(try await night.run(night.plan(day: home.today), jobs: 1) { _ in }.count(.parked) == 1)
            #expect(try await night.plan(day: home.today).due == [id])
            try await house.ledger.write { try $0.run("UPDATE journal SET body = zeroblob(length(body))") }
            isDown.withLock { $0 = false }
            let second = try await night.run(night.plan(day: home.today), jobs: 1) { _ in }
            #expect(second.reports.map(\.reason) == ["journal_broken"])
            #expect(try await night.plan(day: home.today).due.isEmpty)
            // A manual run does not stumble over it either.
            #expect(try await engine.run(id, .manual, on: home.today).outcome == .done)
        }
        await model.stop()
    }

    @Test("a resumed run reports all its calls; its night counts only those of its own start")
    func resumedFigures() async throws {
        let home = try await TestHome()
        let stop = StopSignal()
        let model = try FakeModel { number, _ in
            guard number == 0 else { return .words("Done.") }
            stop.request()
            return .call("read_sanctuary_feed")
        }
        try await home.owned { house in
            try await TestHome.admit(["Mira"], model: model.model, in: house)
            let engine = try home.engine(house, providers: [model.settings()], stop: stop)
            let first = try await night(engine, stop: stop).run(
                night(engine, stop: stop).plan(day: home.today), jobs: 1
            ) { _ in }
            #expect(first.count(.parked) == 1 && first.usage.input == 3_000 && first.models.map(\.replies) == [1])
            let next = try home.engine(house, providers: [model.settings()])
            let second = try await night(next).run(night(next).plan(day: home.today), jobs: 1) { _ in }
            let report = try #require(second.reports.first)
            #expect(report.outcome == .done && report.usage.input == 6_000)
            #expect(report.costPicoUSD == first.costPicoUSD + second.costPicoUSD && first.costPicoUSD > 0)
            #expect(second.usage.input == 3_000 && second.models.map(\.model) == [model.model])
            #expect(second.endings.map(\.count) == [1] && second.slowest(3).map(\.run) == [report.run])
        }
        await model.stop()
    }
}
