// How long `sanctuary residents` takes on a thousand residents, from start to end of the process.
import Foundation

func startRows(_ bench: Bench) throws -> [Row] {
    let home = try bench.directory("start-home")
    _ = try run(bench.program, ["prepare", bench.repository, "\(home)/home", "1000", "1024"], quiet: false)
    let sanctuary = URL(filePath: bench.program).deletingLastPathComponent().appending(path: "sanctuary").path()
    let lines = try run(sanctuary, ["--home", "\(home)/home", "residents"], quiet: false).split(separator: "\n")
    guard lines.count >= 1000 else { throw BenchError.unfinished("residents: \(lines.count) lines") }
    let empty = try (0..<5 * bench.batches).map { _ in try start("/bin/true", []) }
    let times = try (0..<5 * bench.batches).map { _ in try start(sanctuary, ["--home", "\(home)/home", "residents"]) }
    let milliseconds = median(times.map(\.wall)) * 1e3
    return [
        Row(
            what: "start of `sanctuary residents`, 1,000 residents", figure: "\(text(milliseconds)) ms",
            baseline: "/bin/true \(text(median(empty.map(\.wall)) * 1e3)) ms", target: "50 ms",
            isMet: milliseconds <= 50),
        Row(what: "its CPU time", figure: "\(text(median(times.map(\.cpu)) * 1e3)) ms"),
    ]
}

/// Seconds from starting a program to its end, and its CPU time; its output goes nowhere.
private func start(_ path: String, _ arguments: [String]) throws -> Cost {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    var words = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var child = pid_t()
    let before = seconds(CLOCK_MONOTONIC)
    let code = posix_spawn(&child, path, &actions, nil, &words, environ)
    guard code == 0 else { throw BenchError.failed(path, code) }
    var status: Int32 = 0
    var usage = rusage()
    while wait4(child, &status, 0, &usage) < 0 {}
    guard status == 0 else { throw BenchError.failed(path, status) }
    func duration(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return Cost(
        wall: seconds(CLOCK_MONOTONIC) - before, cpu: duration(usage.ru_utime) + duration(usage.ru_stime))
}
