// What must hold of every zone and every expression: random ones, tried against the plainest reading of the rules.
import Encoding
import Foundation
import Scheduler
import TestSupport
import Testing

/// Zones of every kind: whole, half and quarter hours, clock changes at midnight, skipped days, two changes in Ramadan.
private let zones = [
    "UTC", "Europe/Paris", "Europe/London", "Europe/Dublin", "America/New_York", "America/St_Johns",
    "America/Havana", "America/Santiago", "America/Asuncion", "America/Sao_Paulo", "America/Caracas",
    "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tehran", "Asia/Beirut", "Asia/Gaza", "Asia/Amman", "Asia/Pyongyang",
    "Africa/Cairo", "Africa/Casablanca", "Africa/Monrovia", "Australia/Lord_Howe", "Australia/Adelaide",
    "Pacific/Apia", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Norfolk", "Antarctica/Troll", "America/Nuuk",
    "America/Godthab",
]

/// Seeded, so that a failure is found again.
private struct Dice {
    var state: UInt64
    mutating func roll(_ range: ClosedRange<Int>) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return range.lowerBound + Int((state >> 33) % UInt64(range.count))
    }
    mutating func pick<T>(_ list: [T]) -> T {
        list[roll(0...list.count - 1)]
    }

    /// An expression in minutes whose hours lie where clocks are changed more often than not.
    mutating func expression() -> String {
        let minute = pick(["0", "30", "\(roll(0...59))", "*/\(roll(1...59))", "5,35", "10-20/5", "*"])
        let hour = pick(["\(roll(0...23))", "0", "1-3", "2", "*", "*/\(roll(1...23))", "23,0,1"])
        let day = pick(["*", "*", "*", "\(roll(1...31))", "*/2", "25-31"])
        return "\(minute) \(hour) \(day) * \(pick(["*", "*", "*", "0", "1-5", "sun,wed"]))"
    }
}

private func at(_ seconds: Int64) -> Instant {
    Instant(unixMilliseconds: seconds * 1_000)
}

@Suite struct CalendarPropertyTests {
    /// Seconds at which a zone's clock is changed, within some years; found by halving, so only by offsets.
    private func changes(of calendar: CivilCalendar, from: Int64, days: Int64) -> [Int64] {
        var found: [Int64] = []
        for day in 0..<days {
            var low = from + day * 86_400
            var high = low + 86_400
            guard calendar.secondsFromUTC(at: at(low)) != calendar.secondsFromUTC(at: at(high)) else { continue }
            while high - low > 1 {
                let middle = (low + high) / 2
                if calendar.secondsFromUTC(at: at(middle)) == calendar.secondsFromUTC(at: at(low)) {
                    low = middle
                } else {
                    high = middle
                }
            }
            found.append(high)
        }
        return found
    }

    /// Every occurrence of an expression within some minutes, by the rules' words alone: try each minute.
    private func occurrences(
        of cron: CronExpression, in calendar: CivilCalendar, from: Int64, minutes: Int64
    ) throws -> [Int64] {
        let utc = try CivilCalendar(zone: "UTC")
        // The reading of each minute's clock, over a day more on either side.
        let margin: Int64 = 1_500
        var readings: [(second: Int64, local: Int64)] = []
        for minute in -margin..<minutes + margin {
            let second = from + minute * 60
            readings.append((second, second + Int64(calendar.secondsFromUTC(at: at(second)))))
        }
        let window = from + 1...from + minutes * 60
        if cron.isRecurring {
            return readings.filter { window.contains($0.second) && cron.matches(at($0.local), in: utc) }.map(\.second)
        }
        var first: [Int64: Int64] = [:]
        for reading in readings where first[reading.local] == nil { first[reading.local] = reading.second }
        var found: Set<Int64> = []
        for local in stride(from: readings[0].local, through: readings[readings.count - 1].local, by: 60)
        where cron.matches(at(local), in: utc) {
            if let second = first[local] {
                found.insert(second)
            } else {
                // The clock skipped it: the first minute whose clock reads later than all before it and than this.
                let end = readings.firstIndex { $0.local > local }.map { readings[$0] }
                let before = readings.last { $0.local < local && $0.second < end?.second ?? .max }
                if let end, let before, end.local - before.local <= 3 * 3_600 + 60 { found.insert(end.second) }
            }
        }
        return found.filter { window.contains($0) }.sorted()
    }

