// Whole runs, sixteen at once, of residents whose 64 KiB are sent whole; the provider answers without delay.
import Encoding
import Engine
import Foundation

/// Makes the home, then plays nights in fresh processes, so that what is measured is the program and no preparation.
func runRows(_ bench: Bench) throws -> [Row] {
    let home = try bench.directory("run-home")
    let residents = 640
    _ = try run(bench.program, ["prepare", bench.repository, "\(home)/home", "\(residents)", "65536"], quiet: false)
    let provider = try Companion("\(bench.baselines)/provider")
    defer { provider.stop() }
    var nights: [Night] = []
    var floors: [Double] = []
    for day in 1...bench.batches {
        let floor = try Floor(before: "\(home)/home", bench)
        nights.append(
            try Night(line: run(bench.program, ["night", "\(home)/home", provider.firstLine, "\(day)"], quiet: false)))
        floors.append(try floor.play("\(home)/home", jobs: 16, ciphers: true, bench).cpu * 1e3)
    }
    let cpu = median(nights.map(\.cpuMilliseconds))
    let floor = median(floors)
    let resident = median(nights.map(\.residentMegabytes))
    return [
        Row(
            what: "one run of a 64 KiB persona, \(text(median(nights.map(\.spans)), 0)) spans, 16 at once",
            figure: "\(text(cpu, 2)) ms CPU",
            baseline: "C, its files, SQLite rows, signatures, digest and ciphers: \(text(floor, 2)) ms",
            ratio: percent(floor / cpu), target: "1.5 ms", isMet: cpu <= 1.5),
        Row(
            what: "its peak resident memory", figure: "\(text(resident, 0)) MB", target: "under 60 MB",
            isMet: resident < 60),
        Row(
            what: "runs a second on this machine, provider beside them",
            figure: text(median(nights.map(\.runsPerSecond)), 0)),
    ]
}

/// The same nights of residents that have 3 and 3,000 of them behind them, with a purse that holds neither history.
func ageRows(_ bench: Bench) throws -> [Row] {
    let residents = 48
    let ages = [3, 3_000]
    let home = try bench.directory("age-home")
    for age in ages {
        _ = try run(
            bench.program,
            ["prepare-aged", bench.repository, "\(home)/\(age)", "\(residents)", "65536", "\(age)"], quiet: false)
    }
    let provider = try Companion("\(bench.baselines)/provider")
    defer { provider.stop() }
    var pairs = Pairs()
    for day in 1...5 {
        let nights = try ages.map { age in
            try Night(
                line: run(
                    bench.program, ["night", "\(home)/\(age)", provider.firstLine, "\(day)", "40000"], quiet: false))
        }
        pairs.add(
            own: Cost(wall: 1 / nights[1].runsPerSecond, cpu: nights[1].cpuMilliseconds),
            baseline: Cost(wall: 1 / nights[0].runsPerSecond, cpu: nights[0].cpuMilliseconds))
    }
    let cpu = pairs.cpu
    return [
        Row(
            what: "resident of 3,000 nights against one of 3, CPU a run, median of 5",
            figure: "\(text(cpu.own, 2)) ms", baseline: "\(text(cpu.baseline, 2)) ms",
            ratio: "\(text(1 / cpu.ratio, 2)) times", target: "within 25 %", isMet: cpu.own <= 1.25 * cpu.baseline)
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
