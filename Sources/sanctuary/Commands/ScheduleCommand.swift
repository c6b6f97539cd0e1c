// `sanctuary schedule next`: the coming times of the settings' nights, or of a cron expression.
import Encoding
import Engine
import Scheduler

extension Commands {
    static let schedule = CommandSpecification(
        name: "schedule", summary: "when what comes",
        subcommands: [
            CommandSpecification(
                name: "next", summary: "the coming nights, or the coming times of a cron expression",
                operands: "[CRON]", maximumOperands: 1,
                options: [
                    .value("count", "N", "how many (else 5)"),
                    .value("from", "TIME", "after this instant or day, such as 2026-11-21T06:00:00Z (else now)"),
                    .value("timezone", "ZONE", "the zone (else that of the settings)"),
                ],
                details: "CRON is one word: quote it. The rules are in docs/scheduling.md."
            ) { call in
                let preview = try SchedulePreview(call)
                if let text = call.operand(0) {
                    try preview.show(CronExpression(text), call.output)
                } else {
                    try preview.showNights(call)
                }
                return .success
            }
        ])
}

/// What one call of `schedule next` looks at.
private struct SchedulePreview {
    let calendar: CivilCalendar
    let from: Instant
    let count: Int

    private static let counts = 1...1_000

    init(_ call: Invocation) throws {
        let zone = try call.arguments.value("timezone") ?? call.settingsIfAny().engine.timezone
        let calendar = try CivilCalendar(zone: zone, in: call.environment.zones)
        self.calendar = calendar
        if let text = call.arguments.value("count") {
            guard let count = Int(text), Self.counts.contains(count) else {
                throw CommandError.usage("'--count \(shown(text))' is no number from 1 to \(Self.counts.upperBound)")
            }
            self.count = count
        } else {
            count = 5
        }
        if let text = call.arguments.value("from") {
            let midnight = CivilDate(text).map { calendar.start(of: $0).adding(milliseconds: -1) }
            guard let from = midnight ?? Instant(rfc3339: text) else {
                throw CommandError.usage(
                    "'\(shown(text))' is no instant", hint: "write it as 2026-11-21T06:00:00+01:00, or as 2026-11-21")
            }
            self.from = from
        } else {
            from = call.surroundings.time.now()
        }
    }

    func show(_ cron: CronExpression, _ output: Output) throws {
        var found: [CronOccurrence] = []
        while found.count < count {
            do throws(CalendarError) {
                found.append(try cron.next(after: found.last?.at ?? from, in: calendar))
            } catch {
                // An expression that ends, such as one with a year, has fewer.
                guard !found.isEmpty, case .cron(.never) = error else { throw error }
                break
            }
        }
        if output.isJSON {
            let list = found.map { occurrence in
                var facts = times(occurrence.at)
                if let moved = occurrence.movedFrom { facts["movedFrom"] = .string(moved) }
                return JSON.object(facts)
            }
            return output.document([
                "expression": .string(cron.text), "timezone": .string(calendar.zone), "next": .array(list),
            ])
        }
        let isMoved = found.contains { $0.movedFrom != nil }
        var table = Table(columns: [.text("LOCAL"), .text("UTC")] + (isMoved ? [.text("THE CLOCK SKIPS")] : []))
        for occurrence in found {
            var row = [Table.Cell(calendar.text(of: occurrence.at)), Table.Cell(Amounts.instant(occurrence.at))]
            if isMoved { row.append(Table.Cell(occurrence.movedFrom ?? "")) }
            table.rows.append(row)
        }
        output.result(table)
    }

    func showNights(_ call: Invocation) throws {
        let settings = try call.settingsIfAny()
        let time = try TimeOfDay(settings.nightlyAt)
        let weeklyDay = settings.weeklyDay
        var nights: [(at: Instant, day: CivilDate, isWeekly: Bool)] = []
        var day = calendar.day(of: from)
        while nights.count < count {
            if let at = calendar.occurrence(of: time, on: day), at > from {
                nights.append((at, day, calendar.weekday(of: day) == weeklyDay))
            }
            day = calendar.day(after: day)
        }
        if call.output.isJSON {
            let list = nights.map { night in
                var facts = times(night.at)
                facts["day"] = .string(night.day.description)
                facts["trigger"] = .string(night.isWeekly ? "weekly" : "nightly")
                return JSON.object(facts)
            }
            return call.output.document(["timezone": .string(calendar.zone), "next": .array(list)])
        }
        var table = Table(columns: [.text("LOCAL"), .text("UTC"), .text("NIGHT OF"), .text("RUN")])
        for night in nights {
            table.rows.append([
                Table.Cell(calendar.text(of: night.at)), Table.Cell(Amounts.instant(night.at)),
                Table.Cell("\(night.day) \(calendar.weekday(of: night.day))"),
                Table.Cell(night.isWeekly ? "weekly" : "nightly"),
            ])
        }
        call.output.result(table)
    }

    private func times(_ at: Instant) -> JSONObject {
        ["at": .string(at.rfc3339), "local": .string(calendar.text(of: at))]
    }
}
