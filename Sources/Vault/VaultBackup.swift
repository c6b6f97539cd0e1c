// Cold copies of sealed blobs: worthless without the keys, and checked against the ledger both ways.
internal import Cryptography
public import Encoding
internal import Files

/// Copies of a vault's files; the home's owner calls it while nothing is being sealed.
public enum VaultBackup {
    /// Copies the blobs that the ledger names to `directory/vault/blobs`; returns how many.
    ///
    /// Each is checked as far as that goes without keys (owner, generation, header hash, size) before it is
    /// copied. Another file of the same name is refused; the same one is left, so that a copy can be repeated.
    public static func copyBlobs(
        home: String, to directory: String, vault: Identifier, residents: [ResidentExpectation]
    ) throws(VaultError) -> Int {
        try copy(from: VaultPaths(home: home), to: VaultPaths(home: directory), vault: vault, residents)
    }

    /// Copies the blobs that the ledger names from a backup into a home; returns how many.
    ///
    /// The ledger's deletions come first: of a resident without a generation nothing is restored. Where `only` is
    /// given, no other file than these is, named relative to the home.
    public static func restoreBlobs(
        from directory: String, home: String, vault: Identifier, residents: [ResidentExpectation],
        only: Set<String>? = nil
    ) throws(VaultError) -> Int {
        try copy(from: VaultPaths(home: directory), to: VaultPaths(home: home), vault: vault, residents, only: only)
    }

    private static func copy(
        from source: VaultPaths, to target: VaultPaths, vault: Identifier, _ residents: [ResidentExpectation],
        only: Set<String>? = nil
    ) throws(VaultError) -> Int {
        try asVaultError { () throws(FileError) in try Files.createDirectory(target.blobs) }
        var directories: Set<String> = []
        var copied = 0
        for resident in residents {
            guard let generation = resident.generation else { continue }
            let files = [(BlobContent.personaPackage, generation)] + resident.episodes.map { (.episode, $0) }
            for (content, generation) in files {
                let name = BlobName(resident.resident, content, generation.number)
                if let only, !only.contains(target.relative(target.file(name))) { continue }
                let bytes = try checked(
                    source, name,
                    Blob.Expectation(
                        path: source.relative(source.file(name)), vault: vault, resident: resident.resident,
                        content: content, generation: generation))
                let directory = target.directory(of: resident.resident)
                try asVaultError { () throws(FileError) in try Files.createDirectory(directory) }
                try write(bytes, to: target.file(name))
                directories.insert(directory)
                copied += 1
            }
        }
        for directory in directories.sorted() {
            try asVaultError { () throws(FileError) in try Files.syncDirectory(directory) }
        }
        return copied
    }

    /// Writes a blob where none is; the same one that is there already, from a copy that was interrupted, may stay.
    private static func write(_ bytes: [UInt8], to path: String) throws(VaultError) {
        do throws(FileError) {
            try Files.createExclusively(bytes, at: path, flush: .file)
        } catch {
            guard error.isExisting else { throw .file(error) }
            let present = try asVaultError { () throws(FileError) in
                try Files.read(path, maximumBytes: Blob.largestCount, regularOnly: true)
            }
            guard present == bytes else { throw .alreadyExists(path: path) }
        }
    }

    /// A blob's bytes, checked without any key.
    private static func checked(
        _ paths: VaultPaths, _ name: BlobName, _ expecting: Blob.Expectation
    ) throws(VaultError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try Files.read(paths.file(name), maximumBytes: Blob.largestCount, regularOnly: true)
        } catch {
            guard error.isMissing else { throw .file(error) }
            throw .fault(
                VaultFault(.missing, path: expecting.path, field: "file", expected: "present", found: "none"))
        }
        let headerBytes = Array(bytes.prefix(BlobHeader.count))
        let header = try BlobHeader.parse(headerBytes, path: expecting.path)
        try Blob.checkOwner(header, expecting: expecting)
        try Blob.checkSize(bytes.count, header: header, path: expecting.path)
        try Blob.checkGeneration(headerBytes, header: header, expecting: expecting)
        return bytes
    }
}
