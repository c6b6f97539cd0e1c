// `sanctuary nightly`: every resident that is due, once.
import Community
import Encoding
import Engine
import Files
import Providers
import Scheduler

extension Commands {
    static let nightly = CommandSpecification(
        name: "nightly", summary: "every resident that is due, once",
        options: [
            .value("date", "DAY", "the civil day whose night it is, such as 2026-11-21 (else today)"),
            .value("jobs", "N", "how many runs at once (else the setting nightly.jobs)"),
            .list("only", "RESIDENT", "only these", kind: .resident),
            .flag("batch", "ask in batches where the provider takes them: half the price, within a day"),
            .value("report", "FILE", "also write the night's report as a page (HTML) to FILE", kind: .file),
            .flag("dry-run", "who is due, with worst-case tokens and cost; no model is called"),
        ],
        details: """
            Exit code 3 when a run of the night failed or is parked, also where an earlier start left it so and it is
            not tried again; a run that is skipped for want of a provider is no failure.
            """,
        stopsGently: true
    ) { call in
        let order = try NightOrder(call)
        if call.arguments.has("dry-run") {
            return try await call.withPlanner { planner in
                let plan = try await order.plan(planner.house, planner.engine)
                planner.show(
                    try await planner.house.residents(plan.due), day: plan.day, trigger: plan.trigger,
                    settled: plan.settled,
                    earlier: plan.earlier)
                return .success
            }
        }
        return try await call.withWorkshop(on: order.day) { try await order.run($0) }
    }
}

/// What one call of `nightly` is to do.
private struct NightOrder: Sendable {
    let call: Invocation
    let calendar: CivilCalendar
    let day: CivilDate
    let jobs: Int
    /// Where the page of the night goes, if anywhere.
    let page: String?

    init(_ call: Invocation) throws {
        self.call = call
        // A page that cannot be written is told before the night, not after it.
        page = try call.arguments.value("report").map { try call.fileToWrite($0, option: "--report") }
        calendar = try call.calendar()
        day = try Commands.day(call.arguments.value("date")) ?? calendar.day(of: call.surroundings.time.now())
        if let text = call.arguments.value("jobs") {
            guard let jobs = Int(text), Settings.jobs.contains(jobs) else {
                throw CommandError.usage("'--jobs \(shown(text))' is no number from 1 to \(Settings.jobs.upperBound)")
            }
            self.jobs = jobs
        } else {
            jobs = try call.settings().nightlyJobs
        }
    }

    func night(_ engine: RunEngine) throws -> Night {
        try Night(engine: engine, calendar: calendar, weeklyDay: call.settings().weeklyDay, stop: call.stop)
    }

    func plan(_ house: House, _ engine: RunEngine) async throws -> NightPlan {
        let names = call.arguments.list("only")
        let only = names.isEmpty ? nil : Set(try await house.residents().chosen(names).map(\.id))
        return try await night(engine).plan(day: day, only: only)
    }

    /// Days to come are for trying the program: played early they would give real residents their tokens, and the
    /// operator's budget, again and again.
    private func refuseToBorrow(_ plan: NightPlan, _ workshop: Invocation.Workshop) async throws {
        guard day > calendar.day(of: call.surroundings.time.now()) else { return }
        let real = try await workshop.house.residents(plan.due).filter { resident in
            ModelName(resident.model).map { !workshop.router.isRehearsal($0) } ?? true
        }
        guard let first = real.first else { return }
        throw CommandError.usage(
            "'\(day)' has not come yet, and \(shown(first.name)) has a real model",
            hint: "only rehearsed residents can play a night ahead of its day; narrow it with '--only'")
    }

