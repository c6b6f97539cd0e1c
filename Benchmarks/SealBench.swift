// Durable seals, sixteen at once, against the same file operations by sixteen threads of a C program.
import Cryptography
import Encoding
import Foundation
import Vault

/// The plaintext of a seal: what a resident with a 64 KiB history has.
private let packageBytes = 65_536

func sealRows(_ bench: Bench) async throws -> [Row] {
    let home = try bench.directory("seal-home")
    let files = try bench.directory("seal-files")
    let random = RandomSource.system
    let identifiers = IdentifierSource(time: .system, random: random)
    let surroundings = VaultSurroundings(
        random: random, time: .system, nextIdentifier: { identifiers.next() })
    let master = try Vault.createMasterKeyFile(home: home, random: random)
    let vault = try Vault.create(home: home, id: identifiers.next(), masterKey: master, surroundings: surroundings)
    let residents = (0..<16).map { _ in identifiers.next() }
    try vault.commit(vault.prepareKeyring(adding: residents))
    let package = SharedSecret(random.secret(packageBytes))
    var generations: [Identifier: Generation] = [:]
    for resident in residents {
        generations[resident] = try await vault.seal(resident: resident, after: nil, package: package.bytes)
    }
    let seals = 64
    var pairs = Pairs()
    let blob = try FileManager.default.subpathsOfDirectory(atPath: "\(home)/vault/blobs")
        .first { $0.hasSuffix(".blob") }
        .map { try FileManager.default.attributesOfItem(atPath: "\(home)/vault/blobs/\($0)")[.size] as? Int ?? 0 }
    let arguments = [files, "\(residents.count)", "\(seals)", "\(blob ?? packageBytes)"]
    // The first batch makes the files that every later one takes over.
    _ = try baseline("seal", arguments, bench)
    for _ in 0..<bench.batches {
        let reference = try baseline("seal", arguments, bench)
        let cost = try await inThisProcess {
            generations = try await sealAll(generations, in: vault, package: package, times: seals)
        }
        pairs.add(own: cost.each(seals * residents.count), baseline: reference)
    }
    let openings = 200
    let opening = try onThisThread {
        for index in 0..<openings {
            let resident = residents[index % residents.count]
            guard let generation = generations[resident],
                try vault.open(resident: resident, expecting: generation).count == packageBytes
            else { throw BenchError.unfinished("open") }
        }
    }
    let (wall, cpu) = (pairs.wall, pairs.cpu)
    return [
        Row(
            what: "seal durable (64 KiB) and sweep, 16 at once", figure: "\(text(1 / wall.own, 0)) seals/s",
            baseline: "C: \(text(1 / wall.baseline, 0)) seals/s", ratio: percent(wall.ratio), target: "80 %",
            isMet: wall.ratio >= 0.8),
        Row(
            what: "its CPU time, cryptography included", figure: "\(text(cpu.own * 1e6, 0)) µs a seal",
            baseline: "C, files alone: \(text(cpu.baseline * 1e6, 0)) µs"),
        Row(
            what: "open a sealed 64 KiB package from its file",
            figure: "\(text(opening.each(openings).cpu * 1e6, 0)) µs"),
    ]
}

/// Every resident's next generations, each resident's one after the other, all residents at once.
private func sealAll(
    _ generations: [Identifier: Generation], in vault: Vault, package: SharedSecret, times: Int
) async throws -> [Identifier: Generation] {
    try await withThrowingTaskGroup(of: (Identifier, Generation).self) { group in
        for (resident, first) in generations {
            group.addTask {
                var generation = first
                for _ in 0..<times {
                    generation = try await vault.seal(
                        resident: resident, after: generation, package: package.bytes)
                    try vault.sweep(resident: resident, below: generation.number)
                }
                return (resident, generation)
            }
        }
        var sealed: [Identifier: Generation] = [:]
        for try await (resident, generation) in group { sealed[resident] = generation }
        return sealed
    }
}
