// Tells apart what can be wrong with the order of spans: dropped, duplicated, put in, swapped.

/// Follows the positions that spans claim, in the order in which they stand.
struct PositionRule {
    /// One more than the highest position so far.
    private(set) var next: Int
    /// Positions that were passed over: dropped, unless they come later.
    private var missing: Set<Int> = []
    /// How many passed-over positions are kept apart; more than that is one fault for the whole gap.
    private static let limit = 4096

    init(from first: Int) { next = first }

    /// What a position claimed by the next span says; `isKnown` tells whether its identifier stood before.
    mutating func check(_ position: Int, isKnown: Bool, faults: inout FaultList) {
        if position == next {
            next += 1
        } else if position > next {
            let gap = next..<position
            if gap.count + missing.count <= Self.limit {
                missing.formUnion(gap)
            } else {
                faults.add(Fault(.dropped, at: next, expected: "position \(next)", found: "position \(position)"))
            }
            next = position + 1
        } else if isKnown {
            faults.add(Fault(.duplicated, at: position, expected: "position \(next)", found: "position \(position)"))
        } else if missing.remove(position) != nil {
            faults.add(Fault(.outOfOrder, at: position, expected: "position \(next)", found: "position \(position)"))
        } else {
            faults.add(
                Fault(.inserted, at: position, expected: "one span", found: "another span of the same position"))
        }
    }

    /// A span that could not be read takes the place it stands at.
    mutating func skipUnreadable() { next += 1 }

    /// What is still missing at the end.
    func finish(faults: inout FaultList) {
        for position in missing.sorted() {
            faults.add(Fault(.dropped, at: position, expected: "a span", found: "none"))
        }
    }
}

/// Faults in the order of finding; beyond a bound they are only counted.
struct FaultList: Sendable {
    static let limit = 1000
    private(set) var faults: [Fault] = []
    private(set) var count = 0

    mutating func add(_ fault: Fault) {
        count += 1
        if faults.count < Self.limit { faults.append(fault) }
    }
}
