// `sanctuary run`: manual single runs.
import Community
import Encoding
import Engine
import Providers
import Scheduler

extension Commands {
    static let run = CommandSpecification(
        name: "run", summary: "manual single run", operands: "RESIDENT...", operandKind: .resident, minimumOperands: 1,
        maximumOperands: CommandSpecification.unlimited,
        options: [.flag("dry-run", "print the plan without calling a model")],
        details: "A manual run costs tokens from the balance and never uses up the guaranteed run of the night.",
        stopsGently: true
    ) { call in
        let day = try call.calendar().day(of: call.surroundings.time.now())
        if call.arguments.has("dry-run") {
            return try await call.withPlanner { planner in
                let residents = try await planner.house.residents().chosen(call.arguments.operands)
                planner.show(residents, day: day, trigger: .manual)
                return .success
            }
        }
        return try await call.withWorkshop(on: day) { workshop in
            let residents = try await workshop.house.residents().chosen(call.arguments.operands)
            var reports: [RunReport] = []
            for resident in residents where !call.stop.isRequested {
                let report = await workshop.engine.run(resident, trigger: .manual, day: day)
                call.show(report, workshop.lines)
                reports.append(report)
            }
            return call.verdict(reports, notBegun: residents.count - reports.count)
        }
    }
}

extension Invocation {
    /// Prints what a run came to, and the words for the error behind a failure.
    func show(_ report: RunReport, _ lines: RunLines) {
        if output.isJSON {
            output.event(report.json(isRehearsed: lines.isRehearsed(report)))
        } else {
            output.result(lines.line(report))
        }
        guard let failure = report.failure else { return }
        output.error(worded(failure).about(shown(report.name)))
    }

    /// The exit code of runs: altered things first, then whether all is done.
    ///
    /// - Parameter givenUp: how many runs of the night failed or were parked before, and are not tried again.
    func verdict(_ reports: [RunReport], notBegun: Int, givenUp: Int = 0) -> ExitCode {
        if reports.contains(where: { $0.failure?.isIntegrityFailure ?? false }) { return .integrity }
        let isWhole =
            notBegun == 0 && givenUp == 0 && !reports.contains { $0.outcome == .failed || $0.outcome == .parked }
        return isWhole ? .success : .partial
    }
}
