// The generations of a resident: opened as the ledger says, sealed beside the old one, swept, erased.
public import Cryptography
public import Encoding
internal import Synchronization

extension Vault {
    /// Opens a resident's blob, which must be exactly the generation that the ledger names.
    ///
    /// `expecting` comes from the last verified span that carries generation and header hash. Every byte is
    /// checked before one is released; what does not fit is a ``VaultError/fault(_:)``.
    public func open(
        resident: Identifier, expecting: Generation, content: BlobContent = .personaPackage
    ) throws(VaultError) -> SecretBytes {
        let name = BlobName(resident, content, expecting.number)
        let path = paths.relative(paths.file(name))
        guard let bytes = try files.read(name, in: buffers.take()) else { throw try absent(name, path: path) }
        let key = try pek(of: resident)
        let expectation = Blob.Expectation(
            path: path, vault: id, resident: resident, content: content, generation: expecting)
        let package = try Blob.open(bytes, expecting: expectation, pekID: key.id, pek: key.key)
        buffers.giveBack(bytes)
        return package
    }

    /// Seals a package as the generation after `after` (0 if nil) under a fresh key; durable when it returns.
    ///
    /// The plaintext, at most 64 MiB, is not touched after the first suspension. A file of the same generation
    /// that was left by an interrupted run of the same claim is removed; one of generation 0 never is
    /// (``VaultError/alreadyExists(path:)``). Nothing counts before the ledger carries the returned generation.
    public func seal(
        resident: Identifier, after: Generation?, package: borrowing SecretBytes,
        content: BlobContent = .personaPackage
    ) async throws(VaultError) -> Generation {
        let (bytes, generation) = try sealedBytes(
            resident: resident, after: after, package: package, content: content, padding: .padme, in: buffers.take())
        return try await write(
            bytes, as: generation, of: resident, content, replacing: after != nil || content == .episode)
    }

    /// As ``seal(resident:after:package:content:)``, of a package made here and gone before the disk is awaited.
    public func seal(
        resident: Identifier, after: Generation?, making package: () throws -> SecretBytes
    ) async throws -> Generation {
        let (bytes, generation) = try sealedBytes(
            resident: resident, after: after, package: package(), content: .personaPackage, padding: .padme,
            in: buffers.take())
        return try await write(bytes, as: generation, of: resident, .personaPackage, replacing: after != nil)
    }

    private func write(
        _ bytes: [UInt8], as generation: Generation, of resident: Identifier, _ content: BlobContent, replacing: Bool
    ) async throws(VaultError) -> Generation {
        let name = BlobName(resident, content, generation.number)
        let tookSpare = try await workers.run { [files] () throws(VaultError) in
            try files.create(name, bytes, replacing: replacing)
        }
        if content == .personaPackage {
            state.withLock { $0.overSpare[resident] = tookSpare ? generation.number : nil }
        }
        buffers.giveBack(bytes)
        return generation
    }

    /// The bytes of the next blob; draws the data key, the salt of its wrapping, the salt of the payload.
    func sealedBytes(
        resident: Identifier, after: Generation?, package: borrowing SecretBytes, content: BlobContent,
        padding: BlobPadding, in memory: consuming [UInt8] = []
    ) throws(VaultError) -> (bytes: [UInt8], generation: Generation) {
        guard package.count <= BlobHeader.maximumPlaintextCount else {
            throw .plaintextTooLong(limit: BlobHeader.maximumPlaintextCount, found: package.count)
        }
        let key = try pek(of: resident)
        let random = surroundings.random
        let header = BlobHeader(
            vault: id, resident: resident, blob: surroundings.nextIdentifier(),
            generation: after.map { $0.number + 1 } ?? 0,
            createdMilliseconds: UInt64(max(0, surroundings.time.now().unixMilliseconds)),
            previousHeaderHash: after?.headerHash ?? [UInt8](repeating: 0, count: 32),
            plaintextCount: package.count, content: content, padding: padding, pekID: key.id)
        let dek = random.secret(32)
        let salts = Blob.Salts(
            wrap: random.bytes(ChunkedEncryption.saltSize), payload: random.bytes(ChunkedEncryption.saltSize))
        let bytes = try Blob.seal(package, header: header, pek: key.key, dek: dek, salts: salts, in: memory)
        let hash = BLAKE3.hash(Array(bytes.prefix(BlobHeader.count)))
        return (bytes, Generation(number: header.generation, headerHash: hash))
    }

    /// Destroys the generations below the committed one; the wrapped key of each is overwritten.
    ///
    /// A sweep leaves a spare behind when it has done everything else. So where the seal of this generation found one,
    /// nothing older than the generation before is left; everywhere else the directory is searched.
    public func sweep(resident: Identifier, below committed: UInt64) throws(VaultError) {
        let overSpare = state.withLock { $0.overSpare.removeValue(forKey: resident) }
        if overSpare == committed, committed > 0 {
            let isThere = try files.destroy(BlobName(resident, .generation(committed - 1)), keepingSpare: true)
            if isThere { return try surroundings.passed(.generationSwept) }
        }
        let older = try files.names(of: resident).compactMap { name -> UInt64? in
            if case .generation(let number) = name.kind, number < committed { number } else { nil }
        }.sorted()
        for number in older {
            _ = try files.destroy(BlobName(resident, .generation(number)), keepingSpare: number == older.last)
            try surroundings.passed(.generationSwept)
        }
    }

    /// Removes what an interrupted run or admission left: generations above the committed one, every file if nil.
    public func removeOrphan(resident: Identifier, above committed: UInt64?) throws(VaultError) {
        for name in try files.names(of: resident) {
            switch name.kind {
            case .generation(let number):
                if let committed, number <= committed { continue }
                try files.remove(name)
                try surroundings.passed(.orphanRemoved)
            // An interrupted seal may have written into the spare.
            case .unfinished, .spare: try files.remove(name)
            case .episode where committed == nil:
                try files.remove(name)
                try surroundings.passed(.orphanRemoved)
            case .episode: continue
            }
        }
    }

    /// Overwrites and removes every file of a resident whose key is gone from the keyring, also those that were set
    /// aside; safe to repeat.
    ///
    /// While the keyring still holds the key it refuses with ``VaultError/residentExists(_:)``.
    public func erase(resident: Identifier) throws(VaultError) {
        guard !holdsKey(of: resident) else { throw .residentExists(resident) }
        for name in try files.names(of: resident) {
            try files.overwriteAndRemove(name)
            try surroundings.passed(.fileErased)
        }
        // What a restore set aside is the resident's as much as what it put in its place.
        for path in try files.setAside(of: resident) {
            try files.overwriteAndRemove(path)
            try surroundings.passed(.fileErased)
        }
    }

    /// Why a blob is not there: an older generation in its place is a roll-back, a newer one that of the ledger.
    private func absent(_ name: BlobName, path: String) throws(VaultError) -> VaultError {
        guard case .generation(let wanted) = name.kind else {
            return .fault(VaultFault(.missing, path: path, field: "file", expected: "present", found: "none"))
        }
        let highest = try files.names(of: name.resident).compactMap { name -> UInt64? in
            if case .generation(let number) = name.kind { number } else { nil }
        }.max()
        guard let highest else {
            return .fault(VaultFault(.missing, path: path, field: "file", expected: "present", found: "none"))
        }
        return .fault(
            VaultFault(
                highest < wanted ? .rolledBack : .newer, path: path, field: "generation", expected: "\(wanted)",
                found: "\(highest)"))
    }
}
