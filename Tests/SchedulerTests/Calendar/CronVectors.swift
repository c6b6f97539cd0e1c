// The cron cases of shared/vectors/calendar as typed values; ORIGINS.md there names their sources.
import Encoding
import Scheduler
import TestSupport
import Testing

/// One case of sanctuary_expected.json or peers_next.json.
struct CronCase: Sendable, CustomTestStringConvertible {
    let expression: String
    let zone: String
    let from: Instant
    /// The instants, and for our own cases how each came about.
    let expected: [(at: Instant, how: String)]
    let peerAgrees: Bool?

    var testDescription: String { "\(expression) in \(zone) after \(from.rfc3339)" }
    var key: String { "\(expression)|\(zone)|\(from.rfc3339)" }

    init(_ json: JSON) throws {
        expression = try #require(json["expr"]?.string)
        zone = try #require(json["tz"]?.string)
        from = try #require(json["frm"]?.string.flatMap { Instant(rfc3339: $0) })
        let list = try #require(json["expect"]?.array ?? json["next"]?.array)
        expected = try list.map { entry in
            (
                try #require((entry.string ?? entry["at"]?.string).flatMap { Instant(rfc3339: $0) }),
                entry["how"]?.string ?? ""
            )
        }
        peerAgrees = json["peer_agrees"]?.bool
    }

    static func all(_ file: String) throws -> [CronCase] {
        try CronCase.rows(file).map { try CronCase($0) }
    }

    static func rows(_ file: String) throws -> [JSON] {
        try JSON.parse(SharedData.bytes("vectors/calendar/\(file)")).array ?? []
    }

    /// What our rules give, as many as expected; nothing for an expression that never occurs.
    func found() throws -> [CronOccurrence] {
        let cron = try CronExpression(expression)
        let calendar = try CivilCalendar(zone: zone)
        var found: [CronOccurrence] = []
        var at = from
        while found.count < max(1, expected.count) {
            do throws(CalendarError) {
                let next = try cron.next(after: at, in: calendar)
                found.append(next)
                at = next.at
            } catch {
                #expect(error == .cron(.never(expression)))
                break
            }
        }
        return found
    }
}
