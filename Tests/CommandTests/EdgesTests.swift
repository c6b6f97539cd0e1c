// Edges that only the real program has: posts of a later day, a spool that cannot be listed, settings beyond measure.
import Community
import Cryptography
import Encoding
import Engine
import Foundation
import Ledger
import Scheduler
import TestSupport
import Testing

@Suite struct EdgesTests {
    private let directory: TemporaryDirectory
    private let binary: Binary

    init() async throws {
        directory = try TemporaryDirectory()
        binary = try Binary("sanctuary")
        try await #require(run("init").code == 0)
        try writeFile("\(directory.path)/p.json", Array(#"{"name":"Ada","system_prompt":"Be."}"#.utf8))
        try await #require(run("admit", "p.json", "--model", "rehearsal/rehearsal").code == 0)
    }

    private func run(_ words: String...) async throws -> BinaryResult {
        try await binary.run(
            words, environment: ["SANCTUARY_HOME": "\(directory.path)/home", "TZ": "Europe/Paris"], in: directory.path)
    }

    @Test func aPostOfALaterDayAppearsOnThatDay() async throws {
        let paths = HomePaths(root: "\(directory.path)/home")
        let house = try await House.open(
            at: paths, access: .writer, settings: EngineSettings(),
            surroundings: HomeSurroundings(time: .system, random: .system, program: "test"),
            civilTime: CivilTime(
                day: { CivilDate(daysSinceEpoch: $0.unixMilliseconds / 86_400_000) },
                start: { Instant(unixMilliseconds: ($0.daysSinceEpoch + Int64($1)) * 86_400_000) }))
        let ada = try #require(try await house.residents().residents.first)
        let now = house.surroundings.time.now()
        for (text, days) in [("EARLIER", Int64(-1)), ("LATER", Int64(1))] {
            let next = house.surroundings.identifiers
            try await house.ledger.append([
                CommunitySpans.post(
                    span: next.next(), post: next.next(), by: ada.id,
                    at: Instant(unixMilliseconds: now.unixMilliseconds + days * 86_400_000), title: nil, text: text,
                    rehearsed: true, run: nil)
            ])
        }
        await house.close()
        for words in [["feed"], ["feed", "--json"], ["feed", "--from", "Ada"]] {
            let feed = try await binary.run(
                words, environment: ["SANCTUARY_HOME": paths.root], in: directory.path)
            #expect(feed.code == 0 && feed.output.contains("EARLIER") && !feed.output.contains("LATER"), "\(feed)")
        }
    }

    @Test func aSpoolThatCannotBeListedStopsNoNight() async throws {
        let spool = "\(directory.path)/home/spool"
        try FileManager.default.removeItem(atPath: spool)
        try FileManager.default.createSymbolicLink(atPath: spool, withDestinationPath: spool)
        let night = try await run("nightly", "--date", "2026-11-02")
        #expect(night.code == 0 && night.output.contains("1 done"), "\(night)")
        #expect(night.errors.contains("warning: not all of the spool was taken in; the rest waits"), "\(night)")
        #expect(try await run("run", "Ada").errors.contains("not all of the spool was taken in"))
    }

    @Test func settingsBeyondMeasureAreRefusedAsSettings() async throws {
        try writeFile(
            "\(directory.path)/home/sanctuary.json", [UInt8](repeating: UInt8(ascii: " "), count: (1 << 20) + 1))
        let result = try await run("residents")
        #expect(result.code == 2 && result.errors.contains("the settings are larger than 1 MiB"), "\(result)")
    }
}
