// Every blob against what the ledger says of it: each fault found, none hiding another.
public import Encoding
internal import Files

/// What the ledger says of one resident's sealed files.
public struct ResidentExpectation: Sendable {
    /// The resident.
    public let resident: Identifier
    /// The committed generation; nil for one that was deleted, of whom nothing may be left.
    public let generation: Generation?
    /// The committed episodes.
    public let episodes: [Generation]

    /// What the ledger says; a deleted resident has no generation.
    public init(resident: Identifier, generation: Generation?, episodes: [Generation] = []) {
        self.resident = resident
        self.generation = generation
        self.episodes = episodes
    }
}

/// The result of a verification.
public struct VaultVerification: Sendable {
    /// How many sealed files were opened and checked to the last byte.
    public let checked: Int
    /// What is wrong, in order of path.
    public let faults: [VaultFault]
    /// Whether nothing is.
    public var isSound: Bool { faults.isEmpty }
}

extension Vault {
    /// Opens every file that the ledger names, releases nothing, and names every fault.
    ///
    /// `expected` holds every resident of the ledger, or those that are asked for; `isComplete` says that it is all
    /// of them, so that files of others are faults too. A file of the next generation (an interrupted run), older
    /// generations (an interrupted sweep), spares and unfinished seals are none.
    public func verify(_ expected: [ResidentExpectation], isComplete: Bool) throws(VaultError) -> VaultVerification {
        var faults: [VaultFault] = []
        var checked = 0
        func check(
            _ resident: Identifier, _ generation: Generation, _ content: BlobContent
        ) throws(VaultError) {
            let path = paths.relative(paths.file(BlobName(resident, content, generation.number)))
            checked += 1
            do throws(VaultError) {
                _ = try open(resident: resident, expecting: generation, content: content)
            } catch {
                // A system that is out of descriptors or memory says nothing about a file.
                if error.isShortage { throw error }
                faults.append(VaultInspection.fault(error, path: path))
            }
        }
        var residents: [Identifier: ResidentExpectation] = [:]
        for one in expected {
            residents[one.resident] = one
            if let generation = one.generation { try check(one.resident, generation, .personaPackage) }
            for episode in one.episodes { try check(one.resident, episode, .episode) }
        }
        for file in try BlobListing(paths: paths).files {
            if let fault = unexplained(file, residents: residents, isComplete: isComplete) { faults.append(fault) }
        }
        faults.sort { ($0.path, $0.field) < ($1.path, $1.field) }
        return VaultVerification(checked: checked, faults: faults)
    }

    /// A file that the ledger does not explain.
    private func unexplained(
        _ file: BlobListing.File, residents: [Identifier: ResidentExpectation], isComplete: Bool
    ) -> VaultFault? {
        guard let name = file.name else {
            guard isComplete else { return nil }
            return VaultFault(
                .unexpected, path: file.relativePath, field: "name", expected: "a sealed file", found: "another")
        }
        guard let expectation = residents[name.resident] else {
            guard isComplete else { return nil }
            // A first file that the ledger does not know is an admission that was interrupted.
            if [.generation(0), .episode(0), .unfinished].contains(name.kind) { return nil }
            return VaultFault(
                .unexpected, path: file.relativePath, field: "resident", expected: "one of the ledger",
                found: name.resident.description)
        }
        guard let committed = expectation.generation else {
            return VaultFault(
                .unexpected, path: file.relativePath, field: "resident", expected: "nothing of a deleted resident",
                found: "a file")
        }
        switch name.kind {
        case .generation(let number) where number > committed.number + 1:
            return VaultFault(
                .unexpected, path: file.relativePath, field: "generation", expected: "<=\(committed.number + 1)",
                found: "\(number)")
        case .episode(let number) where !expectation.episodes.contains { $0.number == number }:
            // The next episode may have been sealed by the same interrupted run.
            let next = (expectation.episodes.map(\.number).max()).map { $0 + 1 } ?? 0
            if number == next { return nil }
            return VaultFault(
                .unexpected, path: file.relativePath, field: "episode", expected: "<=\(next)", found: "\(number)")
        default: return nil
        }
    }
}
