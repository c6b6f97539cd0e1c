// One open file; closed when the value goes.
internal import Files
internal import Glibc

/// A descriptor of a file that is being written, or whose start is read.
struct OpenFile: ~Copyable {
    private let descriptor: Int32
    private let path: String

    /// Opens or makes a file for writing, mode 0600.
    init(writing path: String) throws(FileError) {
        try self.init(path, O_WRONLY | O_CREAT)
        Files.handToFolderOwner(descriptor, at: path)
    }

    /// Opens a file that is there for writing.
    init(changing path: String) throws(FileError) { try self.init(path, O_WRONLY) }

    /// Opens a file for reading.
    init(reading path: String) throws(FileError) { try self.init(path, O_RDONLY) }

    /// Opens a file, not through a symbolic link and without waiting at a pipe.
    private init(_ path: String, _ flags: Int32) throws(FileError) {
        self.path = path
        descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw FileError(operation: "open", path: path, code: errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Writes bytes from the start and cuts off what is behind them.
    borrowing func replaceContent(_ bytes: [UInt8]) throws(FileError) {
        try writeAll(bytes)
        // Padded lengths repeat, and a cut that changes nothing would still have to be flushed.
        guard try end() != bytes.count else { return }
        guard ftruncate(descriptor, bytes.count) == 0 else { throw failure("ftruncate") }
    }

    /// Writes bytes over the start, as far as the file is long.
    borrowing func overwriteStart(with bytes: [UInt8]) throws(FileError) {
        let end = try end()
        try writeAll(bytes.count <= end ? bytes : Array(bytes.prefix(end)))
    }

    /// Flushes the content, and of what the system notes beside it all that is needed to read it back.
    borrowing func syncData() throws(FileError) {
        while fdatasync(descriptor) != 0 {
            guard errno == EINTR else { throw failure("fdatasync") }
        }
    }

    /// How long the file is.
    private borrowing func end() throws(FileError) -> Int {
        let end = lseek(descriptor, 0, SEEK_END)
        guard end >= 0 else { throw failure("lseek") }
        return Int(end)
    }

    /// The first bytes, fewer when the file is shorter.
    borrowing func start(count: Int) throws(FileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let read = bytes.withUnsafeMutableBytes { buffer in
                pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, filled)
            }
            if read == 0 { break }
            if read < 0 {
                guard errno == EINTR else { throw failure("read") }
                continue
            }
            filled += read
        }
        return Array(bytes[..<filled])
    }

    private borrowing func writeAll(_ bytes: [UInt8]) throws(FileError) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset, offset)
            }
            if count < 0 {
                guard errno == EINTR else { throw failure("write") }
                continue
            }
            // A regular file that takes nothing has no room left.
            guard count > 0 else { throw FileError(operation: "write", path: path, code: ENOSPC) }
            offset += count
        }
    }

    private borrowing func failure(_ operation: String) -> FileError {
        FileError(operation: operation, path: path, code: errno)
    }
}
