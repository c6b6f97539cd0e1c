// Clocks, medians and the rows of the report.
import Foundation

/// What a piece of work took.
struct Cost {
    var wall: Double
    var cpu: Double

    /// Seconds of one unit of work.
    func each(_ count: Int) -> Cost { Cost(wall: wall / Double(count), cpu: cpu / Double(count)) }
}

/// Reads a clock in seconds.
func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Times work on this thread alone.
func onThisThread(_ body: () throws -> Void) rethrows -> Cost {
    let (wall, cpu) = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_THREAD_CPUTIME_ID))
    try body()
    return Cost(wall: seconds(CLOCK_MONOTONIC) - wall, cpu: seconds(CLOCK_THREAD_CPUTIME_ID) - cpu)
}

/// Times work of the whole process, wherever its threads run.
func inThisProcess(_ body: () async throws -> Void) async rethrows -> Cost {
    let (wall, cpu) = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID))
    try await body()
    return Cost(wall: seconds(CLOCK_MONOTONIC) - wall, cpu: seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu)
}

/// The middle one, which a busy neighbour moves least.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}

/// Batches of the program and of its baseline, taken in turn so that both see the same machine.
struct Pairs {
    private(set) var own: [Cost] = []
    private(set) var baseline: [Cost] = []

    mutating func add(own: Cost, baseline: Cost) {
        self.own.append(own)
        self.baseline.append(baseline)
    }

    var wall: (own: Double, baseline: Double, ratio: Double) { summary(\.wall) }
    var cpu: (own: Double, baseline: Double, ratio: Double) { summary(\.cpu) }

    /// The medians, and the median of the ratios of neighbouring batches; 1 is as fast as the baseline.
    private func summary(_ clock: KeyPath<Cost, Double>) -> (own: Double, baseline: Double, ratio: Double) {
        (
            median(own.map { $0[keyPath: clock] }), median(baseline.map { $0[keyPath: clock] }),
            median(zip(own, baseline).map { $1[keyPath: clock] / $0[keyPath: clock] })
        )
    }
}

/// One line of the report.
struct Row {
    let what: String
    let figure: String
    var baseline = ""
    var ratio = ""
    var target = ""
    var isMet: Bool?

    var cells: [String] { [what, figure, baseline, ratio, target, isMet.map { $0 ? "yes" : "NO" } ?? ""] }

    static let titles = ["what", "figure", "baseline", "ratio", "at least", "met"]
}

/// A number with so many decimals.
func text(_ value: Double, _ decimals: Int = 1) -> String { String(format: "%.\(decimals)f", value) }

func percent(_ ratio: Double) -> String { "\(text(ratio * 100, 0)) %" }
