// The daemon and what changes around it: zone data, settings, the spool, faults, parked runs, a second owner.
import Community
import Encoding
import Engine
import FoundationEssentials
import Ledger
import Scheduler
import Synchronization
import TestSupport
import Testing

@Suite struct DaemonDoubtTests {
    /// A folder of zone data that a test can take away.
    private func zones() throws -> (TemporaryDirectory, ZoneDirectory) {
        let folder = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/Europe", withIntermediateDirectories: false)
        for name in ["UTC", "Europe/Paris"] {
            try writeFile("\(folder.path)/\(name)", try readFile("\(ZoneDirectory.system.path)/\(name)"))
        }
        return (folder, ZoneDirectory(path: folder.path))
    }

    @Test(
        "zone data that goes missing is doubt: no night, one incident; when it is back the night is made up for (C-04)")
    func zoneLost() async throws {
        let (folder, directory) = try zones()
        let stage = try await DaemonStage(from: "2026-11-01T12:00:00Z")
        stage.zones.withLock { $0 = directory }
        let zone = "\(folder.path)/Europe/Paris"
        try await stage.play(
            until: "2026-11-02T12:00:00Z",
            [
                DaemonAct("2026-11-01T20:00:00Z") { _ in
                    try FileManager.default.moveItem(atPath: zone, toPath: zone + "x")
                },
                DaemonAct("2026-11-02T08:00:00Z") { stage in
                    #expect(stage.model.bodies.isEmpty)
                    try FileManager.default.moveItem(atPath: zone + "x", toPath: zone)
                },
            ])
        #expect(stage.told == ["doubt zone_data_missing", "settled", "began 2026-11-02 nightly 2 late"])
        #expect(try await stage.incidents() == ["zone_data_missing"])
        try await stage.check()
    }

    @Test("a start without zone data holds the home and changes nothing; with it, work begins")
    func zoneMissingAtStart() async throws {
        let (folder, directory) = try zones()
        let stage = try await DaemonStage(from: "2026-11-01T12:00:00Z")
        try await stage.play(until: "2026-11-01T13:00:00Z")
        stage.forget()
        stage.zones.withLock { $0 = ZoneDirectory(path: "\(folder.path)/absent") }
        try await stage.play(
            until: "2026-11-02T12:00:00Z",
            [
                DaemonAct("2026-11-02T04:00:00Z") { stage in
                    // Nobody else gets in meanwhile.
                    await #expect(throws: EngineError.self) { try await stage.open(CivilCalendar(zone: "UTC")) }
                    stage.zones.withLock { $0 = directory }
                }
            ])
        #expect(stage.told == ["doubt zone_data_missing", "settled", "began 2026-11-02 nightly 2"])
        #expect(try await stage.incidents() == ["zone_data_missing"])
        try await stage.check()
    }

