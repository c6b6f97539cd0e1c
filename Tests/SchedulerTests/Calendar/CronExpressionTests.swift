// What a cron expression may say, and the error for each way of saying it wrongly.
import Encoding
import Scheduler
import Testing

@Suite struct CronExpressionTests {
    private let utc: CivilCalendar
    private let start: Instant

    init() throws {
        utc = try CivilCalendar(zone: "UTC")
        start = try #require(Instant(rfc3339: "2026-11-21T12:00:00Z"))
    }

    private func next(_ text: String, _ count: Int = 1) throws -> [String] {
        let cron = try CronExpression(text)
        var at = start
        return try (0..<count).map { _ in
            at = try cron.next(after: at, in: utc).at
            return String(at.rfc3339.prefix(19))
        }
    }

    @Test(
        "five fields, leading seconds, a trailing year, both; names, ranges, lists, steps",
        arguments: [
            ("0 6 * * *", "2026-11-22T06:00:00"), ("30 0 6 * * *", "2026-11-22T06:00:30"),
            ("0 6 * * * 2028", "2028-01-01T06:00:00"), ("30 0 6 1 1 ? 2027-2029/2", "2027-01-01T06:00:30"),
            ("0 6 * * * *", "2026-11-21T12:06:00"), ("0 6 ? * mon-fri", "2026-11-23T06:00:00"),
            ("0 6 * dec,FEB *", "2026-12-01T06:00:00"), ("0 6 * * Sat-Sun", "2026-11-22T06:00:00"),
            ("0 6 * * 7", "2026-11-22T06:00:00"), ("0 6 * * 0", "2026-11-22T06:00:00"),
            ("*/25 13 * * *", "2026-11-21T13:00:00"), ("5/20 13 * * *", "2026-11-21T13:05:00"),
            ("0 6 13 * fri", "2026-11-27T06:00:00"), ("0 6 13 * *", "2026-12-13T06:00:00"),
            ("0 6 */13 * fri", "2026-11-27T06:00:00"), ("\t0  6\t* * *  ", "2026-11-22T06:00:00"),
            ("0 0 29 2 *", "2028-02-29T00:00:00"), ("@yearly", "2027-01-01T00:00:00"),
            ("@Annually", "2027-01-01T00:00:00"), ("@monthly", "2026-12-01T00:00:00"),
            ("@weekly", "2026-11-22T00:00:00"), ("@daily", "2026-11-22T00:00:00"),
            ("@midnight", "2026-11-22T00:00:00"), ("@hourly", "2026-11-21T13:00:00"),
        ])
    func forms(_ text: String, _ first: String) throws {
        #expect(try next(text) == [first])
    }

    @Test(
        "the error names the field and the value",
        arguments: [
            ("", .fieldCount(0)), ("0 6 * *", .fieldCount(4)), ("0 0 6 * * ? 2026 x", .fieldCount(8)),
            ("60 6 * * *", .outOfRange(.minute, "60")), ("0 24 * * *", .outOfRange(.hour, "24")),
            ("60 0 6 * * *", .outOfRange(.second, "60")), ("0 6 0 * *", .outOfRange(.dayOfMonth, "0")),
            ("0 6 * 13 *", .outOfRange(.month, "13")), ("0 6 * * 8", .outOfRange(.dayOfWeek, "8")),
            ("0 6 * * * 1969", .outOfRange(.year, "1969")), ("0 6 * * mun", .malformed(.dayOfWeek, "mun")),
            ("0 6, * * *", .malformed(.hour, "")), ("-1 6 * * *", .malformed(.minute, "-1")),
            ("0 6 * * 1-", .malformed(.dayOfWeek, "1-")), ("0 8-6 * * *", .reversed(.hour, "8-6")),
            ("0 */0 * * *", .step(.hour, "*/0")), ("*/60 * * * *", .step(.minute, "*/60")),
            ("/5 * * * *", .malformed(.minute, "/5")), ("*/x * * * *", .malformed(.minute, "*/x")),
            ("* * L * *", .unsupported(.dayOfMonth, "L")), ("* * 15W * *", .unsupported(.dayOfMonth, "15W")),
            ("* * * * 5#2", .unsupported(.dayOfWeek, "5#2")), ("H 6 * * *", .unsupported(.minute, "H")),
            ("@reboot", .nickname("@reboot")), ("@daily 5", .nickname("@daily 5")),
            ("00000 6 * * *", .malformed(.minute, "00000")), ("٣ 6 * * *", .malformed(.minute, "٣")),
            (String(repeating: "0,", count: 200) + "0 6 * * *", .tooLong),
        ] as [(String, CronFault)])
    func faults(_ text: String, _ fault: CronFault) {
        #expect(throws: CalendarError.cron(fault)) { try CronExpression(text) }
    }

    @Test("what never comes is refused after eight years, not sought for ever")
    func never() throws {
        for text in ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 6 * * * 2025", "0 6 * * * 2036"] {
            #expect(throws: CalendarError.cron(.never(text))) { try CronExpression(text).next(after: start, in: utc) }
        }
        // A leap day is never further than eight years.
        let leap = try CronExpression("0 0 29 2 *")
        let before = try #require(Instant(rfc3339: "2096-02-29T00:00:00Z"))
        #expect(try leap.next(after: before, in: utc).at == Instant(rfc3339: "2104-02-29T00:00:00Z"))
    }
}
