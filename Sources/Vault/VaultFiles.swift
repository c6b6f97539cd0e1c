// The file operations of blobs, one step at a time, so that a test can stop between any two.
internal import Cryptography
internal import Encoding
internal import Files
internal import Glibc
internal import Synchronization

/// Writing, reading and taking away the files of one home's blob directories.
struct VaultFiles: Sendable {
    let paths: VaultPaths
    let surroundings: VaultSurroundings
    let flusher: DirectoryFlusher
    private let filler: Filler

    init(paths: VaultPaths, surroundings: VaultSurroundings, flusher: DirectoryFlusher) {
        self.paths = paths
        self.surroundings = surroundings
        self.flusher = flusher
        filler = Filler(count: Self.overwrittenCount, random: surroundings.random)
    }

    /// The size of what is overwritten when a blob becomes a spare: header, wrapped key and first bytes of payload.
    static let overwrittenCount = 4_096

    /// A whole sealed file, in `memory` where it is large enough; nil where there is none.
    func read(_ name: BlobName, in memory: consuming [UInt8] = []) throws(VaultError) -> [UInt8]? {
        do throws(FileError) {
            return try Files.read(
                paths.file(name), maximumBytes: Blob.largestCount, regularOnly: true, in: memory)
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

    /// Makes a sealed file appear under its name, whole and durable, or not at all; whether it took a spare over.
    ///
    /// Refuses where there is a file of this name; with `replacing` that one was never committed, and goes first.
    func create(_ name: BlobName, _ bytes: [UInt8], replacing: Bool) throws(VaultError) -> Bool {
        let directory = paths.directory(of: name.resident)
        // The blocks of a spare are there already; taking them over saves freeing and finding them.
        var written = paths.file(BlobName(name.resident, .spare))
        let hasSpare = try writeOver(written, bytes)
        if !hasSpare {
            written = paths.file(BlobName(name.resident, .unfinished))
            try writeNew(written, bytes, in: directory)
        }
        if try !publish(written, as: name) {
            guard replacing else { throw .alreadyExists(path: paths.relative(paths.file(name))) }
            try remove(name)
            try surroundings.passed(.orphanRemoved)
            guard try publish(written, as: name) else {
                throw .alreadyExists(path: paths.relative(paths.file(name)))
            }
        }
        try surroundings.passed(.blobRenamed)
        try asVaultError { () throws(FileError) in try flusher.sync(directory) }
        try surroundings.passed(.blobDirectoryFlushed)
        return hasSpare
    }

    /// Gives a written file its name; false where another has it.
    private func publish(_ path: String, as name: BlobName) throws(VaultError) -> Bool {
        do throws(FileError) {
            try Files.renameExclusively(path, to: paths.file(name))
            return true
        } catch {
            guard error.isExisting else { throw .file(error) }
            return false
        }
    }

    /// Writes and flushes over a file that is there; false where there is none.
    private func writeOver(_ path: String, _ bytes: [UInt8]) throws(VaultError) -> Bool {
        let file: OpenFile
        do throws(FileError) {
            file = try OpenFile(changing: path)
        } catch {
            guard error.isMissing else { throw .file(error) }
            return false
        }
        try write(bytes, to: file)
        return true
    }

    /// Writes and flushes a new file, or over what an interrupted seal left of one.
    private func writeNew(_ path: String, _ bytes: [UInt8], in directory: String) throws(VaultError) {
        let file = try asVaultError { () throws(FileError) in
            try Files.createDirectory(directory)
            return try OpenFile(writing: path)
        }
        try write(bytes, to: file)
    }

    /// Writes and flushes; a step that stops the work leaves the file as a kill would.
    private func write(_ bytes: [UInt8], to file: borrowing OpenFile) throws(VaultError) {
        do throws(FileError) { try file.replaceContent(bytes) } catch { throw .file(error) }
        try surroundings.passed(.blobWritten)
        do throws(FileError) { try file.syncData() } catch { throw .file(error) }
        try surroundings.passed(.blobFlushed)
    }

    /// Overwrites the start of a sealed file, where its wrapped key is; false where there is no such file.
    ///
    /// What is left of it serves the next seal as the spare, or goes.
    func destroy(_ name: BlobName, keepingSpare: Bool) throws(VaultError) -> Bool {
        let path = paths.file(name)
        do throws(FileError) {
            let file = try OpenFile(changing: path)
            try file.overwriteStart(with: filler.bytes)
            if keepingSpare {
                try Files.rename(path, to: paths.file(BlobName(name.resident, .spare)))
            } else {
                try Files.remove(path)
            }
            return true
        } catch {
            guard error.isMissing else { throw .file(error) }
            return false
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
    func remove(_ name: BlobName) throws(VaultError) {
        do throws(FileError) {
            try Files.remove(paths.file(name))
        } catch {
            guard error.isMissing else { throw .file(error) }
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

/// Random bytes to overwrite with, drawn when they are first needed; they hide nothing, so that all may have the same.
private final class Filler: Sendable {
    private let random: RandomSource
    private let count: Int
    private let drawn = Mutex<[UInt8]>([])

    init(count: Int, random: RandomSource) {
        self.count = count
        self.random = random
    }

    var bytes: [UInt8] {
        drawn.withLock { drawn in
            if drawn.isEmpty { drawn = random.bytes(count) }
            return drawn
        }
    }
}

/// Runs file operations and gives their error this room's type.
func asVaultError<R: ~Copyable>(_ body: () throws(FileError) -> R) throws(VaultError) -> R {
    do throws(FileError) { return try body() } catch { throw .file(error) }
}