    func run(_ workshop: Invocation.Workshop) async throws -> ExitCode {
        let plan = try await plan(workshop.house, workshop.engine)
        try await refuseToBorrow(plan, workshop)
        await call.ruleMidnights(workshop.house)
        let progress = NightProgress(output: call.output, time: call.surroundings.time)
        let call = call
        // Time passes for the reader also while no run ends.
        let clock = Task {
            while !Task.isCancelled {
                try await systemSleep(milliseconds: 1_000)
                progress.tick()
            }
        }
        defer { clock.cancel() }
        let summary = try await night(workshop.engine).run(
            plan, jobs: jobs, byBatch: call.arguments.has("batch")
        ) { event in
            switch event {
            case .began(let due): progress.began(due: due)
            case .started: progress.started()
            case .tookIn(let spool): call.report(spool)
            case .ended(let report):
                call.show(report, workshop.lines)
                progress.ended(report)
            }
        }
        clock.cancel()
        // A last look that was under way would draw its block below the report.
        _ = await clock.result
        show(summary, plan)
        if let page {
            let document = NightPage(
                summary: summary, plan: plan, writtenAt: call.surroundings.time.now(),
                isRehearsed: workshop.lines.isRehearsed
            ).document
            try Files.writeDurably(Array(document.utf8), to: page)
            call.output.note("the report is in \(shown(call.arguments.value("report") ?? page, limit: 300))")
        }
        try await tellFailedEarlier(plan, workshop.house)
        return call.verdict(summary.reports, notBegun: summary.notBegun, givenUp: plan.failedEarlier.count)
    }

    private func show(_ summary: NightSummary, _ plan: NightPlan) {
        if call.output.isJSON { return call.output.event(summary.json(failedEarlier: plan.failedEarlier.count)) }
        var parts = [RunState.done, .failed, .parked, .skipped, .missed]
            .filter { $0 == .done || summary.count($0) > 0 }.map { "\(summary.count($0)) \($0.rawValue)" }
        if summary.notBegun > 0 { parts.append("\(summary.notBegun) not begun") }
        if plan.settled > 0 { parts.append("\(plan.settled) had their run already") }
        parts += plan.earlier.map { "\($0.count) \($0.state.rawValue) earlier" }
        let facts = [
            "\(Amounts.whole(summary.charged)) tokens charged", Amounts.dollars(picoUSD: summary.costPicoUSD),
            Amounts.duration(milliseconds: summary.milliseconds),
        ]
        call.output.result(
            "night of \(summary.day): \(parts.joined(separator: ", "))  \(facts.joined(separator: ", "))")
        for line in summary.details() { call.output.result(line) }
    }

    /// A run that failed is final for its night, and so is one that would be parked again: who it was is said, and
    /// what can be done.
    private func tellFailedEarlier(_ plan: NightPlan, _ house: House) async throws {
        guard !plan.failedEarlier.isEmpty else { return }
        let directory = try await house.residents()
        for (state, count) in plan.earlier {
            let runs = plan.failedEarlier.filter { $0.state == state }
            let names = runs.prefix(5).map { shown(directory[$0.resident]?.name ?? $0.resident.description) }
            let more = count > 5 ? ["…"] : []
            let isOne = count == 1
            let why = isOne ? runs.first?.reason.map { " (\(words(forReason: $0)))" } ?? "" : ""
            let what = state == .parked ? "\(isOne ? "was" : "were") parked" : "failed"
            call.output.warning(
                "the \(isOne ? "run" : "runs") of \(listed(names + more)) \(what) earlier in this night\(why) and "
                    + "\(isOne ? "is" : "are") not tried again",
                hint:
                    "'sanctuary run \(isOne ? names[0] : "NAME")' begins a manual run; "
                    + "'sanctuary runs --date \(plan.day)' lists the night")
        }
    }
}

extension NightPlan {
    /// How many runs failed earlier and how many are parked, those of the two that there are.
    var earlier: [(state: RunState, count: Int)] {
        [RunState.failed, .parked]
            .map { state in (state, failedEarlier.count { $0.state == state }) }
            .filter { $0.1 > 0 }
    }
}
