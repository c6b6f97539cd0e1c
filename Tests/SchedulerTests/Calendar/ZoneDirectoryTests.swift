// Time zone data that is missing, damaged, or asked for by a name that leads elsewhere.
import Encoding
import Scheduler
import TestSupport
import Testing

@Suite struct ZoneDirectoryTests {
    /// A folder with UTC's file and one more.
    private func folder(_ name: String, _ bytes: [UInt8]) throws -> (TemporaryDirectory, ZoneDirectory) {
        let directory = try TemporaryDirectory()
        try writeFile("\(directory.path)/UTC", try readFile("\(ZoneDirectory.system.path)/UTC"))
        try writeFile("\(directory.path)/\(name)", bytes)
        return (directory, ZoneDirectory(path: directory.path))
    }

    @Test("without any data every zone but UTC is in doubt, and the error names the folder (C-04)")
    func missing() throws {
        let directory = try TemporaryDirectory()
        for path in [directory.path, "\(directory.path)/absent"] {
            let empty = ZoneDirectory(path: path)
            #expect(throws: CalendarError.missingZoneData(folder: path)) {
                try CivilCalendar(zone: "Europe/Paris", in: empty)
            }
            let start = try #require(Instant(rfc3339: "2026-11-21T23:59:59Z"))
            #expect(try CivilCalendar(zone: "UTC", in: empty).day(of: start) == CivilDate("2026-11-21"))
        }
    }

    @Test(
        "names that are no zone's, or lead out of the folder, are unknown",
        arguments: [
            "", "Mars/Olympus", "../../../etc/passwd", "/etc/passwd", "Europe", "Europe/", "Europe//Paris", "Europe/.",
            "europe\0paris", "Европа/Париж", "tzdata.zi",
        ])
    func unknown(_ name: String) {
        #expect(throws: CalendarError.unknownZone(name)) { try CivilCalendar(zone: name) }
    }

    @Test("a zone's file cut short anywhere, or with any byte changed, is read or refused, never more")
    func damaged() throws {
        let whole = try readFile("\(ZoneDirectory.system.path)/Europe/Paris")
        let (keeper, directory) = try folder("Paris", whole)
        let path = "\(keeper.path)/Paris"
        let sound = try CivilCalendar(zone: "Paris", in: directory)
        let now = try #require(Instant(rfc3339: "2026-11-21T12:00:00Z"))
        #expect(sound.secondsFromUTC(at: now) == 3_600)
        for count in 0..<whole.count where count < 100 || count % 37 == 0 || count > whole.count - 40 {
            try writeFile(path, Array(whole[..<count]))
            #expect(throws: CalendarError.damagedZone("Paris"), "\(count) bytes") {
                try CivilCalendar(zone: "Paris", in: directory)
            }
        }
        for index in stride(from: 0, to: whole.count, by: 7) {
            var bytes = whole
            bytes[index] ^= 0xFF
            try writeFile(path, bytes)
            guard let calendar = try? CivilCalendar(zone: "Paris", in: directory) else { continue }
            // Wrong perhaps, but a calendar: days begin, times come.
            let day = calendar.day(of: now)
            #expect(calendar.start(of: day) <= now)
            #expect(calendar.next(try TimeOfDay("06:00"), after: now) > now)
        }
    }

    @Test(
        "footers of the TZ notation, tried through a file that has nothing else",
        arguments: [
            ("EST5EDT,M3.2.0,M11.1.0", "2026-07-01T00:00:00Z", -14_400),
            ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-01-01T00:00:00Z", 39_600),
            ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-01T00:00:00Z", 0),
            ("AAA0BBB,J60/0,J300/0", "2028-03-01T00:00:00Z", 3_600),
            ("AAA0BBB,J60/0,J300/0", "2028-02-29T23:59:59Z", 0),
            ("AAA0BBB,59/0,300/0", "2028-02-29T00:00:00Z", 3_600),
            (
                "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
                "2026-03-29T01:00:00Z", -3_600
            ),
            ("XXX3EDT4,0/0,J365/23", "2026-12-31T23:30:00Z", -14_400), ("JST-9", "2026-01-01T00:00:00Z", 32_400),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "9999-07-01T00:00:00Z", 7_200),
        ])
    func footers(_ text: String, _ moment: String, _ offset: Int) throws {
        let (keeper, directory) = try folder("Zone", Self.file(footer: text))
        let instant = try #require(Instant(rfc3339: moment))
        #expect(try CivilCalendar(zone: "Zone", in: directory).secondsFromUTC(at: instant) == offset, "\(keeper.path)")
    }

    @Test(
        "footers that are none make the zone unreadable",
        arguments: [
            "5", "EST", "EST5EDT", "EST5EDT,M13.1.0,M11.1.0", "EST5EDT,M3.2.0", "EST5EDT,M3.2.0,M11.1.0,", "E5",
            "EST25",
            "EST5:60", "<EST5", "EST5EDT,J0,J1", "EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.2.0/168,M11.1.0",
        ])
    func notFooters(_ text: String) throws {
        let (keeper, directory) = try folder("Zone", Self.file(footer: text))
        #expect(throws: CalendarError.damagedZone("Zone"), "\(keeper.path)") {
            try CivilCalendar(zone: "Zone", in: directory)
        }
    }

    /// A version 2 file (RFC 9636, section 3) with one type, UTC, no changes, and a footer.
    private static func file(footer: String) -> [UInt8] {
        let header = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
        let counts: [UInt8] = [0, 0, 0, 0, 1, 4].flatMap { [0, 0, 0, $0] }
        let block: [UInt8] = [0, 0, 0, 0, 0, 0] + Array("UTC\0".utf8)
        return (header + counts + block) + (header + counts + block) + Array("\n\(footer)\n".utf8)
    }
}
