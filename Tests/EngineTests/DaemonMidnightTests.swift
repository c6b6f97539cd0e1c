// The laws of midnight under the daemon: asked at the first instant of each civil day, in order after days of silence.
import Encoding
import Engine
import FoundationEssentials
import Ledger
import Scheduler
import Synchronization
import TestSupport
import Testing

@Suite struct DaemonMidnightTests {
    private func stage(deadline: String) async throws -> DaemonStage {
        let stage = try await DaemonStage(from: "2026-11-01T12:00:00Z", residents: 1)
        _ = try await stage.read { house in
            try await house.addDeliverable(
                "A report", deadline: try #require(Instant(rfc3339: deadline)), quorum: 1)
        }
        return stage
    }

    /// Decisions as `2026-11-03 doubt`.
    private func decisions(_ stage: DaemonStage) async throws -> [String] {
        try await stage.read { house in
            try await house.spans(.lawDecided).map {
                "\($0.metadata["day"]?.string ?? "") \($0.metadata["triage"]?.string ?? "")"
            }
        }
    }

    private func ruled(_ stage: DaemonStage) async throws -> [(day: String, at: Instant)] {
        try await stage.read { house in
            try await house.spans(.lawRuled).map { ($0.metadata["day"]?.string ?? "", $0.at) }
        }
    }

    @Test("each civil day is ruled once, at its first instant, long before the night of that day")
    func atMidnight() async throws {
        let stage = try await stage(deadline: "2026-11-03T10:00:00Z")
        try await stage.play(until: "2026-11-05T12:00:00Z")
        let days = try await ruled(stage)
        #expect(days.map(\.day) == ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"])
        for (day, at) in days {
            // Midnight in Paris, one hour before that of UTC.
            let midnight = try #require(Instant(rfc3339: "\(day)T00:00:00Z")).adding(milliseconds: -3_600_000)
            #expect(at == midnight, "\(day)")
        }
        #expect(try await decisions(stage) == ["2026-11-04 doubt", "2026-11-05 doubt"])
        let told = stage.events.withLock { $0 }.compactMap { event in
            if case .midnights(let report) = event { report.decisions.count } else { nil }
        }
        #expect(told == [0, 0, 1, 1])
        try await stage.check()
    }

    @Test("days that nobody ruled are made up for at the next start, oldest first, before anything else")
    func missedDays() async throws {
        let stage = try await stage(deadline: "2026-11-03T10:00:00Z")
        try await stage.play(until: "2026-11-02T12:00:00Z")
        stage.clock.advance(milliseconds: 4 * 86_400_000)
        try await stage.play(until: "2026-11-06T13:00:00Z")
        let days = try await ruled(stage)
        #expect(days.map(\.day) == ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06"])
        #expect(Set(days.dropFirst().map(\.at.rfc3339)).count == 1, "at one look")
        #expect(try await decisions(stage).first == "2026-11-04 doubt")
        try await stage.check()
    }

    @Test("a clock in doubt rules nothing, until it is believed again")
    func clockInDoubt() async throws {
        let stage = try await stage(deadline: "2026-11-03T10:00:00Z")
        try await stage.play(
            until: "2026-11-05T13:00:00Z", pollMinutes: 1,
            [
                DaemonAct("2026-11-01T18:00:00Z") { $0.clock.set(byHours: 72) },
                // Six minutes in the doubt, three days of midnights later by the wrong clock.
                DaemonAct("2026-11-04T18:06:00Z") { $0.clock.set(byHours: -72) },
            ])
        let days = try await ruled(stage)
        #expect(days.map(\.day) == ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"])
        for (day, at) in days {
            #expect(at.rfc3339 < "\(day)T00:00:00.000Z", "\(day) by the right clock")
        }
        try await stage.check()
    }

    @Test("zone data that is missing over midnights rules nothing; when it is back the days are made up for")
    func zoneInDoubt() async throws {
        let folder = try TemporaryDirectory()
        let zone = "\(folder.path)/Europe/Paris"
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/Europe", withIntermediateDirectories: false)
        for name in ["UTC", "Europe/Paris"] {
            try writeFile("\(folder.path)/\(name)", try readFile("\(ZoneDirectory.system.path)/\(name)"))
        }
        let stage = try await stage(deadline: "2026-11-02T10:00:00Z")
        stage.zones.withLock { $0 = ZoneDirectory(path: folder.path) }
        try await stage.play(
            until: "2026-11-04T13:00:00Z",
            [
                DaemonAct("2026-11-02T20:00:00Z") { _ in
                    try FileManager.default.moveItem(atPath: zone, toPath: zone + "x")
                },
                DaemonAct("2026-11-04T08:00:00Z") { _ in
                    try FileManager.default.moveItem(atPath: zone + "x", toPath: zone)
                },
            ])
        let days = try await ruled(stage)
        #expect(days.map(\.day) == ["2026-11-02", "2026-11-03", "2026-11-04"])
        for day in days.dropFirst() { #expect(day.at.rfc3339 >= "2026-11-04T08:00:00.000Z") }
        #expect(try await stage.incidents() == ["zone_data_missing"])
        try await stage.check()
    }
}
