// Other programs that a benchmark starts: baselines, the provider, the sanctuary itself.
import Dispatch
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
    private let process = Process()
    private let ended = DispatchSemaphore(value: 0)
    /// The first line that it printed.
    let firstLine: String

    init(_ path: String, _ arguments: [String] = []) throws {
        let pipe = Pipe()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardOutput = pipe
        process.terminationHandler = { [ended] _ in ended.signal() }
        try process.run()
        let bytes = pipe.fileHandleForReading.availableData
        firstLine = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func stop() {
        process.terminate()
        ended.wait()
    }
}

/// Runs a program to its end and returns what it printed.
func run(_ path: String, _ arguments: [String], quiet: Bool = true) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.standardOutput = pipe
    if quiet { process.standardError = FileHandle.nullDevice }
    // Waiting on the run loop instead has been seen to miss the end of a process.
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    ended.wait()
    guard process.terminationStatus == 0 else { throw BenchError.failed(path, process.terminationStatus) }
    return String(decoding: bytes, as: UTF8.self)
}

/// Runs a baseline and reads its line: work done, wall and CPU nanoseconds; the cost of one unit.
func baseline(_ name: String, _ arguments: [String], _ bench: Bench) throws -> Cost {
    let line = try run("\(bench.baselines)/\(name)", arguments, quiet: false)
    let numbers = line.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    guard numbers.count == 3, numbers[0] > 0 else { throw BenchError.unreadable("\(name): \(line)") }
    return Cost(wall: numbers[1] / numbers[0] / 1e9, cpu: numbers[2] / numbers[0] / 1e9)
}
