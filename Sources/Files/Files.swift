// Durable file operations: the POSIX calls that the vault and the ledger rely on; the room's overview.
//
// Files.swift           this overview and the questions one asks of a path
// FileReading.swift     whole files, bounded; secrets into memory that is wiped
// FileWriting.swift     temporary file, fsync, rename, fsync of the directory
// Directories.swift     directories made, listed, flushed
// FileErasure.swift     overwriting before removal
// FileDescriptor.swift  one open file, closed when its value goes
// FileOwner.swift       whose a file is
// FileLock.swift        one process at a time
// FileError.swift       what failed, on which path, with which errno
//
// Every descriptor is opened with O_CLOEXEC; calls broken off by a signal are made again; short writes are continued.
// What this room makes never follows a symbolic link, and gets exactly the mode asked for, whatever the umask says.
internal import CPosix
internal import Glibc

/// Operations on whole files and directories by path.
public enum Files {
    /// Whether something has this name, be it a dangling symbolic link.
    public static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Whether this is a directory, or a symbolic link to one.
    public static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether this is a regular file, or a symbolic link to one.
    public static func isRegular(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// The one absolute path of something that is there, with every symbolic link followed.
    public static func resolved(_ path: String) throws(FileError) -> String {
        try checkPath(path)
        guard let found = realpath(path, nil) else { throw FileError(operation: "open", path: path) }
        defer { free(found) }
        return String(cString: found)
    }

    /// The size of a file in bytes.
    public static func size(_ path: String) throws(FileError) -> Int {
        Int(try status(path).st_size)
    }

    /// The permission bits of a file or directory, such as `0o600`.
    public static func mode(_ path: String) throws(FileError) -> UInt32 {
        try status(path).st_mode & 0o7777
    }

    private static func status(_ path: String) throws(FileError) -> stat {
        var status = stat()
        guard stat(path, &status) == 0 else { throw FileError(operation: "stat", path: path) }
        return status
    }

    /// Gives a file another name, replacing what has it; not durable before `syncDirectory`.
    public static func rename(_ from: String, to target: String) throws(FileError) {
        try checkPath(from)
        try checkPath(target)
        guard Glibc.rename(from, target) == 0 else { throw FileError(operation: "rename", path: target) }
    }

    /// Gives a file a name that nothing has, else throws `EEXIST`; not durable before `syncDirectory`.
    public static func renameExclusively(_ from: String, to target: String) throws(FileError) {
        guard shim_rename_noreplace(from, target) == 0 else { throw FileError(operation: "rename", path: target) }
    }

    /// Puts a file in another's place as one step, and the other in its; not durable before `syncDirectory`.
    ///
    /// Where there is no other, or the file system cannot exchange, it is a rename, and nothing keeps the first name.
    public static func exchange(_ path: String, with target: String) throws(FileError) {
        try checkPath(path)
        try checkPath(target)
        guard shim_rename_exchange(path, target) != 0 else { return }
        guard [ENOENT, EINVAL, ENOSYS].contains(errno) else { throw FileError(operation: "rename", path: target) }
        try rename(path, to: target)
    }

    /// Removes a file or a symbolic link; a directory is refused.
    public static func remove(_ path: String) throws(FileError) {
        try checkPath(path)
        guard unlink(path) == 0 else { throw FileError(operation: "remove", path: path) }
    }

    /// Refuses a path with a NUL in it, which C would take for the end and so mean another file.
    static func checkPath(_ path: String) throws(FileError) {
        var text = path
        let end = text.withUTF8 { bytes in bytes.baseAddress.flatMap { memchr($0, 0, bytes.count) } }
        if end != nil { throw FileError(operation: "open", path: path, code: EINVAL) }
    }
}
