// A night as a page: self-contained, without scripts, readable in light and dark and by a screen reader.
import Encoding
import Engine
import Providers
import Scheduler

/// The report of one night as HTML; public facts alone: names, counts, tokens, money, reasons.
struct NightPage: Sendable {
    /// So many rows have the lists of single runs.
    private static let listed = 20
    /// The bounds of the durations' classes, in milliseconds.
    private static let bounds = [1_000, 5_000, 15_000, 60_000, 300_000]

    let summary: NightSummary
    let plan: NightPlan
    let writtenAt: Instant
    let isRehearsed: @Sendable (RunReport) -> Bool

    /// The whole document.
    var document: String {
        let head = Markup.all([
            .empty("meta", [("charset", "utf-8")]),
            .empty("meta", [("name", "viewport"), ("content", "width=device-width, initial-scale=1")]),
            .empty(
                "meta",
                [
                    ("http-equiv", "Content-Security-Policy"),
                    ("content", "default-src 'none'; style-src 'unsafe-inline'"),
                ]),
            .element("title", "Night of \(summary.day)"), .element("style", Self.style),
        ])
        let sections: [Markup] = [outcomes, models, durations, slowest, refused, unfinished, earlier]
        let body = Markup.all([
            opening, .element("main", .all(sections.filter { !$0.source.isEmpty })), closing,
        ])
        return "<!DOCTYPE html>\n"
            + Markup.element("html", [("lang", "en")], .element("head", head) + .element("body", body)).source + "\n"
    }

    private var opening: Markup {
        let due = plan.due.count
        let rehearsed = summary.reports.count(where: isRehearsed)
        var sentences = [
            "\(counted(due, "\(plan.trigger.rawValue) run")) due, \(summary.reports.count) ended in "
                + "\(Amounts.duration(milliseconds: summary.milliseconds))."
        ]
        if plan.settled > 0 { sentences.append("\(plan.settled) had their run before.") }
        if rehearsed > 0 { sentences.append("\(rehearsed) rehearsed: a stand-in spoke, no model.") }
        var tiles = RunState.allCases.filter { $0 != .queued && $0 != .running }.map { state in
            (state.rawValue, "\(summary.count(state))")
        }
        tiles += [
            ("not begun", "\(summary.notBegun)"), ("tokens charged", Amounts.whole(summary.charged)),
            ("cost", cost(summary.costPicoUSD, isPriced: summary.models.allSatisfy(\.isPriced))),
            ("input from cache", percent(summary.usage.cachePercent)),
        ]
        let items = tiles.map { Markup.element("li", .element("b", $0.1) + .text($0.0)) }
        return .element(
            "header",
            .element("h1", "Night of \(summary.day)")
                + .element("p", [("class", "quiet")], sentences.joined(separator: " "))
                + .element("ul", [("class", "tiles")], .all(items)))
    }

    private var outcomes: Markup {
        guard !summary.reports.isEmpty else { return section("Runs", .element("p", "No run was due.")) }
        let all = summary.reports.count
        let bars = RunState.allCases.filter { summary.count($0) > 0 }.map { state in
            let count = summary.count(state)
            return ChartBar(
                label: state.rawValue,
                parts: [
                    ChartPart(label: "\(state.rawValue): \(count)", value: Int64(count), colour: state.chartColour)
                ],
                words: "\(count) of \(all)")
        }
        let chart = BarChart(
            id: "outcomes", title: "Runs by outcome", description: listed(bars.map { "\($0.label) \($0.words)" }),
            bars: bars)
        let rows = summary.endings.map { ending in
            [ending.outcome.rawValue, ending.reason.map { words(forReason: $0) } ?? "", "\(ending.count)"]
        }
        return section(
            "Runs by outcome",
            chart.markup
                + .table(
                    "Outcomes and reasons", columns: [("Outcome", false), ("Reason", false), ("Runs", true)], rows: rows
                ))
    }

    private var models: Markup {
        let models = summary.models
        guard !models.isEmpty else { return .none }
        let kinds: [(label: String, colour: StaticString, count: (TokenUsage) -> Int)] = [
            ("input", "blue", \.input), ("read from the cache", "sky", \.cacheRead),
            ("written to the cache", "purple", \.cacheWrite), ("output", "orange", \.output),
        ]
        let tokens = models.map { model in
            let parts = kinds.map { kind in
                let count = kind.count(model.usage)
                return ChartPart(
                    label: "\(kind.label): \(Amounts.whole(count))", value: Int64(count), colour: kind.colour)
            }
            let sum = parts.map { Int($0.value) }.saturatingSum
            return ChartBar(label: model.model.description, parts: parts, words: "\(Amounts.whole(sum)) tokens")
        }
        let costs = models.map { model in
            ChartBar(
                label: model.model.description,
                parts: [
                    ChartPart(
                        label: cost(model.costPicoUSD, isPriced: model.isPriced), value: model.costPicoUSD,
                        colour: "green")
                ], words: cost(model.costPicoUSD, isPriced: model.isPriced))
        }
        let tokenChart = BarChart(
            id: "tokens", title: "Tokens by model", description: listed(tokens.map { "\($0.label) \($0.words)" }),
            bars: tokens)
        let costChart = BarChart(
            id: "costs", title: "Cost by model", description: listed(costs.map { "\($0.label) \($0.words)" }),
            bars: costs)
        return section(
            "Tokens and cost by model",
            .all([
                tokenChart.markup, .legend(kinds.map { ($0.label, $0.colour) }), .element("h3", "Cost"),
                costChart.markup, modelTable(models),
            ]))
    }

