// The program's verifier and the independent one, written from the page alone, agree on random ledgers.
import Cryptography
import Encoding
import Ledger
import TestSupport
import Testing

/// A small generator, so that a seed names a ledger.
private struct Generator {
    var state: UInt64

    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}

/// Appends random things that may happen, in an order in which they may.
private func fill(_ ledger: Ledger, _ fixture: LedgerFixture, _ generator: inout Generator) async throws {
    var generations: [Identifier: Int64] = [:]
    var gone: [Identifier] = []
    for step in 0..<40 {
        let living = generations.keys.filter { !gone.contains($0) }.sorted()
        let resident = living.isEmpty ? nil : living[generator.next(living.count)]
        switch (generator.next(6), resident) {
        case (0, _), (_, nil):
            let newcomer = LedgerFixture.resident(UInt64(step + 1))
            let names = ["Aria", "Ünïcode \"x\" \u{2028}\\ 😀", "\u{7F}\n\t", "ﬀ"]
            try await ledger.append([fixture.admission(of: newcomer, name: names[generator.next(names.count)])])
            generations[newcomer] = 0
        case (1, let resident?): try await ledger.append([fixture.pause(of: resident)])
        case (2, let resident?):
            let sealed = (0..<generator.next(300)).map { _ in UInt8(generator.next(256)) }
            try await ledger.append([fixture.post(by: resident, "day \(step)", sealed: sealed)])
        case (3, let resident?) where step > 20:
            try await ledger.append([fixture.deletion(of: resident)])
            if generator.next(2) == 0 { try await ledger.removePayloads(of: resident) }
            gone.append(resident)
        case (_, let resident?):
            let generation = (generations[resident] ?? 0) + 1
            try await ledger.append(fixture.run(of: resident, generation: generation, day: "2026-11-\(10 + step)"))
            generations[resident] = generation
        }
    }
}

/// Alters an export somewhere, in some way.
private func alter(_ lines: inout [[UInt8]], _ generator: inout Generator) {
    let place = generator.next(lines.count - 1)
    switch generator.next(6) {
    case 0: lines.remove(at: place)
    case 1: lines.swapAt(place, place + 1)
    case 2: lines.insert(lines[place], at: generator.next(lines.count))
    case 3: lines.removeLast(1 + generator.next(3))
    default:
        let byte = generator.next(lines[place].count)
        lines[place][byte] ^= UInt8(1 << generator.next(7))
        if lines[place][byte] == 0x0A { lines[place][byte] = 0x20 }
    }
}

@Suite(.enabled(if: ReferenceScript.isReady, Comment(rawValue: ReferenceScript.whyNot)))
struct AgreementTests {
    @Test(
        "both verifiers accept what the program wrote, and both refuse each alteration",
        arguments: [1, 2, 3] as [UInt64])
    func agree(seed: UInt64) async throws {
        var generator = Generator(state: seed)
        let fixture = try LedgerFixture()
        let ledger = try await fixture.create()
        try await fill(ledger, fixture, &generator)
        let directory = fixture.directory.path + "/export"
        let head = try await ledger.export(to: directory).head
        await ledger.close()
        let written = try readFile("\(directory)/spans.ndjson")
        for round in 0..<6 {
            if round > 0 {
                var lines = written.split(separator: 0x0A).map(Array.init)
                alter(&lines, &generator)
                try writeFile("\(directory)/spans.ndjson", Array(lines.joined(separator: [0x0A])) + [0x0A])
            }
            let key = fixture.signingKey.verifyingKey
            let own = try await Ledger.verifyExport(directory: directory, key: key, head: head)
            let other = try await ReferenceScript.run(
                "scripts/verify-ledger",
                [directory, "--key", Hex.encode(key.bytes), "--head", HashText.blake3(head), "--json"])
            let kinds = Set(
                try JSON.parse(Array(other.output.utf8))["faults"]?.array?.compactMap { $0["kind"]?.string } ?? [])
            #expect(own.isSound == (round == 0), "\(own.faults)")
            #expect(other.status == (round == 0 ? 0 : 4), "\(other.output) \(other.errors)")
            let ownKinds = Set(own.faults.map(\.kind.rawValue))
            #expect(
                ownKinds.isEmpty == kinds.isEmpty && (kinds.isEmpty || !ownKinds.isDisjoint(with: kinds)),
                "\(ownKinds) \(kinds)")
        }
    }
}
