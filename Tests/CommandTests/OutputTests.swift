// Tables, widths and amounts.
import Testing

@testable import sanctuary

@Suite struct OutputTests {
    @Test func widthsOfScripts() {
        #expect(TextWidth.of("abc") == 3)
        #expect(TextWidth.of("日本") == 4)
        #expect(TextWidth.of("e\u{301}") == 1)
        #expect(TextWidth.of("🙂") == 2)
        #expect(TextWidth.cut("日本語", to: 4) == "日…")
        #expect(TextWidth.cut("abc", to: 3) == "abc")
        #expect(TextWidth.cut("abcd", to: 3) == "ab…")
    }

    @Test func tablesStandStraight() {
        var table = Table(columns: [.text("ID"), .flexible("NAME"), .number("N")])
        table.rows = [["a", "日本", "1"], ["bcd", "x", "1,000"]]
        #expect(
            table.lines(width: nil, paint: Paint(isOn: false)) == [
                "ID   NAME      N", "a    日本      1", "bcd  x     1,000",
            ])
        table.rows = [["a", Table.Cell(String(repeating: "x", count: 40)), "1"]]
        #expect(table.lines(width: 20, paint: Paint(isOn: false)).allSatisfy { TextWidth.of($0) <= 20 })
    }

    @Test func amounts() {
        #expect(Amounts.whole(1_234_567) == "1,234,567")
        #expect(Amounts.whole(-12) == "-12")
        #expect(Amounts.dollars(picoUSD: 0) == "$0.00")
        #expect(Amounts.dollars(picoUSD: 1) == "$0.000001")
        #expect(Amounts.dollars(picoUSD: 1_234_500_000_000) == "$1.2345")
        #expect(Amounts.duration(milliseconds: 450) == "0.4 s")
        #expect(Amounts.duration(milliseconds: 59_999) == "59 s")
        #expect(Amounts.duration(milliseconds: 185_000) == "3 m 05 s")
        #expect(Amounts.duration(milliseconds: 7_800_000) == "2 h 10 m")
        #expect(sized(1) == "1 byte")
        #expect(sized(20 << 20) == "20 MiB")
        #expect(listed(["a", "b", "c"], "or") == "a, b or c")
    }

    @Test func promptsOfCommandsSayWhatIsMissing() throws {
        let parser = ArgumentParser(commands: Commands.all)
        let parsed = try parser.parse(["nightly", "--only", "a", "b", "--jobs=3", "--json"])
        #expect(parsed.list("only") == ["a", "b"])
        #expect(parsed.value("jobs") == "3")
        #expect(parsed.has("json"))
        #expect(try parser.parse(["message", "--", "--odd", "-"]).operands == ["--odd", "-"])
        #expect(throws: CommandError.self) { try parser.parse(["residents", "--home"]) }
    }
}