    @Test(
        "next is strictly later, none is skipped and none made up: every minute tried around clock changes",
        arguments: zones)
    func everyMinute(_ zone: String) throws {
        let calendar = try CivilCalendar(zone: zone)
        var dice = Dice(state: zone.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        let changes = changes(of: calendar, from: 1_230_768_000, days: 9_000)
        for _ in 0..<12 {
            let text = dice.expression()
            let cron = try CronExpression(text)
            let near = changes.isEmpty ? 1_599_999_960 + Int64(dice.roll(0...90_000)) * 60 : dice.pick(changes)
            // On a minute of the local clock, whatever the offset.
            let from = near - Int64(dice.roll(0...2_000)) * 60
            let expected = try occurrences(of: cron, in: calendar, from: from, minutes: 4_000)
            var found: [Int64] = []
            var now = at(from)
            while found.count <= expected.count {
                let next: CronOccurrence
                do throws(CalendarError) { next = try cron.next(after: now, in: calendar) } catch { break }
                #expect(next.at > now, "\(text) in \(zone) after \(now)")
                guard next.at <= at(from + 4_000 * 60) else { break }
                if next.movedFrom == nil { #expect(cron.matches(next.at, in: calendar), "\(text) in \(zone)") }
                now = next.at
                found.append(now.unixMilliseconds / 1_000)
            }
            #expect(found == expected, "\(text) in \(zone) from \(from)")
        }
    }

    @Test("a day has its time once, whatever the clock does: 25 years of days, one after the other", arguments: zones)
    func once(_ zone: String) throws {
        let calendar = try CivilCalendar(zone: zone)
        var dice = Dice(state: 3 &+ UInt64(zone.utf8.count))
        for time in try ["00:00", "02:30", "0\(dice.roll(0...9)):15"].map({ try TimeOfDay($0) }) {
            var previous: Instant?
            for number in Int64(14_000)..<23_000 {
                let day = CivilDate(daysSinceEpoch: number)
                guard let found = calendar.occurrence(of: time, on: day) else {
                    #expect(!calendar.exists(day))
                    continue
                }
                if let previous {
                    #expect(found > previous, "\(day) \(time) in \(zone)")
                    // From any moment before it the same day's time is found, not skipped and not doubled.
                    if number % 29 == 0 { #expect(calendar.next(time, after: previous) == found) }
                }
                previous = found
            }
        }
    }

    @Test("days follow one another without gap or overlap, and begin at their first instant", arguments: zones)
    func days(_ zone: String) throws {
        let calendar = try CivilCalendar(zone: zone)
        var day = try #require(CivilDate("2009-01-01"))
        while day.year < 2034 {
            let (start, end) = (calendar.start(of: day), calendar.end(of: day))
            #expect(calendar.day(of: start) == day && end > start, "\(day) in \(zone)")
            // The instant before belongs to another day: the one before or, after a clock put back, to it again.
            #expect(calendar.day(of: start.adding(milliseconds: -1)) < day, "\(day) in \(zone)")
            day = calendar.day(after: day)
            #expect(calendar.start(of: day) == end, "\(day) in \(zone)")
        }
    }

    @Test("offsets agree with the toolchain's own rules, which come from elsewhere", arguments: zones)
    func offsets(_ zone: String) throws {
        let calendar = try CivilCalendar(zone: zone)
        let other = try #require(TimeZone(identifier: zone))
        var differing = 0
        for hour in stride(from: Int64(347_000), to: 560_000, by: 13) {
            let second = hour * 3_600 + 1_800
            let expected = other.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second)))
            if calendar.secondsFromUTC(at: at(second)) != expected { differing += 1 }
        }
        // The two editions of the data may be a year apart: what a zone decided lately, one of them does not know.
        #expect(differing * 50 < 16_385, "\(zone): \(differing)")
    }

    @Test("the rule of a zone holds for ever: 400 years later the clock reads the same")
    func forEver() throws {
        for zone in ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "UTC"] {
            let calendar = try CivilCalendar(zone: zone)
            var dice = Dice(state: 11)
            for _ in 0..<200 {
                let second = 2_200_000_000 + Int64(dice.roll(0...2_000_000_000))
                for periods in Int64(1)...30 {
                    let later = second + periods * 146_097 * 86_400
                    #expect(calendar.secondsFromUTC(at: at(later)) == calendar.secondsFromUTC(at: at(second)))
                }
            }
        }
    }
}
