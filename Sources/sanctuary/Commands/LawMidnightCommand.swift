// `sanctuary law midnight`: asks the laws of midnight for every civil day that was missed; the night does so by itself.
import Encoding
import Engine
import Scheduler

extension Invocation {
    /// Asks the laws of midnight before a night; what keeps them from deciding keeps no resident from its run.
    func ruleMidnights(_ house: House) async {
        do {
            let report = try await house.ruleMidnights(ZoneDays(in: environment.zones))
            for doubt in report.doubts {
                output.warning("in doubt about the clock, no law of midnight decided: \(doubt)")
            }
        } catch {
            output.warning("the laws of midnight were not asked: \(worded(error).message)")
        }
    }
}

extension Commands {
    static let lawMidnight = CommandSpecification(
        name: "midnight", summary: "decide on things with deadlines, for every midnight that passed",
        options: [.flag("accept-gap", "also after more than 400 missed days")],
        details: "'nightly' does this by itself before its runs, and the daemon at the first instant of each day."
    ) { call in
        try await call.withHouse(.writer) { house in
            let report = try await house.ruleMidnights(
                ZoneDays(in: call.environment.zones), acceptsGap: call.arguments.has("accept-gap"))
            show(report, call.output)
            return report.doubts.isEmpty ? .success : .failure
        }
    }

    private static func show(_ report: MidnightReport, _ output: Output) {
        for doubt in report.doubts { output.warning("in doubt about the clock, nothing decided: \(doubt)") }
        if output.isJSON {
            output.document([
                "days": .array(report.days.map { .string($0) }),
                "decisions": .array(
                    report.decisions.map {
                        [
                            "law": .string($0.law), "thing": .string($0.thing.description),
                            "day": .string($0.day.description), "triage": .string($0.triage),
                            "dispute": .bool($0.isDisputed),
                        ]
                    }), "doubts": .array(report.doubts.map { .string($0) }),
            ])
            return
        }
        for decision in report.decisions {
            output.result(
                "\(decision.day)  \(decision.law)  \(decision.thing)  \(decision.triage)"
                    + (decision.isDisputed ? ", in dispute" : ""))
        }
        output.result("\(counted(report.days.count, "midnight")), \(counted(report.decisions.count, "decision"))")
    }
}
