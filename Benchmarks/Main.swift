// The benchmark: measures the program and its baselines in one run and prints the ratios. `scripts/bench` starts it.
import Foundation

@main
struct Main {
    static func main() async throws {
        var words = Array(CommandLine.arguments.dropFirst())
        let command = words.isEmpty ? "" : words.removeFirst()
        switch (command, words.count) {
        case ("prepare", 4):
            try await prepare(
                repository: words[0], root: words[1], residents: Int(words[2]) ?? 0, bytes: Int(words[3]) ?? 0)
        case ("prepare-aged", 5):
            try await prepare(
                repository: words[0], root: words[1], residents: Int(words[2]) ?? 0, bytes: Int(words[3]) ?? 0,
                nights: Int(words[4]) ?? 0)
        case ("night", 3...4):
            try await playNight(
                root: words[0], port: words[1], night: Int64(words[2]) ?? 0,
                tokens: words.count == 4 ? Int(words[3]) ?? 0 : manyTokens)
        case ("prepare-many", 4):
            try await prepareMany(
                repository: words[0], root: words[1], residents: Int(words[2]) ?? 0, bytes: Int(words[3]) ?? 0)
        case ("plan", 2): try await planNight(root: words[0], night: Int64(words[1]) ?? 0)
        case ("play", 5):
            guard let order = NightOrder(words) else { throw BenchError.unreadable("play: \(words)") }
            try await play(order)
        case ("measure", 4...): try await measure(words)
        default:
            print("usage: scripts/bench [construction|seal|ledger|run|age|law|start|sandbox|night ...]")
            exit(2)
        }
    }

    private static func measure(_ words: [String]) async throws {
        let bench = Bench(
            repository: words[0], baselines: words[1], scratch: words[2], program: CommandLine.arguments[0],
            batches: Int(words[3]) ?? 7)
        let chosen = words.dropFirst(4)
        var rows: [Row] = []
        func take(_ name: String, _ body: () async throws -> [Row]) async throws {
            guard chosen.isEmpty || chosen.contains(name) else { return }
            FileHandle.standardError.write(Data("measuring: \(name)\n".utf8))
            rows += try await body()
        }
        try await take("construction") { try constructionRows(bench) }
        try await take("seal") { try await sealRows(bench) }
        try await take("ledger") { try await ledgerRows(bench) }
        try await take("run") { try runRows(bench) }
        try await take("age") { try ageRows(bench) }
        try await take("law") { try lawRows(bench) }
        try await take("start") { try startRows(bench) }
        try await take("sandbox") { try await sandboxRows(bench) }
        try await take("night") { try nightRows(bench) }
        printTable(rows)
        if rows.contains(where: { $0.isMet == false }) { exit(1) }
    }

    private static func printTable(_ rows: [Row]) {
        let cells = [Row.titles] + rows.map(\.cells)
        let widths = Row.titles.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        for (index, line) in cells.enumerated() {
            let padded = zip(line, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            print("| " + padded.joined(separator: " | ") + " |")
            if index == 0 {
                print("|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|")
            }
        }
    }
}
