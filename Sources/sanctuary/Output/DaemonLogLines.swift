// Which lines the daemon's events make, and how much each matters.
import Encoding
import Engine
import Providers
import Scheduler

extension DaemonLog {
    func lines(of event: DaemonEvent) -> [Line] {
        switch event {
        case .started: [Line(level: .notice, event: "started", fields: ["version": .string(Version.number)])]
        case .recovered(let report):
            report.resumed + report.parked == 0
                ? []
                : [
                    Line(
                        level: report.parked > 0 ? .warning : .notice, event: "recovered",
                        fields: ["resumed": number(report.resumed), "parked": number(report.parked)])
                ]
        case .tookIn(let report): lines(of: report)
        case .waiting(let night): [Line(level: .info, event: "waiting", fields: fields(of: night))]
        case .nightBegan(let plan, let isLate):
            [
                Line(
                    level: .notice, event: "night.began",
                    fields: [
                        "day": .string(plan.day.description), "trigger": .string(plan.trigger.rawValue),
                        "due": number(plan.due.count), "settled": number(plan.settled), "late": .bool(isLate),
                    ])
            ]
        case .run(let report): [line(of: report)]
        case .nightEnded(let summary, let retryAt): [line(of: summary, retryAt)]
        case .missed(let night, let residents):
            [
                Line(
                    level: .warning, event: "night.missed",
                    fields: fields(of: night).adding("residents", number(residents)))
            ]
        case .midnights(let report): lines(of: report)
        case .unrecorded(let nights):
            [Line(level: .warning, event: "nights.unrecorded", fields: ["nights": number(nights)])]
        case .doubt(let doubt): [line(of: doubt)]
        case .settled: [Line(level: .notice, event: "doubt.over")]
        case .reloaded: [Line(level: .notice, event: "settings.reloaded")]
        case .reloadRefused(let error): [line("settings.refused", worded(error))]
        case .fault(let error): [line("fault", worded(error))]
        case .stopping: [Line(level: .notice, event: "stopped")]
        }
    }

    private func number(_ number: Int) -> JSON { .integer(Int64(number)) }

    private func fields(of night: DueNight) -> JSONObject {
        ["day": .string(night.day.description), "at": .string(night.at.rfc3339)]
    }

    private func line(_ event: String, _ error: CommandError) -> Line {
        Line(
            level: .error, event: event,
            fields: ["error": .string(error.message), "hint": error.hint.map { .string($0) } ?? .null])
    }

    private func line(of doubt: Doubt) -> Line {
        var fields: JSONObject = ["kind": .string(doubt.kind)]
        switch doubt {
        case .clockJumped(let step), .clockBehind(let step): fields["ms"] = .integer(step)
        case .zone(let error): fields["error"] = .string(worded(error).message)
        }
        return Line(level: .error, event: "doubt", fields: fields)
    }

    private func line(of report: RunReport) -> Line {
        let level: Level =
            switch report.outcome {
            case .failed: .error
            case .parked, .skipped: .warning
            default: .info
            }
        if output.isJSON, let object = report.json(isRehearsed: isRehearsed(report)).object {
            return Line(level: level, event: "run", fields: object)
        }
        var fields: JSONObject = [
            "outcome": .string(report.outcome.rawValue), "resident": .string(report.resident.description),
            "run": .string(report.run.description), "trigger": .string(report.trigger.rawValue),
            "rounds": number(report.rounds), "charged": number(report.charged), "ms": number(report.milliseconds),
        ]
        if let reason = report.reason { fields["reason"] = .string(reason) }
        if let model = report.model { fields["model"] = .string(model) }
        if let cost = report.costPicoUSD { fields["costMicroUSD"] = .integer(Money.microUSD(roundingUp: cost)) }
        return Line(level: level, event: "run", fields: fields)
    }

    private func isRehearsed(_ report: RunReport) -> Bool {
        report.model.flatMap { ModelName($0) }.map { $0.provider == ModelName.rehearsal.provider } ?? false
    }

    private func line(of summary: NightSummary, _ retryAt: Instant?) -> Line {
        var fields: JSONObject = ["day": .string(summary.day.description)]
        for outcome in [RunState.done, .failed, .parked, .skipped] {
            fields[outcome.rawValue] = number(summary.count(outcome))
        }
        if summary.notBegun > 0 { fields["notBegun"] = number(summary.notBegun) }
        fields["charged"] = number(summary.charged)
        fields["costMicroUSD"] = .integer(Money.microUSD(roundingUp: summary.costPicoUSD))
        fields["ms"] = number(summary.milliseconds)
        if let retryAt { fields["retryAt"] = .string(retryAt.rfc3339) }
        return Line(level: summary.isWhole ? .notice : .warning, event: "night.ended", fields: fields)
    }

    private func lines(of report: MidnightReport) -> [Line] {
        var lines = report.decisions.map { decision in
            Line(
                level: decision.isDisputed ? .warning : .notice, event: "midnight.decided",
                fields: [
                    "law": .string(decision.law), "thing": .string(decision.thing.description),
                    "day": .string(decision.day.description), "triage": .string(decision.triage),
                    "dispute": .bool(decision.isDisputed),
                ])
        }
        lines += report.doubts.map { Line(level: .error, event: "midnight.doubt", fields: ["doubt": .string($0)]) }
        if !report.days.isEmpty {
            lines.append(
                Line(
                    level: .info, event: "midnights",
                    fields: ["days": number(report.days.count), "decisions": number(report.decisions.count)]))
        }
        return lines
    }

    private func lines(of report: SpoolReport) -> [Line] {
        var lines: [Line] = []
        if report.letters > 0 || !report.admitted.isEmpty {
            lines.append(
                Line(
                    level: .info, event: "spool",
                    fields: ["letters": number(report.letters), "admitted": number(report.admitted.count)]))
        }
        lines += report.refused.map { refusal in
            line("spool.refused", worded(refusal.error).about("spool/\(shown(refusal.file))"))
        }
        if let fault = report.fault { lines.append(line("spool.fault", worded(fault))) }
        return lines
    }
}

extension JSONObject {
    fileprivate func adding(_ key: String, _ value: JSON) -> JSONObject {
        var copy = self
        copy[key] = value
        return copy
    }
}
