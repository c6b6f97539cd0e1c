// The form of the source files: how they open, how long they may be, and what may not stand in them.
import Testing

/// What breaks a rule of the house in a text, as `line: what`.
private func findings(in source: Source, isTest: Bool) -> [String] {
    var found: [String] = []
    let lines = source.lines
    if let first = lines.first, !(first.hasPrefix("// ") && !first.hasPrefix("// swift-")) {
        found.append("1: no opening sentence")
    }
    if lines.count > 501 { found.append("\(lines.count) lines") }
    for (index, line) in lines.enumerated() {
        for rule in banned where rule.applies(isTest) && line.contains(rule.text) && !source.path.contains("HouseTests")
        {
            found.append("\(index + 1): \(rule.text) (\(rule.instead))")
        }
        if line.count > 120 { found.append("\(index + 1): \(line.count) columns") }
    }
    return found + longFunctions(lines)
}

private struct Rule: Sendable {
    let text: String
    let instead: String
    let inTests: Bool
    func applies(_ isTest: Bool) -> Bool { inTests || !isTest }
}

/// Words are split so that no search for unfinished marks finds this list.
private let banned = [
    Rule(text: "TO" + "DO", instead: "finish it or name it in the changelog", inTests: true),
    Rule(text: "FIX" + "ME", instead: "mend it", inTests: true),
    Rule(text: "try" + "! ", instead: "handle the error", inTests: true),
    Rule(text: " as" + "! ", instead: "use as?", inTests: true),
    Rule(text: "Task.sl" + "eep", instead: "wait on a signal", inTests: true),
    Rule(text: "Thread.sl" + "eep", instead: "wait on a signal", inTests: true),
    Rule(text: "NSL" + "ock", instead: "Mutex", inTests: true),
    Rule(text: "Date" + "()", instead: "a TimeSource handed in", inTests: false),
    Rule(text: "UUID" + "()", instead: "an IdentifierSource handed in", inTests: false),
    Rule(text: ".random" + "(in:", instead: "a RandomSource handed in", inTests: false),
    Rule(text: "fatal" + "Error(", instead: "a typed error, or preconditionFailure with its reason", inTests: false),
]

/// Functions of 70 lines and more, found by the indentation of their closing brace.
private func longFunctions(_ lines: [Substring]) -> [String] {
    var found: [String] = []
    for (index, line) in lines.enumerated() {
        let words = line.split(separator: " ")
        guard words.contains(where: { $0 == "func" || $0.hasPrefix("init(") || $0.hasPrefix("init<") }),
            !line.drop(while: { $0 == " " }).hasPrefix("//")
        else { continue }
        let indentation = String(line.prefix { $0 == " " })
        let end = lines[index...].firstIndex { $0 == "\(indentation)}" }
        if let end, end - index >= 70 { found.append("\(index + 1): a function of \(end - index + 1) lines") }
    }
    return found
}

@Suite struct TidyTests {
    @Test func sourcesAreTidy() {
        for source in Source.sources { #expect(findings(in: source, isTest: false) == [], "\(source.path)") }
    }

    @Test func testsAreTidy() {
        for source in Source.tests { #expect(findings(in: source, isTest: true) == [], "\(source.path)") }
    }

    @Test func whatIsUntidyIsFound() {
        func check(_ text: String) -> [String] {
            findings(in: Source(path: "Sources/X/X.swift", text: text), isTest: false)
        }
        #expect(check("import A\n") == ["1: no opening sentence"])
        #expect(check("// A.\nlet a = try" + "! b()\n").count == 1)
        #expect(check("// A.\n" + String(repeating: "\n", count: 501)) == ["503 lines"])
        #expect(check("// A.\n" + String(repeating: "x", count: 121)) == ["2: 121 columns"])
        let long = "// A.\nfunc f() {\n" + String(repeating: "    a()\n", count: 70) + "}\n"
        #expect(check(long) == ["2: a function of 72 lines"])
    }
}
