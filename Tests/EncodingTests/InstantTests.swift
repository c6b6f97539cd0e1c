// RFC 3339 both ways, over the whole calendar.
import Encoding
import Glibc
import Testing

@Suite struct InstantTests {
    @Test(
        "reads the forms of RFC 3339",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.001Z", 1), ("1969-12-31T23:59:59.999Z", -1),
            ("2026-11-21T03:04:05.678Z", 1_795_230_245_678), ("2022-02-22T14:22:22.00-05:00", 1_645_557_742_000),
            ("2000-02-29T12:00:00+12:00", 951_782_400_000), ("2026-11-21T03:04:05.6789999Z", 1_795_230_245_678),
            ("2026-11-21T03:04:05.6Z", 1_795_230_245_600), ("2026-11-21T03:04:05.67-00:00", 1_795_230_245_670),
            ("0000-01-01T00:00:00Z", -62_167_219_200_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] as [(String, Int64)])
    func reads(text: String, milliseconds: Int64) {
        #expect(Instant(rfc3339: text)?.unixMilliseconds == milliseconds)
    }

    @Test(
        "refuses every other form and every date that does not exist",
        arguments: [
            "", "2026-11-21", "2026-11-21T03:04:05", "2026-11-21t03:04:05Z", "2026-11-21T03:04:05z",
            "2026-11-21 03:04:05Z", "2026-11-21T03:04Z", "2026-11-21T03:04:05.Z", "2026-11-21T03:04:05,1Z",
            "2026-11-21T03:04:05.0123456789Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z", "2026-11-21T24:00:00Z",
            "2026-11-21T03:60:05Z", "2016-12-31T23:59:60Z", "2026-11-21T03:04:05+24:00", "2026-11-21T03:04:05+01:60",
            "2026-11-21T03:04:05+0100", "2026-11-21T03:04:05Z ", " 2026-11-21T03:04:05Z", "+2026-11-21T03:04:05Z",
            "2026-11-21T03:04:05ZZ", "２026-11-21T03:04:05Z", "2026-1-21T03:04:05Z",
        ])
    func refuses(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test("agrees with the system's calendar on random instants and on every day of 800 years") func agrees() throws {
        var generator = SeededGenerator(seed: 11)
        var samples = (0..<292_194).map { Int64($0 - 146_097) * 86_400_000 }
        for _ in 0..<20_000 {
            samples.append(Int64.random(in: -62_167_219_200_000...253_402_300_799_999, using: &generator))
        }
        for milliseconds in samples {
            let text = Instant(unixMilliseconds: milliseconds).rfc3339
            guard Instant(rfc3339: text)?.unixMilliseconds == milliseconds, text == systemText(milliseconds) else {
                Issue.record("\(milliseconds) became \(text), the system says \(systemText(milliseconds))")
                return
            }
        }
    }

    @Test("has a text at the ends of its range and does not wrap") func ends() {
        #expect(Instant(unixMilliseconds: .max).rfc3339 == "+292278994-08-17T07:12:55.807Z")
        #expect(Instant(unixMilliseconds: .min).rfc3339 == "-292275055-05-16T16:47:04.192Z")
        #expect(Instant(unixMilliseconds: 253_402_300_800_000).rfc3339 == "+010000-01-01T00:00:00.000Z")
        #expect(Instant(unixMilliseconds: .max).adding(milliseconds: 1).unixMilliseconds == .max)
        #expect(Instant(unixMilliseconds: .min).adding(milliseconds: -1).unixMilliseconds == .min)
        #expect(Instant(unixMilliseconds: 5).adding(milliseconds: -7).unixMilliseconds == -2)
        let first = Instant(unixMilliseconds: .min)
        #expect(Instant(unixMilliseconds: 1).milliseconds(since: first) == .max)
        #expect(first.milliseconds(since: Instant(unixMilliseconds: 1)) == .min)
        #expect(first < Instant(unixMilliseconds: 0))
    }

    @Test("the system's clocks advance") func systemClocks() {
        let time = TimeSource.system
        let start = time.monotonicNanoseconds()
        #expect(time.now() > Instant(unixMilliseconds: 1_700_000_000_000))
        #expect(time.monotonicNanoseconds() >= start)
    }

    /// The same text by the C library's calendar.
    private func systemText(_ milliseconds: Int64) -> String {
        var seconds = time_t(milliseconds >= 0 ? milliseconds / 1000 : (milliseconds - 999) / 1000)
        let rest = Int(milliseconds) - seconds * 1000
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ value: Int, _ width: Int) -> String {
            String(repeating: "0", count: max(0, width - "\(value)".count)) + "\(value)"
        }
        let date = "\(padded(Int(parts.tm_year) + 1900, 4))-\(padded(Int(parts.tm_mon) + 1, 2))-"
        let hours = "\(padded(Int(parts.tm_mday), 2))T\(padded(Int(parts.tm_hour), 2)):"
        return date + hours + "\(padded(Int(parts.tm_min), 2)):\(padded(Int(parts.tm_sec), 2)).\(padded(rest, 3))Z"
    }
}
