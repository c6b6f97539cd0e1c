// The page of a night: everything escaped, nothing fetched, every element closed, every figure there.
import Encoding
import Engine
import Providers
import TestSupport
import Testing

@testable import Scheduler
@testable import sanctuary

@Suite struct NightPageTests {
    private static let hostile = "</td><script>alert(1)</script><img src=\"x\" onerror='y'>&\u{1B}[31m\u{202E}"

    private func report(
        _ name: String, _ outcome: RunState, reason: String? = nil, milliseconds: Int = 100
    ) -> RunReport {
        var report = RunReport(
            run: ErrorSamples.id, resident: ErrorSamples.other, name: name, trigger: .nightly, outcome: outcome)
        report.reason = reason
        report.milliseconds = milliseconds
        return report
    }

    private func page(_ reports: [RunReport], plan: NightPlan? = nil) throws -> String {
        let day = try #require(CivilDate("2026-11-21"))
        var summary = NightSummary(day: day)
        summary.reports = reports
        summary.milliseconds = 12_345
        let plan = plan ?? NightPlan(day: day, trigger: .nightly, due: [], settled: 3, failedEarlier: [])
        return NightPage(
            summary: summary, plan: plan, writtenAt: Instant(unixMilliseconds: 1_763_700_000_000),
            isRehearsed: { $0.name == "Mira" }
        ).document
    }

    private func spending(_ model: String, replies: Int, usage: TokenUsage, cost: Int64, isPriced: Bool = true) throws
        -> ModelSpending
    {
        var spending = ModelSpending(model: try #require(ModelName(model)))
        spending.replies = replies
        spending.usage = usage
        spending.costPicoUSD = cost
        spending.isPriced = isPriced
        return spending
    }

    /// The names of the elements that a document opens; an issue for each that is not closed in its order.
    private func elements(_ document: String) -> [String] {
        var open: [String] = []
        var all: [String] = []
        for match in document.matches(of: /<(\/?)([A-Za-z!][A-Za-z0-9]*)([^>]*?)(\/?)>/) {
            let (name, attributes) = (String(match.output.2), match.output.3)
            if name == "!DOCTYPE" { continue }
            if match.output.1 == "/" {
                #expect(open.popLast() == name, "</\(name)>")
                continue
            }
            all.append(name)
            #expect(
                attributes.wholeMatch(of: /( [A-Za-z-]+="[^"<>]*")*/) != nil, "attributes of <\(name)>: \(attributes)")
            #expect(attributes.firstMatch(of: /\b(on[a-z]*|href|src|style)=/) == nil, "<\(name)\(attributes)>")
            if match.output.4.isEmpty { open.append(name) }
        }
        #expect(open.isEmpty, "never closed: \(open)")
        return all
    }

    @Test func nothingBreaksOut() throws {
        var hostile = report(Self.hostile, .failed, reason: Self.hostile, milliseconds: 9_000)
        hostile.refused = 2
        let page = try page([hostile, report("Ada", .done)])
        let names = Set(elements(page))
        #expect(names.isDisjoint(with: ["script", "img", "a", "link", "iframe", "object"]), "\(names)")
        #expect(!page.contains("\u{1B}") && !page.contains("\u{202E}") && !page.contains("<script"))
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        // Nothing from elsewhere: the name space of SVG is the one address, and nobody fetches it.
        #expect(!page.replacing("http://www.w3.org/2000/svg", with: "").contains("http:"))
        #expect(page.firstMatch(of: /url\(|@import|javascript:|https:/) == nil)
        #expect(page.contains("default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;"))
    }

    @Test func everyFigureIsThere() throws {
        var done = report("Mira", .done, milliseconds: 2_500)
        done.spending = [
            try spending(
                "anthropic/m", replies: 2,
                usage: TokenUsage(input: 1_000, cacheRead: 3_000, cacheWrite: 0, output: 200), cost: 4_500_000_000),
            try spending("local/x", replies: 1, usage: TokenUsage(input: 10), cost: 0, isPriced: false),
        ]
        done.charged = 1_500
        let parked = report("Tomas", .parked, reason: "http_529", milliseconds: 400_000)
        var refusing = report("Ines", .done)
        refusing.refused = 3
        let page = try page([done, parked, refusing, report("Uma", .skipped, reason: "no_provider")])
        for figure in [
            "<h1>Night of 2026-11-21</h1>", "2 of 4", "http 529", "no provider:", "anthropic/m", "4,200 tokens", "75 %",
            "$0.0045", "at least $0.00", "1,500", "6 m 40 s", "Refused calls (3 in all)", "Tomas (",
            "1 rehearsed: a stand-in spoke, no model.", "3 had their run before.", "12 s",
        ] { #expect(page.contains(figure), "\(figure)") }
        let count = elements(page).count { $0 == "table" }
        #expect(count == 5, "outcomes, models, slowest, refused, not done")
        // Each drawing is for the eye alone; its words stand beside it.
        #expect(page.matches(of: /<svg/).count == page.matches(of: /<svg [^>]*aria-hidden="true"/).count)
        #expect(page.matches(of: /role="img"/).count == page.matches(of: /-words" class="unseen"/).count)
    }

    @Test func anEmptyNightIsAPageToo() throws {
        let page = try page([])
        #expect(page.contains("No run was due.") && !elements(page).contains("svg"))
    }

    @Test func runsThatFailedEarlierAreNamed() async throws {
        let directory = try TemporaryDirectory()
        let binary = try Binary("sanctuary")
        func run(_ words: String...) async throws -> BinaryResult {
            try await binary.run(
                words, environment: ["SANCTUARY_HOME": "\(directory.path)/home"], in: directory.path)
        }
        try await #require(run("init").code == 0)
        let settings = """
            { budget: { run: "0.0000001" }, providers: { local: { dialect: "openai", baseURL: "http://127.0.0.1:9/v1",
              models: { "m": { input: 1, output: 1 } } } } }
            """
        try writeFile("\(directory.path)/home/sanctuary.json", Array(settings.utf8))
        try writeFile("\(directory.path)/Ada.json", Array(#"{"name":"Ada","system_prompt":"Be."}"#.utf8))
        try await #require(run("admit", "Ada.json", "--model", "local/m").code == 0)
        let first = try await run("nightly", "--date", "2026-11-02", "--report", "night.html")
        #expect(first.code == 3 && first.errors.contains("the report is in night.html"), "\(first)")
        #expect(String(decoding: try readFile("\(directory.path)/night.html"), as: UTF8.self).contains("Not done"))
        #expect(try await run("nightly", "--date", "2026-11-02", "--report", "night.html").code == 3)
        let page = String(decoding: try readFile("\(directory.path)/night.html"), as: UTF8.self)
        #expect(page.contains("Failed or parked earlier in this night, not tried again"))
        let nowhere = try await run("nightly", "--date", "2026-11-02", "--report", "nowhere/night.html")
        #expect(nowhere.code == 2 && nowhere.errors.contains("names no file in a directory that exists"))
    }
}
