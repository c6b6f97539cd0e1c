// One open file: closed when its value goes, every call repeated when a signal broke it off.
internal import Glibc

/// An open file of this room; it cannot be copied, and its end closes it.
struct FileDescriptor: ~Copyable {
    let raw: Int32
    private let path: String

    /// Opens a file; `O_CLOEXEC` is always added, and a new file gets exactly this mode.
    ///
    /// Errors name `path`, or the file that the caller means where this one only stands in for it.
    init(_ path: String, _ flags: Int32, mode: UInt32? = nil, standingFor meant: String? = nil) throws(FileError) {
        let named = meant ?? path
        try Files.checkPath(named)
        var descriptor: Int32
        repeat {
            descriptor = open(path, flags | O_CLOEXEC, mode ?? 0)
        } while descriptor < 0 && errno == EINTR
        guard descriptor >= 0 else { throw FileError(operation: "open", path: named) }
        if let mode, fchmod(descriptor, mode) != 0 {
            let error = FileError(operation: "chmod", path: named)
            close(descriptor)
            throw error
        }
        if mode != nil { Files.handToFolderOwner(descriptor, at: path) }
        raw = descriptor
        self.path = named
    }

    deinit { close(raw) }

    /// Reads up to a buffer's size; 0 at the end of the file.
    borrowing func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        while true {
            let count = Glibc.read(raw, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw FileError(operation: "read", path: path) }
        }
    }

    /// Reads into an array from a place in it on; 0 at the end of the file.
    borrowing func read(into content: inout [UInt8], from place: Int) throws(FileError) -> Int {
        var span = content.mutableSpan
        return try span.withUnsafeMutableBytes { buffer throws(FileError) in
            try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[place...]))
        }
    }

    /// Writes all of an array at the file's position.
    borrowing func write(_ bytes: [UInt8]) throws(FileError) {
        try bytes.span.withUnsafeBytes { buffer throws(FileError) in try write(buffer) }
    }

    /// Writes all of a buffer at the file's position.
    borrowing func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var offset = 0
        while offset < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            let count = Glibc.write(raw, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw count < 0
                    ? FileError(operation: "write", path: path)
                    : FileError(operation: "write", path: path, code: ENOSPC)
            }
            offset += count
        }
    }

    /// Goes to a place, counted from the start.
    borrowing func seek(to offset: Int) throws(FileError) {
        guard lseek(raw, off_t(offset), SEEK_SET) >= 0 else { throw FileError(operation: "seek", path: path) }
    }

    /// Cuts or extends the file.
    borrowing func truncate(to size: Int) throws(FileError) {
        while ftruncate(raw, off_t(size)) != 0 {
            guard errno == EINTR else { throw FileError(operation: "truncate", path: path) }
        }
    }

    /// Waits until the file's content and size are on the medium.
    borrowing func sync() throws(FileError) {
        while fsync(raw) != 0 {
            guard errno == EINTR else { throw FileError(operation: "fsync", path: path) }
        }
    }

    /// Refuses what is neither a file nor a directory, which reading refuses itself.
    borrowing func checkRegular() throws(FileError) {
        let type = try status().st_mode & S_IFMT
        guard type == S_IFREG || type == S_IFDIR else {
            throw FileError(operation: "read", path: path, code: ENOTSUP)
        }
    }

    /// What the system knows of the file.
    borrowing func status() throws(FileError) -> stat {
        var status = stat()
        guard fstat(raw, &status) == 0 else { throw FileError(operation: "stat", path: path) }
        return status
    }
}
