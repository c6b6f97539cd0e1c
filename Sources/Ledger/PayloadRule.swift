// Sealed payloads beside the spans: present as their spans say, or covered by a deletion.
internal import Cryptography
internal import Encoding

/// Compares payloads with their spans and keeps what is missing until the deletions are known.
struct PayloadRule {
    /// Identifiers and versions whose spans name a payload.
    private(set) var named: Set<SpanKey> = []
    private var missing: [Missing] = []

    private struct Missing {
        let resident: Identifier?
        let position: Int
        let hash: [UInt8]
    }

    /// Compares the payload of a span, nil where there is none.
    mutating func check(_ span: SpanEnvelope, payload: [UInt8]?, faults: inout FaultList) {
        guard let sealed = span.sealed else { return }
        named.insert(SpanKey(id: span.id, seq: span.seq))
        guard let payload else {
            missing.append(Missing(resident: span.resident, position: span.position, hash: sealed.hash))
            return
        }
        let hash = BLAKE3.hash(payload)
        guard payload.count != sealed.length || hash != sealed.hash else { return }
        faults.add(
            Fault(
                .payloadAltered, at: span.position, expected: "\(HashText.blake3(sealed.hash)), \(sealed.length) bytes",
                found: "\(HashText.blake3(hash)), \(payload.count) bytes"))
    }

    /// Reports the payloads that are missing though no later deletion of their resident covers them.
    func finish(deletions: [Identifier: Int], faults: inout FaultList) {
        for payload in missing {
            if let resident = payload.resident, let deletion = deletions[resident], deletion > payload.position {
                continue
            }
            faults.add(
                Fault(
                    .payloadMissing, at: payload.position, expected: "a payload of \(HashText.blake3(payload.hash))",
                    found: "none"))
        }
    }
}
