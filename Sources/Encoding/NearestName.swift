// Did-you-mean: the known name that a mistyped one most resembles.

/// The candidate within a few slips of a name, or nil; of equally near ones the first.
///
/// Case counts. A slip is a letter added, left out, exchanged, or swapped with its neighbour (optimal string
/// alignment). Up to one slip in three letters is forgiven, three at most; names beyond 64 letters are not compared.
public func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
    let wanted = Array(name.unicodeScalars)
    guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
    let allowed = min(3, max(1, wanted.count / 3))
    var best: (name: String, slips: Int)?
    for candidate in candidates {
        let other = Array(candidate.unicodeScalars)
        guard other.count <= 64, abs(other.count - wanted.count) <= allowed else { continue }
        let slips = slips(wanted, other)
        let nearer = slips <= allowed && slips < wanted.count && slips < best?.slips ?? .max
        if nearer { best = (candidate, slips) }
    }
    return best?.name
}

/// The number of slips between two words, by the usual table kept to its last three rows.
private func slips(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for i in left.indices {
        var row = [i + 1]
        row.reserveCapacity(right.count + 1)
        for j in right.indices {
            var best = min(last[j] + (left[i] == right[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                best = min(best, beforeLast[j - 1] + 1)
            }
            row.append(best)
        }
        (beforeLast, last) = (last, row)
    }
    return last[right.count]
}
