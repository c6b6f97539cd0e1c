// Weeks of nights under a clock that a test holds: clock changes, downtime, jumps, missing zone data, reloads.
import Encoding
import Engine
import FoundationEssentials
import Ledger
import Scheduler
import TestSupport
import Testing

@Suite struct DaemonTests {
    @Test(
        "three weeks over the gap of March: every civil day its night, once, at the time of the rules; Sundays weekly")
    func gap() async throws {
        let stage = try await DaemonStage(
            from: "2026-03-20T12:00:00Z", settings: StageSettings(at: "02:30", weeklyDay: "sunday"))
        try await stage.play(until: "2026-04-10T12:00:00Z")
        let days = (21...31).map { "2026-03-\($0)" } + (1...10).map { "2026-04-" + ($0 < 10 ? "0" : "") + "\($0)" }
        #expect(try await stage.book() == ["2026-03-20 ended before_first_start"] + days.map { "\($0) ended" })
        #expect(
            stage.told
                == days.map { day in
                    "began \(day) \(["2026-03-22", "2026-03-29", "2026-04-05"].contains(day) ? "weekly" : "nightly") 2"
                })
        for day in days { #expect(try await stage.runs(on: day) == ["done": 2], "\(day)") }
        let due = try await stage.read { try await $0.nights(newest: 30) }
        let moved = due.first { $0.day.description == "2026-03-29" }
        #expect(moved?.dueAt == Instant(rfc3339: "2026-03-29T01:00:00Z"))
        #expect(stage.model.bodies.count == 2 * days.count)
        try await stage.check()
    }

    @Test("the overlap of October: the night of the long day comes once, at the first of the two")
    func overlap() async throws {
        let stage = try await DaemonStage(from: "2026-10-23T12:00:00Z", settings: StageSettings(at: "02:30"))
        try await stage.play(until: "2026-10-27T12:00:00Z", pollMinutes: 3)
        #expect(stage.told.count == 4 && stage.model.bodies.count == 8)
        let due = try await stage.read { try await $0.nights(newest: 9) }
        let long = due.first { $0.day.description == "2026-10-25" }
        #expect(long?.dueAt == Instant(rfc3339: "2026-10-25T00:30:00Z"))
        try await stage.check()
    }

