// Our cron rules against the 150 expected results, and against what nine other programs' tests say.
import Encoding
import Scheduler
import TestSupport
import Testing

@Suite(.enabled(if: SharedData.isPresent, "needs the shared vectors"))
struct CronVectorTests {
    @Test("all 150 expected results of sanctuary_expected.json, with how each came about; refused where none is")
    func expected() throws {
        let cases = try CronCase.all("sanctuary_expected.json")
        #expect(cases.count == 150)
        for entry in cases {
            let found = try entry.found()
            #expect(found.map(\.at) == entry.expected.map(\.at), "\(entry.testDescription)")
            for (occurrence, expected) in zip(found, entry.expected) {
                let how = occurrence.movedFrom.map { "gap-shifted from \($0)" } ?? "exact"
                #expect(how == expected.how, "\(entry.testDescription)")
            }
        }
        #expect(cases.filter(\.expected.isEmpty).count == 3)
    }

    /// Cases of peers_next.json that sanctuary_expected.json does not repeat: Temporal skips a gap and repeats a fold.
    private static let temporal: [String: [String]] = [
        "33 33 2 * * * *|US/Pacific|2022-03-12T04:00:00.000Z": ["2022-03-12T10:33:33Z", "2022-03-13T10:00:00Z"],
        "33 33,44 1 * * * *|US/Pacific|2021-11-07T07:15:15.000Z": [
            "2021-11-07T08:33:33Z", "2021-11-07T08:44:33Z", "2021-11-08T09:33:33Z", "2021-11-08T09:44:33Z",
            "2021-11-09T09:33:33Z",
        ],
        // Temporal wants both day fields to hold: Sunday 2 January 2005. Either is enough here: Sunday 2 January too.
        "0 1 0 2 1 0 *|Europe/London|2004-10-31T00:07:03.000Z": ["2005-01-02T00:01:00Z"],
    ]

    @Test("peers' occurrences: the same as ours but where the data lists the difference")
    func peers() throws {
        let ours = Dictionary(
            try CronCase.all("sanctuary_expected.json").map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        var differing = 0
        // Six rows are of systemd's own notation, not cron's.
        let rows = try CronCase.rows("peers_next.json").filter { $0["syntax"]?.string != "systemd-calendar" }
        #expect(rows.count == 138)
        for entry in try rows.map({ try CronCase($0) }) {
            let found = try entry.found().map(\.at)
            if let own = ours[entry.key] {
                let agrees = found == entry.expected.map(\.at)
                #expect(agrees == (own.peerAgrees ?? true), "\(entry.testDescription)")
                if !agrees { differing += 1 }
            } else {
                let listed = try #require(Self.temporal[entry.key], "\(entry.key)")
                #expect(found == listed.compactMap { Instant(rfc3339: $0) }, "\(entry.testDescription)")
            }
        }
        #expect(differing > 20)
    }

    @Test("peers' matches: the same as ours, but for Quartz's last days and weekdays, which are refused by name")
    func matches() throws {
        // A row that contradicts an equal one: in its origin the year differed.
        let contradictory = ["0 15 10 * * ? 2005 2005-06-01T10:15:00"]
        var refused = 0
        var differing: [String] = []
        for row in try CronCase.rows("peers_match.json") {
            let text = try #require(row["expr"]?.string)
            var at = try #require(row["at"]?.string)
            if !at.contains("+") { at += "Z" }
            let instant = try #require(Instant(rfc3339: at))
            let read = Result { () throws(CalendarError) in try CronExpression(text) }
            if case .failure(.cron(.unsupported(let field, _))) = read {
                #expect(field == .dayOfMonth && row["syntax"]?.string == "quartz", "\(text)")
                refused += 1
                continue
            }
            let cron = try read.get()
            if cron.matches(instant, in: try CivilCalendar(zone: "UTC")) != row["matches"]?.bool {
                differing.append("\(text) \(at.prefix(19))")
            }
        }
        // A day field that begins with a star does not widen the other: Vixie's rule, not robfig's.
        #expect(Set(differing) == Set(contradictory + ["* * */10 * Sun 2012-07-15T00:00:00"]))
        #expect(refused == 53)
    }

    @Test("every expression that peers refuse is refused, naming the field and the value")
    func invalid() throws {
        let rows = try CronCase.rows("peers_invalid.json")
        #expect(rows.count == 25)
        for row in rows {
            let text = try #require(row["expr"]?.string)
            #expect(throws: CalendarError.self, "\(text)") { try CronExpression(text) }
        }
    }
}
