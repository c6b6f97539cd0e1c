// The state machine of residents and the keyring, as a verifier checks it over a whole ledger.
internal import Encoding

/// Follows what happens to residents, span by span, and hands runs to their own rule.
struct LifecycleRule {
    /// The last generation of every resident.
    private var generations: [Identifier: Int] = [:]
    /// Where residents were deleted.
    private(set) var deletions: [Identifier: Int] = [:]
    private var epoch = 0
    private var runs = RunRule()

    mutating func check(_ span: SpanEnvelope, faults: inout FaultList) {
        switch span.kind {
        case .residentAdmitted, .vaultSealed, .vaultOpened: checkGeneration(span, faults: &faults)
        case .residentDeleted: if let resident = span.resident { deletions[resident] = span.position }
        case .keyringWritten: checkEpoch(span, faults: &faults)
        default: break
        }
        runs.check(span, faults: &faults)
    }

    /// An admission begins at 0, once; a seal follows by one; an opening is of the generation that is current.
    private mutating func checkGeneration(_ span: SpanEnvelope, faults: inout FaultList) {
        guard let resident = span.resident else {
            faults.add(Fault(.fieldInvalid, at: span.position, expected: "this: a resident", found: "another value"))
            return
        }
        if let deletion = deletions[resident], span.kind != .vaultOpened {
            faults.add(
                Fault(
                    .sealedAfterDeletion, at: span.position, expected: "no seal after position \(deletion)",
                    found: "\(span.entityType) of \(resident)"))
        }
        let found = span.facts.generation
        let last = generations[resident]
        let expected: Int?
        let otherwise: String
        switch span.kind {
        case .residentAdmitted: (expected, otherwise) = (last == nil ? 0 : nil, "one admission")
        case .vaultSealed: (expected, otherwise) = (last.map { $0 + 1 }, "an admission before")
        default: (expected, otherwise) = (last, "an admission before")
        }
        if found == nil || found != expected {
            faults.add(
                Fault(
                    .wrongGeneration, at: span.position, expected: expected.map { "generation \($0)" } ?? otherwise,
                    found: found.map { "generation \($0)" } ?? "none"))
        }
        if let found, span.kind != .vaultOpened { generations[resident] = max(found, last ?? 0) }
    }

    /// The epoch of the keyring never goes back: an older one would bring deleted keys to life.
    private mutating func checkEpoch(_ span: SpanEnvelope, faults: inout FaultList) {
        let found = span.facts.epoch
        guard let found, found >= epoch else {
            faults.add(
                Fault(
                    .wrongEpoch, at: span.position, expected: "epoch \(epoch) or later",
                    found: found.map { "epoch \($0)" } ?? "none"))
            return
        }
        epoch = found
    }
}
