// Civil days in zones whose clocks jump, midnight included: data from tzdata and from the cron libraries of others.
import Encoding
import Scheduler
import TestSupport
import Testing

@Suite struct CalendarTests {
    @Test(
        "every anomalous midnight since 1970: the day begins at its first instant, and ends where the next begins",
        .enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func midnights() throws {
        let rows = try SharedData.text("vectors/calendar/midnight_anomalies.csv").split(separator: "\n").dropFirst()
        var calendars: [Substring: CivilCalendar] = [:]
        var checked = 0
        var differing: [Substring] = []
        for row in rows {
            let fields = row.split(separator: ",", omittingEmptySubsequences: false)
            guard fields[2] != "skipped_day", let day = CivilDate(String(fields[1])) else { continue }
            if calendars[fields[0]] == nil { calendars[fields[0]] = try? CivilCalendar(zone: String(fields[0])) }
            guard let calendar = calendars[fields[0]] else { continue }
            let text = fields[3].dropLast() + ".000Z"
            let expected = try #require(Instant(rfc3339: String(text)))
            checked += 1
            let start = calendar.start(of: day)
            if start != expected || calendar.day(of: start) != day
                || calendar.day(of: start.adding(milliseconds: -1)) >= day
            {
                differing.append(row)
            }
            let end = calendar.end(of: day)
            #expect(calendar.day(of: end) > day && end > start, "\(row)")
            #expect(calendar.start(of: calendar.day(after: day)) == end, "\(row)")
        }
        #expect(checked > 3_000)
        // The data is of tzdata 2025b: where the system has another edition, a few zones may have changed their mind.
        #expect(differing.count * 100 < checked, "\(differing.count) of \(checked): \(differing.prefix(5))")
        if try SharedData.isDataOf(edition: "2025b") { #expect(differing == []) }
    }

    @Test(
        "daily times: the first of two, and in a gap the first instant after it",
        .enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func dailyTimes() throws {
        let cases = try JSON.parse(SharedData.bytes("vectors/calendar/sanctuary_expected.json")).array ?? []
        var checked = 0
        for entry in cases {
            guard let parts = entry["expr"]?.string?.split(separator: " "), parts.count == 6, parts[0] == "0",
                let minute = Int(parts[1]), let hour = Int(parts[2]), parts[3...] == ["*", "*", "*"],
                let zone = entry["tz"]?.string, let from = entry["frm"]?.string.flatMap({ Instant(rfc3339: $0) }),
                let expected = entry["expect"]?[0]?["at"]?.string.flatMap({ Instant(rfc3339: $0) })
            else { continue }
            func two(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }
            let calendar = try CivilCalendar(zone: zone)
            #expect(
                calendar.next(try TimeOfDay("\(two(hour)):\(two(minute))"), after: from) == expected,
                "\(parts) in \(zone) after \(from.rfc3339)")
            checked += 1
        }
        #expect(checked >= 3, "only \(checked) cases are daily")
    }

    @Test("daily times over the clock changes of Paris, and of a zone that changes at midnight")
    func changes() throws {
        func at(_ text: String) throws -> Instant { try #require(Instant(rfc3339: text)) }
        let paris = try CivilCalendar(zone: "Europe/Paris")
        let night = try TimeOfDay("02:30")
        // The gap of 2026-03-29: half past two does not exist; the first instant after the gap is 03:00 summer time.
        #expect(paris.next(night, after: try at("2026-03-28T12:00:00.000Z")) == (try at("2026-03-29T01:00:00.000Z")))
        #expect(paris.next(night, after: try at("2026-03-29T01:00:00.000Z")) == (try at("2026-03-30T00:30:00.000Z")))
        // The overlap of 2026-10-25: once, at the first of the two.
        #expect(paris.next(night, after: try at("2026-10-24T12:00:00.000Z")) == (try at("2026-10-25T00:30:00.000Z")))
        #expect(paris.next(night, after: try at("2026-10-25T00:30:00.000Z")) == (try at("2026-10-26T01:30:00.000Z")))
        #expect(paris.next(night, after: try at("2026-10-25T01:30:00.000Z")) == (try at("2026-10-26T01:30:00.000Z")))
        let day = try #require(CivilDate("2026-03-29"))
        #expect(paris.end(of: day).milliseconds(since: paris.start(of: day)) == 23 * 3_600_000)
        // Beirut changes at midnight: 2026-03-29 begins at one o'clock.
        let beirut = try CivilCalendar(zone: "Asia/Beirut")
        #expect(beirut.start(of: day) == (try at("2026-03-28T22:00:00.000Z")))
        #expect(
            beirut.next(try TimeOfDay("00:00"), after: try at("2026-03-28T12:00:00.000Z"))
                == (try at("2026-03-28T22:00:00.000Z")))
        #expect(beirut.day(of: try at("2026-03-28T21:59:59.999Z")) == CivilDate("2026-03-28"))
        #expect(beirut.day(of: try at("2026-03-28T22:00:00.000Z")) == day)
        // Samoa had no 30 December 2011.
        let apia = try CivilCalendar(zone: "Pacific/Apia")
        let before = try #require(CivilDate("2011-12-29"))
        #expect(apia.day(after: before) == CivilDate("2011-12-31"))
    }

    @Test("weekdays, and what is no time or zone")
    func names() throws {
        let utc = try CivilCalendar(zone: "UTC")
        #expect(utc.weekday(of: try #require(CivilDate("2026-11-21"))) == "saturday")
        #expect(utc.weekday(of: try #require(CivilDate("2026-11-22"))) == "sunday")
        #expect(throws: CalendarError.unknownZone("Mars/Olympus")) { try CivilCalendar(zone: "Mars/Olympus") }
        for text in ["", "6:00", "24:00", "23:60", "06:00:00", "-1:00", "aa:bb", "٠٦:٠٠"] {
            #expect(throws: CalendarError.malformedTime(text)) { try TimeOfDay(text) }
        }
        #expect(try TimeOfDay("06:05").description == "06:05")
    }
}

extension SharedData {
    /// Whether the system's time zone data is of an edition.
    fileprivate static func isDataOf(edition: String) throws -> Bool {
        let index = try? readFile("\(ZoneDirectory.system.path)/tzdata.zi")
        return index.map { String(decoding: $0.prefix(64), as: UTF8.self).hasPrefix("# version \(edition)\n") } ?? false
    }
}