    private func modelTable(_ models: [ModelSpending]) -> Markup {
        .table(
            "By model",
            columns: [
                ("Model", false), ("Replies", true), ("Failed", true), ("Input", true), ("Cache read", true),
                ("Cache written", true), ("Output", true), ("From cache", true), ("Cost", true),
            ],
            rows: models.map { model in
                [
                    model.model.description, Amounts.whole(model.replies), Amounts.whole(model.failures),
                    Amounts.whole(model.usage.input), Amounts.whole(model.usage.cacheRead),
                    Amounts.whole(model.usage.cacheWrite), Amounts.whole(model.usage.output),
                    percent(model.usage.cachePercent), cost(model.costPicoUSD, isPriced: model.isPriced),
                ]
            })
    }

    private var durations: Markup {
        let counts = summary.durations(below: Self.bounds)
        let all = counts.reduce(0, +)
        guard all > 0 else { return .none }
        let bars = counts.enumerated().map { index, count in
            let upper = index < Self.bounds.count ? Self.bounds[index] : nil
            let label =
                upper.map { "under \(Amounts.duration(milliseconds: $0))" }
                ?? "\(Amounts.duration(milliseconds: Self.bounds[index - 1])) and more"
            return ChartBar(
                label: label, parts: [ChartPart(label: counted(count, "run"), value: Int64(count), colour: "blue")],
                words: counted(count, "run"))
        }
        let chart = BarChart(
            id: "durations", title: "How long runs took",
            description: listed(bars.map { "\($0.label): \($0.words)" }), bars: bars)
        return section("How long runs took", chart.markup)
    }

    private var slowest: Markup {
        runs(
            "Slowest runs", summary.slowest(Self.listed),
            columns: [("Took", true), ("Rounds", true), ("Outcome", false)]
        ) { [Amounts.duration(milliseconds: $0.milliseconds), "\($0.rounds)", $0.outcome.rawValue] }
    }

    private var refused: Markup {
        runs(
            "Refused calls (\(summary.refused) in all)", summary.refusing(Self.listed),
            columns: [("Refused", true), ("Permitted", true)]
        ) { ["\($0.refused)", "\($0.toolCalls)"] }
    }

    private var unfinished: Markup {
        runs("Not done", summary.unfinished, columns: [("Outcome", false), ("Reason", false), ("Run", false)]) {
            [$0.outcome.rawValue, $0.reason.map { words(forReason: $0) } ?? "", $0.run.description]
        }
    }

    /// Runs that failed in an earlier start of this night.
    private var earlier: Markup {
        guard !plan.failedEarlier.isEmpty else { return .none }
        return section(
            "Failed or parked earlier in this night, not tried again",
            .table(
                "Failed or parked earlier", isHeaded: true,
                columns: [("Run", false), ("Resident", false), ("Reason", false)],
                rows: plan.failedEarlier.map {
                    [
                        $0.run.description, $0.resident.description,
                        $0.reason.map { words(forReason: $0) } ?? $0.state.rawValue,
                    ]
                }))
    }

    private func runs(
        _ title: String, _ reports: [RunReport], columns: [(title: String, isNumber: Bool)],
        _ row: (RunReport) -> [String]
    ) -> Markup {
        guard !reports.isEmpty else { return .none }
        return section(
            title,
            .table(
                title, isHeaded: true, columns: [("Resident", false)] + columns,
                rows: reports.map { ["\(shown($0.name)) (\($0.resident.hexDigits.suffix(8)))"] + row($0) }))
    }

    private var closing: Markup {
        .element(
            "footer",
            .element(
                "p",
                "Written by sanctuary \(Version.number) at \(Amounts.instant(writtenAt)). What residents said and "
                    + "wrote stays sealed; this page holds public facts alone."))
    }

    private func section(_ title: String, _ content: Markup) -> Markup {
        .element("section", .element("h2", title) + content)
    }

    private func listed(_ words: [String]) -> String { words.joined(separator: ", ") + "." }

    private func percent(_ percent: Int?) -> String { percent.map { "\($0) %" } ?? "none" }

    private func cost(_ picoUSD: Int64, isPriced: Bool) -> String {
        isPriced ? Amounts.dollars(picoUSD: picoUSD) : "at least \(Amounts.dollars(picoUSD: picoUSD))"
    }
}

extension RunState {
    /// The class of its bar; always beside its name.
    fileprivate var chartColour: StaticString {
        switch self {
        case .done: "green"
        case .failed: "red"
        case .parked: "orange"
        case .skipped: "grey"
        case .missed: "purple"
        case .queued, .running: "blue"
        }
    }
}
