// Other programs that a benchmark starts: baselines, the provider, the sanctuary itself.
import Foundation

/// Where things are while the benchmark runs.
struct Bench {
    /// The repository; homes are made from its texts.
    let repository: String
    /// The compiled baselines.
    let baselines: String
    /// An empty directory for homes and ledgers, on the disk that is to be measured.
    let scratch: String
    /// This program.
    let program: String
    /// How many batches each measurement has.
    let batches: Int

    /// An empty directory of its own for one measurement.
    func directory(_ name: String) throws -> String {
        let path = "\(scratch)/\(name)"
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}

enum BenchError: Error {
    case failed(String, Int32)
    case unreadable(String)
    case unfinished(String)
}

/// A program that goes on beside the benchmark until it is stopped.
final class Companion {
    private let child: Child
    /// The first line that it printed.
    let firstLine: String

    init(_ path: String, _ arguments: [String] = []) throws {
        child = try Child(path, arguments, quiet: false)
        var bytes: [UInt8] = []
        while !bytes.contains(UInt8(ascii: "\n")) {
            let more = try child.nextOutput()
            guard !more.isEmpty else { throw BenchError.failed(path, try child.status()) }
            bytes += more
        }
        firstLine = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func stop() {
        child.signal(SIGTERM)
        _ = try? child.status()
    }
}

/// Runs a program to its end and returns what it printed.
func run(_ path: String, _ arguments: [String], quiet: Bool = true) throws -> String {
    let child = try Child(path, arguments, quiet: quiet)
    var bytes: [UInt8] = []
    while true {
        let more = try child.nextOutput()
        if more.isEmpty { break }
        bytes += more
    }
    let status = try child.status()
    guard status == 0 else { throw BenchError.failed(path, status) }
    return String(decoding: bytes, as: UTF8.self)
}

/// Runs a baseline and reads its line: work done, wall and CPU nanoseconds; the cost of one unit.
func baseline(_ name: String, _ arguments: [String], _ bench: Bench) throws -> Cost {
    let line = try run("\(bench.baselines)/\(name)", arguments, quiet: false)
    let numbers = line.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    guard numbers.count == 3, numbers[0] > 0 else { throw BenchError.unreadable("\(name): \(line)") }
    return Cost(wall: numbers[1] / numbers[0] / 1e9, cpu: numbers[2] / numbers[0] / 1e9)
}
