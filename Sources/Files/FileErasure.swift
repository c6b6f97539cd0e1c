// Overwriting in place before removal. On flash, copy-on-write disks and backups it promises little (vault.md).
internal import Glibc

extension Files {
    /// Overwrites a file in place, each pass flushed, then removes it and flushes the directory.
    ///
    /// - Parameters:
    ///   - path: A regular file; a symbolic link is refused with `ELOOP`.
    ///   - passes: How often; at least once.
    ///   - random: Fills the buffer it is given with random bytes.
    public static func overwriteAndRemove(
        _ path: String, passes: Int, random: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(FileError) {
        try overwrite(path, passes: passes, random: random)
        try remove(path)
        try syncDirectory(parent(of: path))
    }

    /// Overwrites a file in place with random bytes, each pass flushed; its name and size stay.
    ///
    /// - Parameters:
    ///   - path: A regular file; a symbolic link is refused with `ELOOP`.
    ///   - firstBytes: How much of its beginning; the whole file if nil.
    ///   - passes: How often; at least once.
    ///   - random: Fills the buffer it is given with random bytes.
    public static func overwrite(
        _ path: String, firstBytes: Int? = nil, passes: Int, random: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(FileError) {
        // Not blocking, so that a pipe of that name cannot hold the caller; it is refused below.
        let file = try FileDescriptor(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK)
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileError(operation: "overwrite", path: path, code: EINVAL)
        }
        let size = min(Int(status.st_size), firstBytes ?? .max)
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { block.deallocate() }
        for _ in 0..<max(1, passes) {
            try file.seek(to: 0)
            var rest = size
            while rest > 0 {
                let part = UnsafeMutableRawBufferPointer(rebasing: block[..<min(rest, block.count)])
                random(part)
                try file.write(UnsafeRawBufferPointer(part))
                rest -= part.count
            }
            try file.sync()
        }
    }
}
