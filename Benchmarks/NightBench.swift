// The night: whole runs against the bare floor of the same night, nights of two sizes, and runs that wait long.
import Encoding
import Engine
import Foundation

/// Sizes of the night's benchmarks; each can be made smaller for a quick look, and the rows say what was measured.
private struct NightSizes {
    let residents = number("BENCH_NIGHT_RESIDENTS", 960)
    let jobs = number("BENCH_NIGHT_JOBS", 96)
    let large = number("BENCH_NIGHT_LARGE", 20_000)
    let small = number("BENCH_NIGHT_SMALL", 2_000)
    let waiting = number("BENCH_NIGHT_WAITING", 10_000)
    let planned = number("BENCH_NIGHT_PLANNED", 1_000_000)
    let latency = number("BENCH_NIGHT_LATENCY", 30)
    let bytes = 65_536

    private static func number(_ name: String, _ standard: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? standard
    }
}

/// The parts of the night that are wanted; all of them unless BENCH_NIGHT names some.
private func isWanted(_ part: String) -> Bool {
    guard let parts = ProcessInfo.processInfo.environment["BENCH_NIGHT"] else { return true }
    return parts.split(separator: " ").contains { $0 == part }
}

func nightRows(_ bench: Bench) throws -> [Row] {
    let sizes = NightSizes()
    var rows: [Row] = []
    if isWanted("runs") { rows += try wholeRuns(bench, sizes) }
    if isWanted("sizes") { rows += try twoSizes(bench, sizes) }
    if isWanted("planning") { rows += try planning(bench, sizes) }
    if isWanted("waiting") { rows += try waitingRuns(bench, sizes) }
    return rows
}

/// The provider that is not ours: nginx, in a process of its own, on a port of its own.
private func provider(_ bench: Bench, latency: Int = 0) throws -> Companion {
    let folder = try bench.directory("provider")
    return try Companion("\(bench.repository)/scripts/bench-provider", [folder, "\(latency)"])
}

private func prepareHome(_ bench: Bench, _ name: String, residents: Int, bytes: Int) throws -> String {
    let root = try bench.directory(name) + "/home"
    _ = try run(bench.program, ["prepare-many", bench.repository, root, "\(residents)", "\(bytes)"], quiet: false)
    return root
}

private func playNight(
    _ bench: Bench, _ root: String, _ provider: Companion, path: String = "", night: Int, jobs: Int, rounds: Int
) throws -> PlayedNight {
    let url = "http://127.0.0.1:\(provider.firstLine)\(path)"
    return try PlayedNight(
        line: run(bench.program, ["play", root, url, "\(night)", "\(jobs)", "\(rounds)"], quiet: false))
}

// MARK: Whole runs

private func wholeRuns(_ bench: Bench, _ sizes: NightSizes) throws -> [Row] {
    let root = try prepareHome(bench, "night-home", residents: sizes.residents, bytes: sizes.bytes)
    let provider = try provider(bench)
    defer { provider.stop() }
    var nights: [PlayedNight] = []
    var pairs = Pairs()
    var enciphered: [Double] = []
    for night in 1...max(2, bench.batches) {
        let floor = try Floor(before: root, bench)
        let played = try playNight(bench, root, provider, night: night, jobs: sizes.jobs, rounds: 2)
        let reference = try floor.play(root, jobs: sizes.jobs, ciphers: false, bench)
        enciphered.append(try floor.play(root, jobs: sizes.jobs, ciphers: true, bench).cpu)
        nights.append(played)
        pairs.add(
            own: Cost(wall: 1 / played.runsPerSecond, cpu: played.cpuMilliseconds / 1e3), baseline: reference)
    }
    let (wall, cpu) = (pairs.wall, pairs.cpu)
    let floor = 1 / wall.baseline
    let target = min(800, 0.8 * floor)
    let spans = text(median(nights.map(\.spans)), 0)
    return [
        Row(
            what: "whole runs, 64 KiB, 2 rounds, 3 tool calls, \(spans) spans, \(sizes.jobs) at once, nginx beside",
            figure: "\(text(1 / wall.own, 0)) runs/s",
            baseline: "C, the same files and SQLite: \(text(floor, 0)) runs/s", ratio: percent(wall.ratio),
            target: "800 runs/s or 80 %", isMet: 1 / wall.own >= target),
        Row(
            what: "the program's own CPU a run", figure: "\(text(cpu.own * 1e3, 2)) ms",
            baseline: "C: \(text(cpu.baseline * 1e3, 2)) ms", ratio: percent(cpu.ratio), target: "1.0 ms",
            isMet: cpu.own <= 1e-3),
        Row(
            what: "… of C with the signatures, the digest and the ciphers",
            figure: "\(text(median(enciphered) * 1e3, 2)) ms"),
    ]
}

/// What a night does to files and to SQLite, played again by a C program into a copy of the home as it was before.
struct Floor {
    private let before: String

    /// Keeps the ledger of a home as it is before the night.
    init(before root: String, _ bench: Bench) throws {
        before = try bench.directory("night-before") + "/before.sqlite"
        try FileManager.default.copyItem(atPath: "\(root)/ledger.sqlite", toPath: before)
    }

