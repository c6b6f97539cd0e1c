// The file operations of blobs, one step at a time, so that a test can stop between any two.
internal import Cryptography
internal import Encoding
internal import Files
internal import Glibc

/// Writing, reading and taking away the files of one home's blob directories.
struct VaultFiles: Sendable {
    let paths: VaultPaths
    let surroundings: VaultSurroundings
    let flusher: DirectoryFlusher

    /// The size of what is overwritten when a blob becomes a spare: header, wrapped key and first bytes of payload.
    static let overwrittenCount = 4_096

    /// A whole sealed file; nil where there is none.
    func read(_ name: BlobName) throws(VaultError) -> [UInt8]? {
        do throws(FileError) {
            return try Files.read(paths.file(name), maximumBytes: Blob.largestCount, regularOnly: true)
        } catch {
            if error.isMissing { return nil }
            if error.code == EFBIG {
                throw .fault(
                    VaultFault(
                        .altered, path: paths.relative(paths.file(name)), field: "size",
                        expected: "<=\(Blob.largestCount)", found: "more"))
            }
            if error.code == ENOTSUP || error.code == EISDIR {
                throw .fault(
                    VaultFault(
                        .foreign, path: paths.relative(paths.file(name)), field: "type",
                        expected: "a regular file", found: "another kind of file"))
            }
            throw .file(error)
        }
    }

    /// Makes a sealed file appear under its name, whole and durable, or not at all; refuses where one is.
    func create(_ name: BlobName, _ bytes: [UInt8]) throws(VaultError) {
        let directory = paths.directory(of: name.resident)
        let unfinished = paths.file(BlobName(name.resident, .unfinished))
        try asVaultError { () throws(FileError) in
            try Files.createDirectory(directory)
            // The blocks of a spare are there already; taking them over saves freeing and finding them.
            do throws(FileError) {
                try Files.rename(paths.file(BlobName(name.resident, .spare)), to: unfinished)
            } catch {
                guard error.isMissing else { throw error }
            }
        }
        try write(bytes, to: unfinished)
        do throws(FileError) {
            try Files.renameExclusively(unfinished, to: paths.file(name))
        } catch {
            if error.code == EEXIST { throw .alreadyExists(path: paths.relative(paths.file(name))) }
            throw .file(error)
        }
        try surroundings.passed(.blobRenamed)
        try asVaultError { () throws(FileError) in try flusher.sync(directory) }
        try surroundings.passed(.blobDirectoryFlushed)
    }

    /// Writes and flushes the unfinished file; a step that stops the work leaves it as a kill would.
    private func write(_ bytes: [UInt8], to path: String) throws(VaultError) {
        var stopped: VaultError?
        do throws(FileError) {
            let file = try OpenFile(writing: path)
            try file.replaceContent(bytes)
            stopped = surroundings.stop(after: .blobWritten)
            if stopped == nil { try file.sync() }
        } catch {
            throw .file(error)
        }
        if let stopped { throw stopped }
        try surroundings.passed(.blobFlushed)
    }

    /// Overwrites the start of a sealed file, where its wrapped key is, and keeps it for the next seal.
    func makeSpare(_ name: BlobName) throws(VaultError) {
        let path = paths.file(name)
        try asVaultError { () throws(FileError) in
            let file = try OpenFile(writing: path)
            try file.overwriteStart(with: surroundings.random.bytes(Self.overwrittenCount))
            try Files.rename(path, to: paths.file(BlobName(name.resident, .spare)))
        }
    }

    /// The files of one resident, by name; nothing when its directory is not there.
    func names(of resident: Identifier) throws(VaultError) -> [BlobName] {
        do throws(FileError) {
            let digits = resident.hexDigits
            // What is another's is told by its first letters, before it is taken apart.
            return try Files.list(paths.directory(of: resident)).filter { $0.hasPrefix(digits) }
                .compactMap { BlobName($0) }.filter { $0.resident == resident }
        } catch {
            if error.isMissing { return [] }
            throw .file(error)
        }
    }

    /// The paths of files of one resident that a restore set aside; nothing when there is no such directory.
    func setAside(of resident: Identifier) throws(VaultError) -> [String] {
        do throws(FileError) {
            return try Files.list(paths.setAside).filter { $0.contains(".\(resident.hexDigits).") }
                .map { "\(paths.setAside)/\($0)" }
        } catch {
            if error.isMissing { return [] }
            throw .file(error)
        }
    }

    /// Removes a file; none there is as good.
    func remove(_ name: BlobName) throws(VaultError) { _ = try removeIfPresent(name) }

    /// Removes a file, and tells whether there was one.
    func removeIfPresent(_ name: BlobName) throws(VaultError) -> Bool {
        do throws(FileError) {
            try Files.remove(paths.file(name))
            return true
        } catch {
            guard error.isMissing else { throw .file(error) }
            return false
        }
    }

    /// Overwrites a file three times and removes it; none there is as good.
    func overwriteAndRemove(_ name: BlobName) throws(VaultError) { try overwriteAndRemove(paths.file(name)) }

    /// Overwrites a file of this path three times and removes it; none there is as good.
    func overwriteAndRemove(_ path: String) throws(VaultError) {
        do throws(FileError) {
            try Files.overwriteAndRemove(path, passes: 3) { surroundings.random.fill($0) }
        } catch {
            guard error.isMissing else { throw .file(error) }
        }
    }
}

/// Runs file operations and gives their error this room's type.
func asVaultError<R>(_ body: () throws(FileError) -> R) throws(VaultError) -> R {
    do throws(FileError) { return try body() } catch { throw .file(error) }
}
