// The state machine of residents and runs, as a verifier checks it over a whole ledger.
internal import Encoding

/// Follows what happens to residents and in runs, span by span.
struct LifecycleRule {
    /// The last generation of every resident.
    private var generations: [Identifier: Int] = [:]
    /// Where residents were deleted.
    private(set) var deletions: [Identifier: Int] = [:]
    /// What the open runs have so far.
    private var runs: [Identifier: Run] = [:]
    /// Runs that were completed, other than by self-deletion.
    private var completed: Set<Identifier> = []

    private struct Run {
        var beginsWithClaim: Bool
        var steps: UInt8 = 0
    }

    /// The steps that a completed run has, in the order of their bits.
    private static let steps: [EntityType] = [
        .runClaimed, .vaultOpened, .contextComposed, .providerCalled, .personaSettled, .vaultSealed,
    ]

    mutating func check(_ span: SpanEnvelope, faults: inout FaultList) {
        let kind = span.kind
        switch kind {
        case .residentAdmitted, .vaultSealed: checkGeneration(span, kind: kind, faults: &faults)
        case .residentDeleted: if let resident = span.resident { deletions[resident] = span.position }
        default: break
        }
        if let run = span.traceID { checkRun(run, span, kind, faults: &faults) }
    }

    private mutating func checkGeneration(_ span: SpanEnvelope, kind: EntityType?, faults: inout FaultList) {
        guard let resident = span.resident else {
            faults.add(Fault(.fieldInvalid, at: span.position, expected: "this: a resident", found: "another value"))
            return
        }
        if let deletion = deletions[resident] {
            faults.add(
                Fault(
                    .sealedAfterDeletion, at: span.position, expected: "no seal after position \(deletion)",
                    found: "\(span.entityType) of \(resident)"))
        }
        let found = span.metadata("generation")?.integer.map { Int($0) }
        let last = generations[resident]
        // An admission begins at 0, once; a seal without an admission follows nothing.
        let expected = kind == .residentAdmitted ? (last == nil ? 0 : nil) : last.map { $0 + 1 }
        if found == nil || found != expected {
            faults.add(
                Fault(
                    .wrongGeneration, at: span.position,
                    expected: expected.map { "generation \($0)" }
                        ?? (kind == .residentAdmitted ? "one admission" : "an admission before"),
                    found: found.map { "generation \($0)" } ?? "none"))
        }
        if let found { generations[resident] = max(found, last ?? 0) }
    }

    private mutating func checkRun(
        _ id: Identifier, _ span: SpanEnvelope, _ kind: EntityType?, faults: inout FaultList
    ) {
        if completed.contains(id) {
            faults.add(
                Fault(
                    .disorderedRun, at: span.position, expected: "run.completed last in run \(id)",
                    found: span.entityType)
            )
            return
        }
        var run = runs[id] ?? Run(beginsWithClaim: kind == .runClaimed)
        if let step = kind.flatMap({ Self.steps.firstIndex(of: $0) }) { run.steps |= 1 << UInt8(step) }
        guard kind == .runCompleted else {
            runs[id] = run
            return
        }
        runs[id] = nil
        if !run.beginsWithClaim {
            faults.add(
                Fault(
                    .disorderedRun, at: span.position, expected: "run.claimed first in run \(id)",
                    found: "another span first"))
        }
        // A run in which the resident deleted itself ends early, and its deletion goes on behind it.
        if span.metadata("reason")?.string == "self_deleted" { return }
        completed.insert(id)
        for (index, step) in Self.steps.enumerated() where run.steps & (1 << UInt8(index)) == 0 {
            faults.add(
                Fault(.incompleteRun, at: span.position, expected: "\(step.rawValue) in run \(id)", found: "none"))
        }
    }
}
