// The head file on disk: made ready before a commit, put in place after it.
internal import Files
internal import Glibc

/// Replaces the head file in two steps, so that a full disk is noticed before anything is committed.
///
/// The two names change places at each commit: the file of the head before last is there to be written over, which
/// costs the disk half of what making one file and freeing another does.
struct HeadFile {
    let path: String
    private var nextPath: String { path + ".next" }
    private var directory: String {
        let slash = path.lastIndex(of: "/")
        return slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    /// Writes the next head beside the present one and flushes it.
    func prepare(_ head: LedgerHead) throws(FileError) {
        let descriptor = open(nextPath, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("open", nextPath) }
        defer { close(descriptor) }
        let line = head.line
        var written = 0
        while written < line.count {
            let count = line[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write", nextPath) }
            written += count
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size == line.count || ftruncate(descriptor, line.count) == 0
        else { throw failure("truncate", nextPath) }
        guard fdatasync(descriptor) == 0 else { throw failure("flush", nextPath) }
    }

    /// Puts the prepared head in place and flushes the directory; needs no new room on the disk.
    func publish() throws(FileError) {
        try Files.exchange(nextPath, with: path)
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("flush", directory) }
    }

    /// The head that the file states; nil where it is not of the form.
    func read() throws(LedgerError) -> LedgerHead? {
        do throws(FileError) {
            return LedgerHead(line: try Files.read(path, maximumBytes: 4096, regularOnly: true))
        } catch {
            throw error.isMissing ? .headMissing(path: path) : .file(error)
        }
    }

    private func failure(_ operation: String, _ path: String) -> FileError {
        FileError(operation: operation, path: path, code: errno)
    }
}
