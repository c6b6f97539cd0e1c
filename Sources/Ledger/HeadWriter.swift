// Writes the head: over the one before, in place, once the commit that it vouches for is durable.
internal import Files
internal import Glibc

/// The head file as the one writer holds it, in two steps around a commit; used on the writer's thread alone.
///
/// The line lies within the first sector of its file, which a disk writes whole or not at all, and takes the room that
/// the line before it had: nothing is made or renamed for it, and a full disk seldom refuses it after the commit. Only
/// where no such file is there to be written over is one made beside and put in its place.
///
/// A line over another is written, not flushed: after a loss of power the head may be behind the ledger, which it is
/// after any crash between the commit and the head, and never ahead. It is flushed with the end of the writer.
final class HeadWriter {
    private let path: String
    private var nextPath: String { path + ".next" }
    /// The file in place, kept open; -1 where there is none yet.
    private var descriptor: Int32 = -1
    private var held = stat()
    private var line: [UInt8] = []
    private var isReplacing = false

    init(path: String) { self.path = path }

    deinit {
        if descriptor >= 0 { fdatasync(descriptor) }
        letGo()
    }

    /// Makes ready, before the commit, for whatever could fail for want of room or of rights.
    func prepare(_ head: LedgerHead) throws(FileError) {
        line = head.line
        isReplacing = !hasRoom()
        guard isReplacing else { return }
        let file = open(nextPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure("open", nextPath) }
        defer { close(file) }
        Files.handToFolderOwner(file, at: nextPath)
        try write(to: file, nextPath)
        guard fdatasync(file) == 0 else { throw failure("flush", nextPath) }
    }

    /// Puts the prepared head in place.
    func publish() throws(FileError) {
        guard isReplacing else { return try write(to: descriptor, path) }
        letGo()
        try Files.rename(nextPath, to: path)
        try Files.syncDirectory(
            path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".")
    }

    /// Whether the file in place can be written over: it is held, has one name, and just the room of the line.
    private func hasRoom() -> Bool {
        var named = stat()
        guard lstat(path, &named) == 0, named.st_mode & S_IFMT == S_IFREG, named.st_nlink == 1,
            named.st_size == line.count
        else { return false }
        if descriptor < 0 || named.st_ino != held.st_ino || named.st_dev != held.st_dev {
            letGo()
            descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0, fstat(descriptor, &held) == 0 else { return false }
        }
        return named.st_ino == held.st_ino && named.st_dev == held.st_dev
    }

    private func write(to file: Int32, _ name: String) throws(FileError) {
        var written = 0
        while written < line.count {
            let count = line[written...].withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, off_t(written)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write", name) }
            written += count
        }
    }

    private func letGo() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    private func failure(_ operation: String, _ path: String) -> FileError {
        FileError(operation: operation, path: path, code: errno)
    }
}
