// Whole runs, sixteen at once, of residents whose 64 KiB are sent whole; the provider answers without delay.
import Encoding
import Engine
import Foundation

/// Makes the home, then plays nights in fresh processes, so that what is measured is the program and no preparation.
func runRows(_ bench: Bench) throws -> [Row] {
    let home = try bench.directory("run-home")
    let residents = 160
    _ = try run(bench.program, ["prepare", bench.repository, "\(home)/home", "\(residents)", "65536"], quiet: false)
    let provider = try Companion("\(bench.baselines)/provider")
    defer { provider.stop() }
    var nights: [Night] = []
    for day in 1...bench.batches {
        nights.append(
            try Night(line: run(bench.program, ["night", "\(home)/home", provider.firstLine, "\(day)"], quiet: false)))
    }
    let cpu = median(nights.map(\.cpuMilliseconds))
    let resident = median(nights.map(\.residentMegabytes))
    return [
        Row(
            what: "one run of a 64 KiB persona, \(text(median(nights.map(\.spans)), 0)) spans, 16 at once",
            figure: "\(text(cpu, 2)) ms CPU", target: "1.5 ms", isMet: cpu <= 1.5),
        Row(
            what: "its peak resident memory", figure: "\(text(resident, 0)) MB", target: "under 60 MB",
            isMet: resident < 60),
        Row(
            what: "runs a second on this machine, provider beside them",
            figure: text(median(nights.map(\.runsPerSecond)), 0)),
    ]
}

/// The line that a night's process prints.
private struct Night {
    let cpuMilliseconds: Double
    let residentMegabytes: Double
    let spans: Double
    let runsPerSecond: Double

    init(line: String) throws {
        let numbers = line.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard numbers.count == 5, numbers[0] > 0 else { throw BenchError.unreadable("night: \(line)") }
        cpuMilliseconds = numbers[1] / numbers[0] * 1e3
        runsPerSecond = numbers[0] / numbers[2]
        residentMegabytes = numbers[3] / 1024
        spans = numbers[4] / numbers[0]
    }
}
