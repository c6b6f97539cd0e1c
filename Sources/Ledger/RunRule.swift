// The state machine of runs: claimed first, completed last, and every step of a completed one there.
internal import Encoding

/// Follows the spans of each run, which share a trace.
struct RunRule {
    private var open: [Identifier: Run] = [:]
    /// Runs that were completed, and where.
    private var ended: [Identifier: Int] = [:]

    private struct Run {
        var resident: Identifier?
        var steps: UInt8 = 0
        var rounds: Set<Int> = []
        var verdicts = 0
    }

    /// The steps that a completed run has, in the order of their bits.
    private static let steps: [EntityType] = [
        .runClaimed, .vaultOpened, .contextComposed, .providerCalled, .personaSettled, .vaultSealed,
    ]

    mutating func check(_ span: SpanEnvelope, faults: inout FaultList) {
        guard let id = span.traceID else { return }
        if let end = ended[id] {
            faults.add(
                Fault(
                    .disorderedRun, at: span.position, expected: "nothing of run \(id) after its end at \(end)",
                    found: span.entityType))
            return
        }
        let known = open.index(forKey: id)
        checkBegin(span, of: id, isFirst: known == nil, faults: &faults)
        if let known {
            Self.note(span, in: &open.values[known], of: id, faults: &faults)
        } else {
            var run = Run()
            Self.note(span, in: &run, of: id, faults: &faults)
            open[id] = run
        }
        // A run in which the resident deleted itself ends early, and its deletion may go on behind it.
        guard span.kind == .runCompleted, span.facts.reason != "self_deleted", let run = open.removeValue(forKey: id)
        else { return }
        ended[id] = span.position
        checkComplete(span, run, of: id, faults: &faults)
    }

    /// The claim comes once, before every step of the run.
    private func checkBegin(_ span: SpanEnvelope, of id: Identifier, isFirst: Bool, faults: inout FaultList) {
        guard isFirst ? span.kind?.isStep == true : span.kind == .runClaimed else { return }
        faults.add(
            Fault(
                .disorderedRun, at: span.position, expected: "run.claimed once and first in run \(id)",
                found: span.entityType))
    }

    private static func note(_ span: SpanEnvelope, in run: inout Run, of id: Identifier, faults: inout FaultList) {
        if let step = span.kind.flatMap({ steps.firstIndex(of: $0) }) { run.steps |= 1 << UInt8(step) }
        switch span.kind {
        case .runClaimed: run.resident = span.resident
        case .providerCalled: if let round = span.facts.round { run.rounds.insert(round) }
        case .toolCalled, .toolRefused: run.verdicts += 1
        default: break
        }
        guard let resident = run.resident, let own = span.resident, own != resident, span.kind?.isOfRun == true else {
            return
        }
        faults.add(
            Fault(.disorderedRun, at: span.position, expected: "run \(id) of \(resident)", found: "\(own)"))
    }

    /// All steps are there, and as many rounds and verdicts as it says.
    private func checkComplete(_ span: SpanEnvelope, _ run: Run, of id: Identifier, faults: inout FaultList) {
        for (index, step) in Self.steps.enumerated() where run.steps & (1 << UInt8(index)) == 0 {
            faults.add(
                Fault(.incompleteRun, at: span.position, expected: "\(step.rawValue) in run \(id)", found: "none"))
        }
        if let calls = span.facts.calls, calls != run.verdicts {
            faults.add(
                Fault(
                    .incompleteRun, at: span.position, expected: "\(calls) verdicts in run \(id)",
                    found: "\(run.verdicts)"))
        }
        if let rounds = span.facts.rounds, !(0..<rounds).allSatisfy({ run.rounds.contains($0 + 1) }) {
            faults.add(
                Fault(
                    .incompleteRun, at: span.position, expected: "provider.called of \(rounds) rounds in run \(id)",
                    found: "\(run.rounds.count) rounds"))
        }
    }
}

extension EntityType {
    /// Whether a run has this only after its claim.
    fileprivate var isStep: Bool {
        switch self {
        case .vaultOpened, .contextComposed, .providerCalled, .toolCalled, .toolRefused, .personaSettled, .vaultSealed,
            .runCompleted:
            true
        default: false
        }
    }

    /// Whether a span of this kind in a run is about the run's own resident.
    fileprivate var isOfRun: Bool {
        switch self {
        case .runClaimed, .vaultOpened, .contextComposed, .providerCalled, .toolCalled, .toolRefused, .personaSettled,
            .vaultSealed, .runCompleted, .runFailed, .runParked, .runSkipped, .runMissed:
            true
        default: false
        }
    }
}