    @Test(
        "after days of silence the newest night within 20 h is made up for; the older have a row and a span each (B-64)"
    )
    func missed() async throws {
        let stage = try await DaemonStage(from: "2026-11-01T12:00:00Z")
        try await stage.play(until: "2026-11-03T12:00:00Z")
        stage.forget()
        // Five days later at ten in the morning: the night of the 8th is five hours late.
        stage.clock.advance(milliseconds: (4 * 24 + 22) * 3_600_000)
        try await stage.play(until: "2026-11-09T12:00:00Z")
        #expect(
            stage.told == [
                "missed 2026-11-04 2", "missed 2026-11-05 2", "missed 2026-11-06 2", "missed 2026-11-07 2",
                "began 2026-11-08 weekly 2 late", "began 2026-11-09 nightly 2",
            ])
        #expect(try await stage.runs(on: "2026-11-05") == ["missed not_running": 2])
        #expect(try await stage.runs(on: "2026-11-08") == ["done": 2])
        let spans = try await stage.read { try await $0.spans(.runMissed) }
        #expect(spans.count == 8 && spans.allSatisfy { $0.metadata["reason"]?.string == "not_running" })
        #expect(try await stage.book().filter { $0.contains("missed") }.count == 4)
        // 21 hours late is too late.
        stage.forget()
        stage.clock.advance(milliseconds: 38 * 3_600_000)
        try await stage.play(until: "2026-11-11T03:00:00Z")
        #expect(stage.told == ["missed 2026-11-10 2"])
        try await stage.check()
    }

    @Test(
        "stopped and started at any hour for weeks: every night of everyone is done or missed, never both, never twice")
    func restarts() async throws {
        var seed: UInt64 = 20_261_121
        func roll(_ most: UInt64) -> UInt64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (seed >> 33) % most
        }
        let stage = try await DaemonStage(from: "2026-10-10T12:00:00Z", settings: StageSettings(at: "02:30"))
        try await stage.play(until: "2026-10-11T12:00:00Z", pollMinutes: 45)
        let end = try #require(Instant(rfc3339: "2026-11-11T12:00:00Z"))
        while stage.clock.now < end {
            let until = stage.clock.now.adding(milliseconds: Int64(roll(30) + 1) * 3_600_000)
            try await stage.play(until: until.rfc3339, pollMinutes: 45)
            stage.clock.advance(milliseconds: Int(roll(50)) * 3_600_000)
        }
        try await stage.play(until: stage.clock.now.adding(milliseconds: 25 * 3_600_000).rfc3339, pollMinutes: 45)
        let book = try await stage.read { try await $0.nights(newest: 100) }
        let oldest = try #require(CivilDate("2026-10-11")).daysSinceEpoch
        let newest = try #require(book.first).day.daysSinceEpoch
        #expect(book.count == Int(newest - oldest) + 2)
        var made = 0
        for day in oldest...newest {
            let runs = try await stage.runs(on: CivilDate(daysSinceEpoch: day).description)
            #expect(
                runs == ["done": 2] || runs == ["missed not_running": 2], "\(CivilDate(daysSinceEpoch: day)): \(runs)")
            made += runs["done"] ?? 0
        }
        #expect(stage.model.bodies.count == made && made > 20)
        try await stage.check()
    }

    @Test(
        "a clock set by an hour or a day is doubt: an incident, nothing else, until it was steady for ten minutes",
        arguments: [1, -1, 25, -25])
    func jumps(_ hours: Int) async throws {
        let stage = try await DaemonStage(from: "2026-11-01T12:00:00Z")
        try await stage.play(until: "2026-11-03T04:56:00Z", pollMinutes: 2)
        let before = stage.model.bodies.count
        stage.forget()
        // Minutes before the night of the 3rd.
        try await stage.play(
            until: stage.clock.now.adding(milliseconds: Int64(30 + 60 * max(0, hours)) * 60_000).rfc3339,
            pollMinutes: 2,
            [
                DaemonAct("2026-11-03T04:57:00Z") { $0.clock.set(byHours: hours) }
            ])
        let kinds = try await stage.incidents()
        #expect(kinds == ["clock_jumped"], "\(hours)")
        #expect(stage.told.first == "doubt clock_jumped")
        if hours > 0 {
            // Seen in the same look: the night waits for the settling.
            #expect(stage.told.prefix(2) == ["doubt clock_jumped", "settled"])
            #expect(stage.model.bodies.count > before)
        }
        // Back again, and a day further: nobody has a night twice.
        stage.clock.set(byHours: -hours)
        try await stage.play(until: "2026-11-05T12:00:00Z", pollMinutes: 30)
        for day in ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"] {
            let runs = try await stage.runs(on: day)
            // A clock that is a day ahead for longer than the settling is believed: the night between was passed over.
            let expected = hours == 25 && day == "2026-11-03" ? ["missed in_doubt": 2] : ["done": 2]
            #expect(runs == expected, "\(hours): \(day) \(runs)")
        }
        #expect(stage.model.bodies.count == (hours == 25 ? 6 : 8))
        try await stage.check()
    }

    @Test("within the doubt nothing begins, though a night's time comes")
    func doubtWaits() async throws {
        let stage = try await DaemonStage(from: "2026-11-01T12:00:00Z")
        try await stage.play(
            until: "2026-11-02T05:06:00Z", pollMinutes: 1,
            [
                DaemonAct("2026-11-02T03:58:00Z") { $0.clock.set(byHours: 1) },
                DaemonAct("2026-11-02T05:05:00Z") { stage in #expect(stage.model.bodies.isEmpty) },
            ])
        #expect(try await stage.book() == ["2026-11-01 ended before_first_start"])
        stage.clock.advance(milliseconds: 10 * 60_000)
        try await stage.play(until: "2026-11-02T06:00:00Z")
        #expect(try await stage.runs(on: "2026-11-02") == ["done": 2])
        try await stage.check()
    }

    @Test("a start before the newest record is doubt too")
    func behind() async throws {
        let stage = try await DaemonStage(from: "2026-11-01T12:00:00Z")
        try await stage.play(until: "2026-11-02T12:00:00Z")
        stage.clock.set(byHours: -48)
        stage.forget()
        try await stage.play(until: "2026-10-31T13:00:00Z", pollMinutes: 1)
        #expect(stage.told == ["doubt clock_behind_record", "settled"])
        // What stood in the book of days to come is forgotten; who had a night of them has no second.
        #expect(try await stage.book() == ["2026-10-31 ended before_first_start"])
        try await stage.play(until: "2026-11-03T12:00:00Z")
        #expect(stage.told.last == "began 2026-11-03 nightly 2" && stage.model.bodies.count == 4)
        try await stage.check()
    }

    @Test("a clock that was a year ahead and believed costs the nights that it passed over, not those that come")
    func yearAhead() async throws {
        let stage = try await DaemonStage(from: "2026-11-01T12:00:00Z", residents: 1)
        try await stage.play(
            until: "2027-12-12T12:00:00Z", pollMinutes: 11,
            [DaemonAct("2026-11-02T12:00:00Z") { $0.clock.set(byHours: 24 * 404) }])
        #expect(stage.told.contains("unrecorded 4"))
        stage.clock.set(byHours: -24 * 404)
        stage.forget()
        try await stage.play(until: "2026-11-06T12:00:00Z", pollMinutes: 11)
        #expect(stage.told.filter { $0.hasPrefix("began") }.count >= 3, "\(stage.told)")
        #expect(try await stage.runs(on: "2026-11-06") == ["done": 1])
        // The clock had these recorded as missed before they came.
        #expect(try await stage.runs(on: "2026-11-08") == ["missed in_doubt": 1])
        try await stage.play(until: "2026-11-09T12:00:00Z", pollMinutes: 11)
        for day in ["2026-11-07", "2026-11-08", "2026-11-09"] {
            #expect(try await stage.runs(on: day) == ["done": 1], "\(day)")
        }
        try await stage.check()
    }
}
