// The rules that only a verification can check: what the node itself, with its key, must never have written.
import Cryptography
import Encoding
import Ledger
import TestSupport
import Testing

/// One thing that a node must not write, and the fault by which it is known.
private struct Misdeed: Sendable, CustomStringConvertible {
    let description: String
    let fault: Fault.Kind
    let change: @Sendable (inout [JSONObject]) -> Void
}

private func index(of kind: EntityType, in spans: [JSONObject]) -> Int {
    spans.firstIndex { $0["entity_type"]?.string == kind.rawValue } ?? 0
}

private func set(_ kind: EntityType, _ field: String, _ value: JSON) -> @Sendable (inout [JSONObject]) -> Void {
    { spans in
        let place = index(of: kind, in: spans)
        var metadata = spans[place]["metadata"] ?? [:]
        metadata[field] = value
        spans[place]["metadata"] = metadata
    }
}

private func without(_ kind: EntityType) -> @Sendable (inout [JSONObject]) -> Void {
    { $0.remove(at: index(of: kind, in: $0)) }
}

private let misdeeds: [Misdeed] = [
    Misdeed(description: "a generation skipped", fault: .wrongGeneration, change: set(.vaultSealed, "generation", 2)),
    Misdeed(
        description: "another generation opened", fault: .wrongGeneration, change: set(.vaultOpened, "generation", 1)),
    Misdeed(description: "no context", fault: .incompleteRun, change: without(.contextComposed)),
    Misdeed(description: "no settlement", fault: .incompleteRun, change: without(.personaSettled)),
    Misdeed(description: "no claim", fault: .disorderedRun, change: without(.runClaimed)),
    Misdeed(description: "more rounds than calls", fault: .incompleteRun, change: set(.runCompleted, "rounds", 2)),
    Misdeed(description: "verdicts that are not there", fault: .incompleteRun, change: set(.runCompleted, "calls", 1)),
    Misdeed(description: "an undeclared fact", fault: .fieldUnknown, change: set(.runClaimed, "prompt", "words")),
    Misdeed(description: "a fact of another form", fault: .fieldInvalid, change: set(.runClaimed, "trigger", 1)),
    Misdeed(description: "an undeclared kind", fault: .fieldUnknown) { spans in
        spans[index(of: .post, in: spans)]["entity_type"] = "post.edited"
    },
    Misdeed(description: "a post that nobody sees", fault: .fieldInvalid) { spans in
        spans[index(of: .post, in: spans)]["visibility"] = "private"
    },
    Misdeed(description: "a span of a run after its end", fault: .disorderedRun) { spans in
        let place = index(of: .post, in: spans)
        spans[place]["trace_id"] = spans[index(of: .runCompleted, in: spans)]["trace_id"]
    },
    Misdeed(description: "a version without the one before", fault: .wrongVersion) { spans in
        spans[index(of: .post, in: spans)]["seq"] = 1
    },
    Misdeed(description: "an identifier twice", fault: .identifierReused) { spans in
        spans[index(of: .post, in: spans)]["id"] = spans[1]["id"]
    },
    Misdeed(description: "an occurrence claimed twice", fault: .idempotencyKeyReused) { spans in
        let claims = spans.indices.filter { spans[$0]["entity_type"]?.string == "run.claimed" }
        spans[claims[1]]["idempotency_key"] = spans[claims[0]]["idempotency_key"]
    },
    Misdeed(description: "another ledger's name", fault: .foreignLedger) { $0[4]["ledger"] = "elsewhere.example" },
    Misdeed(description: "a second genesis", fault: .genesis) { spans in
        var second = spans[0]
        second["id"] = "019a9d3c-8c00-7abc-8def-00000000fffe"
        spans.append(second)
    },
    Misdeed(description: "an epoch that goes back", fault: .wrongEpoch) { spans in
        for (number, epoch) in [5, 4].enumerated() as EnumeratedSequence<[Int64]> {
            var span = spans[1]
            span["id"] = .string("019a9d3c-8c00-7abc-8def-00000000fff\(number)")
            span["entity_type"] = "keyring.written"
            span["this"] = .string(String(repeating: "0f", count: 16))
            span["name"] = nil
            span["metadata"] = ["epoch": .integer(epoch), "hash": .string(LedgerFixture.hash)]
            spans.append(span)
        }
    },
]

@Suite struct RuleTests {
    @Test("a node's own misdeeds are found, each by its name", arguments: misdeeds)
    private func found(_ misdeed: Misdeed) async throws {
        let export = try await Export()
        var spans = try export.lines().map { try #require(try JSON.parse($0).object) }
        misdeed.change(&spans)
        var lines: [[UInt8]] = []
        for (position, span) in spans.enumerated() {
            let previous = try lines.last.map { try Export.hash($0) } ?? "blake3:" + String(repeating: "0", count: 64)
            let line = try JSON.object(span).canonicalForLedger()
            lines.append(
                try Export.resign(line, with: export.fixture.signingKey) {
                    $0["position"] = .integer(Int64(position))
                    $0["prev_hash"] = .string(previous)
                })
        }
        try export.write(lines)
        let report = try await Ledger.verifyExport(directory: export.directory, key: export.key, head: nil)
        let kinds = Set(report.faults.map(\.kind)).subtracting([
            .headMismatch, .surplus, .truncated, .payloadMissing, .payloadUnexpected,
        ])
        #expect(kinds.contains(misdeed.fault), "\(report.faults)")
        // An absent claim is also an absent step.
        #expect(kinds.count <= 2, "\(report.faults)")
    }

    @Test("a run that ended in self-deletion needs no further steps, and its payloads may be gone")
    func selfDeletion() async throws {
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        let resident = LedgerFixture.resident(1)
        try await ledger.append([fixture.admission(of: resident), fixture.post(by: resident, sealed: [1, 2])])
        var run = fixture.run(of: resident, generation: 1, day: "2026-11-21")
        run.removeSubrange(2...5)
        run[2].metadata = ["reason": "self_deleted"]
        try await ledger.append(run + [fixture.deletion(of: resident)])
        #expect(try await ledger.removePayloads(of: resident) == 1)
        #expect(try await ledger.verify().faults == [])
        await ledger.close()
    }
}