    /// Plays the night that the home has had since, with or without its signatures, digest and ciphers.
    func play(_ root: String, jobs: Int, ciphers: Bool, _ bench: Bench) throws -> Cost {
        let folder = try bench.directory("night-floor")
        try FileManager.default.copyItem(atPath: before, toPath: "\(folder)/before.sqlite")
        return try baseline(
            "floor",
            [
                "\(folder)/before.sqlite", "\(root)/ledger.sqlite", folder, "\(jobs)",
                "\(try blobBytes(under: "\(root)/vault/blobs"))",
            ] + (ciphers ? ["ciphers"] : []), bench)
    }
}

/// The size of the largest blob; those of one benchmark differ by a few bytes at most.
private func blobBytes(under folder: String) throws -> Int {
    let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    let sizes = try files.filter { $0.hasSuffix(".blob") && !$0.contains(".e") }.prefix(100).map {
        try FileManager.default.attributesOfItem(atPath: "\(folder)/\($0)")[.size] as? Int ?? 0
    }
    guard let largest = sizes.max(), largest > 0 else { throw BenchError.unfinished("no blobs in \(folder)") }
    return largest
}

// MARK: Nights of two sizes

private func twoSizes(_ bench: Bench, _ sizes: NightSizes) throws -> [Row] {
    let provider = try provider(bench)
    defer { provider.stop() }
    let small = try prepareHome(bench, "small-home", residents: sizes.small, bytes: sizes.bytes)
    let large = try prepareHome(bench, "large-home", residents: sizes.large, bytes: sizes.bytes)
    var pairs = Pairs()
    for night in 1...5 {
        let few = try playNight(bench, small, provider, night: night, jobs: sizes.jobs, rounds: 2)
        let many = try playNight(bench, large, provider, night: night, jobs: sizes.jobs, rounds: 2)
        pairs.add(
            own: Cost(wall: 1 / many.runsPerSecond, cpu: many.cpuMilliseconds),
            baseline: Cost(wall: 1 / few.runsPerSecond, cpu: few.cpuMilliseconds))
    }
    let cpu = pairs.cpu
    return [
        Row(
            what: "night of \(sizes.large) against \(sizes.small) residents, CPU a run",
            figure: "\(text(cpu.own, 2)) ms", baseline: "\(text(cpu.baseline, 2)) ms",
            ratio: "\(text(cpu.own / cpu.baseline, 2)) times", target: "within 25 %",
            isMet: cpu.own <= 1.25 * cpu.baseline)
    ]
}

// MARK: Planning

private func planning(_ bench: Bench, _ sizes: NightSizes) throws -> [Row] {
    let root = try prepareHome(bench, "planning-home", residents: 1, bytes: 100)
    // Residents as rows alone: planning opens nothing that is sealed.
    let sql = """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(sizes.planned - 1))
        INSERT INTO community_resident SELECT CAST(x'01a1fcb8fb1375fa9c' || printf('%07d', i) AS BLOB), 'R' || i,
            'active', 0, randomblob(32), 0, NULL, NULL, NULL, 'bench/bench-model', NULL, 0, NULL, randomblob(32), 0
            FROM n
        """
    _ = try run("/usr/bin/sqlite3", ["\(root)/ledger.sqlite", sql], quiet: false)
    var pairs = Pairs()
    var peak = 0.0
    for night in 1...max(2, min(bench.batches, 3)) {
        let copy = try bench.directory("planning-copy")
        try FileManager.default.copyItem(atPath: "\(root)/ledger.sqlite", toPath: "\(copy)/ledger.sqlite")
        let numbers = try run(bench.program, ["plan", root, "\(night)"], quiet: false)
            .split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard numbers.count == 4, Int(numbers[0]) == sizes.planned else {
            throw BenchError.unreadable("plan: \(numbers)")
        }
        let reference = try baseline("plan", ["\(copy)/ledger.sqlite", "2030-01-01", "10000"], bench)
        pairs.add(
            own: Cost(wall: numbers[2] / numbers[0], cpu: numbers[1] / numbers[0]), baseline: reference)
        peak = max(peak, numbers[3] / 1024)
    }
    let wall = pairs.wall
    return [
        Row(
            what: "planning a night of \(sizes.planned) residents", figure: "\(text(1 / wall.own, 0)) rows/s",
            baseline: "C, one statement a row: \(text(1 / wall.baseline, 0)) rows/s", ratio: percent(wall.ratio),
            target: "70 %", isMet: wall.ratio >= 0.7),
        Row(
            what: "its peak resident memory", figure: "\(text(peak, 0)) MB", target: "under 200 MB",
            isMet: peak < 200),
    ]
}

// MARK: Runs that wait

private func waitingRuns(_ bench: Bench, _ sizes: NightSizes) throws -> [Row] {
    let root = try prepareHome(bench, "waiting-home", residents: sizes.waiting, bytes: sizes.bytes)
    let provider = try provider(bench, latency: sizes.latency)
    defer { provider.stop() }
    let night = try playNight(bench, root, provider, path: "/slow", night: 1, jobs: sizes.waiting, rounds: 1)
    return [
        Row(
            what: "\(sizes.waiting) one-round runs in flight, provider latency \(sizes.latency) s, all complete",
            figure: "\(text(night.wallSeconds, 0)) s", target: "under 60 s",
            isMet: night.wallSeconds < 60),
        Row(
            what: "their peak resident memory", figure: "\(text(night.residentMegabytes, 0)) MiB",
            target: "under 1229 MiB", isMet: night.residentMegabytes < 1_228.8),
        Row(what: "their CPU a run", figure: "\(text(night.cpuMilliseconds, 2)) ms"),
    ]
}
