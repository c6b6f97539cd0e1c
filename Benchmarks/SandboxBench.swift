// The sandbox: a start beside bare bubblewrap with the same profile, and how many starts a second one core gives.
import Encoding
import Foundation
import Sandbox

/// Measures starts of `/usr/bin/true`.
func sandboxRows(_ bench: Bench) async throws -> [Row] {
    let sandbox = try Sandbox(time: .system)
    guard case .none = sandbox.tier else { return try await measuredRows(bench, sandbox) }
    return [Row(what: "sandbox", figure: "not measured: this machine cannot make one")]
}

private func measuredRows(_ bench: Bench, _ sandbox: Sandbox) async throws -> [Row] {
    let filter = "\(try bench.directory("sandbox"))/filter"
    try Data(try Sandbox.filterProgram()).write(to: URL(filePath: filter))
    let program = SandboxProgram(command: ["/usr/bin/true"])
    let bare = Sandbox.bareCommand(program, filterDescriptor: 9)
    let starts = 50
    var pairs = Pairs()
    var costs: [Double] = []
    for _ in 0..<bench.batches {
        let before = try startBare(bare, filter: filter, times: starts)
        var children = 0
        let own = try await inThisProcess {
            for _ in 0..<starts {
                let run = try await sandbox.run(program, speaking: Letter())
                guard run.end == .exited(0) else { throw BenchError.unfinished("sandbox: \(run.end)") }
                children += run.cpuMicroseconds
            }
        }
        let cpu = own.cpu + Double(children) / 1e6
        pairs.add(own: Cost(wall: own.wall, cpu: cpu).each(starts), baseline: before.each(starts))
        costs.append(Double(starts) / cpu)
    }
    let wall = pairs.wall
    let rate = median(costs)
    return [
        Row(
            what: "start in the sandbox, tier \(sandbox.tier)", figure: "\(text(wall.own * 1e3, 2)) ms",
            baseline: "bubblewrap, same profile \(text(wall.baseline * 1e3, 2)) ms",
            ratio: "\(text(wall.own / wall.baseline, 2)) x", target: "2 x at most",
            isMet: wall.own <= 2 * wall.baseline),
        Row(
            what: "starts a second and core", figure: text(rate, 0),
            baseline: "bubblewrap, same profile \(text(1 / pairs.cpu.baseline, 0))", target: "150",
            isMet: rate >= 150),
    ]
}

/// Starts bubblewrap itself so many times, one after the other, with the filter open as descriptor 9.
private func startBare(_ command: [String], filter: String, times: Int) throws -> Cost {
    var words = command.map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 9, filter, O_RDONLY, 0)
    var environment: [UnsafeMutablePointer<CChar>?] = [nil]
    let before = seconds(CLOCK_MONOTONIC)
    var cpu = 0.0
    for _ in 0..<times {
        var child = pid_t()
        let code = posix_spawn(&child, command[0], &actions, nil, &words, &environment)
        guard code == 0 else { throw BenchError.failed(command[0], code) }
        var status: Int32 = 0
        var usage = rusage()
        while wait4(child, &status, 0, &usage) < 0 {}
        guard status == 0 else { throw BenchError.failed(command[0], status) }
        for time in [usage.ru_utime, usage.ru_stime] { cpu += Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    }
    return Cost(wall: seconds(CLOCK_MONOTONIC) - before, cpu: cpu)
}