    @Test("settings are read again when they change or on SIGHUP; bad ones are refused once and the old ones stay")
    func reload() async throws {
        let stage = try await DaemonStage(from: "2026-11-01T12:00:00Z")
        try await stage.play(
            until: "2026-11-03T12:00:00Z",
            [
                DaemonAct("2026-11-01T20:00:00Z") { $0.settings.withLock { $0.isBroken = true } },
                DaemonAct("2026-11-01T22:00:00Z") { $0.settings.withLock { ($0.isBroken, $0.at) = (false, "09:00") } },
                DaemonAct("2026-11-02T20:00:00Z") { $0.reload.request() },
            ])
        #expect(
            stage.told == [
                "refused", "reloaded", "began 2026-11-02 nightly 2", "reloaded", "began 2026-11-03 nightly 2",
            ])
        let due = try await stage.read { try await $0.nights(newest: 1) }
        #expect(due.first?.dueAt == Instant(rfc3339: "2026-11-03T08:00:00Z"))
        try await stage.check()
    }

    @Test("settings that read well and do not open the home are refused too, and the home stays open by the old ones")
    func reloadOpens() async throws {
        let stage = try await DaemonStage(from: "2026-11-01T12:00:00Z")
        try await stage.play(
            until: "2026-11-02T12:00:00Z",
            [DaemonAct("2026-11-01T20:00:00Z") { $0.settings.withLock { $0.opensNothing = true } }])
        #expect(stage.told == ["refused", "began 2026-11-02 nightly 2"])
        try await stage.check()
    }

    @Test("a fault of the disk is told, and the night is had once it has passed")
    func fault() async throws {
        let stage = try await DaemonStage(from: "2026-11-01T12:00:00Z")
        try await stage.play(
            until: "2026-11-02T12:00:00Z", pollMinutes: 30,
            [
                DaemonAct("2026-11-01T20:00:00Z") { $0.isDiskFull.withLock { $0 = true } },
                DaemonAct("2026-11-02T05:20:00Z") { $0.isDiskFull.withLock { $0 = false } },
            ])
        #expect(stage.told.first == "fault" && stage.told.last == "began 2026-11-02 nightly 2 late", "\(stage.told)")
        #expect(try await stage.runs(on: "2026-11-02") == ["done": 2])
        try await stage.check()
    }

    @Test("a time of night that moves within the day gives nobody a second night of it")
    func movedTime() async throws {
        let stage = try await DaemonStage(from: "2026-11-01T12:00:00Z")
        try await stage.play(
            until: "2026-11-03T03:00:00Z",
            [DaemonAct("2026-11-02T06:00:00Z") { $0.settings.withLock { $0.at = "20:00" } }])
        #expect(stage.told.filter { $0.hasPrefix("began") } == ["began 2026-11-02 nightly 2"])
        #expect(stage.model.bodies.count == 2)
        try await stage.check()
    }

    @Test("letters that wait are taken in between nights")
    func spool() async throws {
        let stage = try await DaemonStage(from: "2026-11-01T12:00:00Z")
        try await stage.play(
            until: "2026-11-01T15:00:00Z",
            [
                DaemonAct("2026-11-01T13:00:00Z") { stage in
                    let reader = try await stage.home.open(.reader)
                    let mira = try #require(try await reader.residents().residents.first)
                    try await reader.spoolLetter("Good morning.", to: mira, as: "Ana")
                    await reader.close()
                }
            ])
        #expect(stage.told == ["took in 1"])
        try await stage.check()
    }

    @Test("what a provider's failure parked is tried again hours later, alone, within the night's time")
    func retry() async throws {
        let isDown = Mutex(true)
        let stage = try await DaemonStage(from: "2026-11-01T12:00:00Z") { _, body in
            isDown.withLock { $0 } && body.systemTexts.contains { $0.contains("You are number 1.") }
                ? .status(503)
                : .words("Done.")
        }
        try await stage.play(
            until: "2026-11-03T12:00:00Z",
            [DaemonAct("2026-11-02T07:30:00Z") { _ in isDown.withLock { $0 = false } }])
        #expect(
            stage.told == [
                "began 2026-11-02 nightly 2", "began 2026-11-02 nightly 1 late", "began 2026-11-02 nightly 1 late",
                "began 2026-11-02 nightly 1 late", "began 2026-11-03 nightly 2",
            ])
        #expect(try await stage.runs(on: "2026-11-02") == ["done": 2])
        #expect(try await stage.book().suffix(2) == ["2026-11-02 ended", "2026-11-03 ended"])
        try await stage.check()
    }

    @Test("a night that a stop cut is taken up again; too late for it, the rest of it is missed", arguments: [1, 21])
    func cut(_ hours: Int) async throws {
        let rope = Rope()
        let stage = try await DaemonStage(from: "2026-11-01T12:00:00Z", residents: 5, rope: rope) { number, _ in
            if number == 1 { rope.pull() }
            return .words("Done.")
        }
        try await stage.play(until: "2026-11-02T12:00:00Z")
        let planned = try await stage.runs(on: "2026-11-02")["queued"] ?? 0
        #expect(
            planned > 0 && planned < 5
                && stage.clock.now < (Instant(rfc3339: "2026-11-02T06:00:00Z") ?? .init(unixMilliseconds: 0)))
        #expect(try await stage.book().last == "2026-11-02 running")
        stage.clock.advance(milliseconds: hours * 3_600_000)
        try await stage.play(until: stage.clock.now.adding(milliseconds: 1_800_000).rfc3339)
        let runs = try await stage.runs(on: "2026-11-02")
        if hours == 1 {
            #expect(runs == ["done": 5])
            #expect(try await stage.book().last == "2026-11-02 ended")
        } else {
            #expect(runs["missed cut_short"] == planned)
            #expect(try await stage.book().last == "2026-11-02 ended cut_short")
            // The next night finds nothing of it that is still to be told.
            try await stage.play(until: "2026-11-03T12:00:00Z")
            let spans = try await stage.read { try await $0.spans(.runMissed) }
            #expect(spans.count == planned && spans.allSatisfy { $0.metadata["reason"]?.string == "cut_short" })
            #expect(try await stage.runs(on: "2026-11-02") == runs)
            #expect(try await stage.runs(on: "2026-11-03") == ["done": 5])
        }
        try await stage.check()
    }

    @Test("RUN_ON_START runs today's night at once, and the night itself finds nobody due (C-47, S4-118)")
    func runOnStart() async throws {
        let stage = try await DaemonStage(from: "2026-11-02T02:00:00Z")
        try await stage.play(until: "2026-11-02T12:00:00Z", runsOnStart: true)
        #expect(stage.told == ["began 2026-11-02 nightly 2", "began 2026-11-02 nightly 0"])
        #expect(stage.model.bodies.count == 2)
        try await stage.check()
    }

    @Test("a home that somebody works in has no second owner")
    func held() async throws {
        let stage = try await DaemonStage(from: "2026-11-01T12:00:00Z")
        let house = try await stage.open(try CivilCalendar(zone: "UTC"))
        await #expect(throws: EngineError.self) { try await stage.play(until: "2026-11-02T12:00:00Z") }
        await house.close()
        try await stage.check()
    }
}
