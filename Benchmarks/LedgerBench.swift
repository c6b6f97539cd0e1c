// Appending to the ledger and verifying it, against a C loop on a copy of the same file and libsodium alone.
import Cryptography
import Encoding
import Foundation
import Ledger

private let groupSize = 100
private let groups = 40

func ledgerRows(_ bench: Bench) async throws -> [Row] {
    let home = try bench.directory("ledger-home")
    let copy = try bench.directory("ledger-copy")
    let random = RandomSource.system
    let identifiers = IdentifierSource(time: .system, random: random)
    let paths = LedgerPaths(home: home)
    let key = try SigningKey(seed: random.secret(32))
    let zeroHash = "blake3:" + String(repeating: "0", count: 64)
    let genesis = Genesis(
        vault: String(repeating: "0", count: 32), preamble: zeroHash, laws: [zeroHash], program: "sanctuary bench")
    try await Ledger.create(
        at: paths, origin: "bench.local/ledger", signingKey: key, genesis: genesis, id: identifiers.next(),
        at: TimeSource.system.now()
    ).close()
    // Closed, the file is whole: the baseline goes on with the same tables, indexes and triggers.
    try FileManager.default.copyItem(atPath: paths.database, toPath: "\(copy)/ledger.sqlite")
    let ledger = try await Ledger.open(at: paths, signingKey: key)
    var appending = Pairs()
    for _ in 0..<bench.batches {
        let drafts = (0..<groups).map { _ in group(identifiers) }
        let reference = try baseline(
            "append", ["\(copy)/ledger.sqlite", "\(copy)/ledger.head", "\(groups)", "\(groupSize)"], bench)
        let cost = try await inThisProcess { for group in drafts { try await ledger.append(group) } }
        appending.add(own: cost.each(groups * groupSize), baseline: reference)
    }
    let size = try await ledger.size()
    var verifying = Pairs()
    for _ in 0..<bench.batches {
        let reference = try baseline("verify", ["20000"], bench)
        let cost = try await inThisProcess {
            let report = try await ledger.verify()
            guard report.isSound, report.checked == size else { throw BenchError.unfinished("verify") }
        }
        verifying.add(own: cost.each(size), baseline: reference)
    }
    await ledger.close()
    return rows(appending, verifying, size: size)
}

private func rows(_ appending: Pairs, _ verifying: Pairs, size: Int) -> [Row] {
    let (wall, cpu, checking) = (appending.wall, appending.cpu, verifying.cpu)
    return [
        Row(
            what: "ledger append, groups of \(groupSize)", figure: "\(text(1 / wall.own, 0)) spans/s",
            baseline: "C: \(text(1 / wall.baseline, 0)) spans/s", ratio: percent(wall.ratio), target: "70 %",
            isMet: wall.ratio >= 0.7),
        Row(
            what: "its CPU time", figure: "\(text(cpu.own * 1e6)) µs a span",
            baseline: "C: \(text(cpu.baseline * 1e6)) µs", ratio: percent(cpu.ratio)),
        Row(
            what: "ledger verify, one core, \(size) spans", figure: "\(text(1 / checking.own, 0)) spans/s",
            baseline: "libsodium: \(text(1 / checking.baseline, 0)) signatures/s", ratio: percent(checking.ratio),
            target: "80 %", isMet: checking.ratio >= 0.8),
    ]
}

/// A group of spans as runs write them most: calls of a provider, and at every twelfth the claim of the next run.
private func group(_ identifiers: IdentifierSource) -> [SpanDraft] {
    let resident = "0192aaaa-bbbb-7ccc-8ddd-eeeeffff0000"
    let metadata: JSONObject = [
        "provider": "bench", "model": "bench-model", "round": 1, "attempt": 1,
        "digest": .string("hmac-sha512:" + String(repeating: "1", count: 64)), "input": 16_000, "cacheRead": 0,
        "cacheWrite": 0, "output": 200, "house": 900, "costPicoUSD": 123_456, "ms": 12, "stop": "end_turn",
    ]
    var run = identifiers.next()
    return (0..<groupSize).map { index in
        if index.isMultiple(of: 12) {
            run = identifiers.next()
            return SpanDraft(
                id: identifiers.next(), entityType: .runClaimed, who: .scheduler, this: resident,
                at: TimeSource.system.now(), metadata: ["trigger": "manual", "occurrence": .string(run.description)],
                traceID: run, idempotencyKey: "manual:\(run):\(resident)")
        }
        return SpanDraft(
            id: identifiers.next(), entityType: .providerCalled, who: .engine, this: resident,
            at: TimeSource.system.now(), metadata: metadata, traceID: run)
    }
}
