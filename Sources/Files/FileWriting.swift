// Files written so that a crash leaves the old content or the new, never a part (vault.md, write order).
internal import CPosix
internal import Glibc

/// How much a write waits for.
public enum Flush: Sendable {
    /// The content and the name: after a power cut the file is there.
    case fileAndDirectory
    /// The content alone; the caller flushes the directory, once for several files.
    case file
}

extension Files {
    /// Replaces or makes a file as one step: temporary file beside it, fsync, rename over it, fsync of the directory.
    public static func writeDurably(
        _ bytes: [UInt8], to path: String, mode: UInt32 = 0o600, flush: Flush = .fileAndDirectory
    ) throws(FileError) {
        try bytes.span.withUnsafeBytes { buffer throws(FileError) in
            try writeDurably(buffer, to: path, mode: mode, flush: flush)
        }
    }

    /// Replaces or makes a file as one step, from memory that the caller keeps.
    public static func writeDurably(
        _ bytes: UnsafeRawBufferPointer, to path: String, mode: UInt32 = 0o600, flush: Flush = .fileAndDirectory
    ) throws(FileError) {
        try publish(bytes, at: path, mode: mode, flush: flush) { temporary, target in Glibc.rename(temporary, target) }
    }

    /// Makes a file that must not be there yet, as one step; throws `EEXIST` if it is, and leaves that one untouched.
    public static func createExclusively(
        _ bytes: [UInt8], at path: String, mode: UInt32 = 0o600, flush: Flush = .fileAndDirectory
    ) throws(FileError) {
        try bytes.span.withUnsafeBytes { buffer throws(FileError) in
            try createExclusively(buffer, at: path, mode: mode, flush: flush)
        }
    }

    /// Makes a file that must not be there yet, from memory that the caller keeps.
    public static func createExclusively(
        _ bytes: UnsafeRawBufferPointer, at path: String, mode: UInt32 = 0o600, flush: Flush = .fileAndDirectory
    ) throws(FileError) {
        try publish(bytes, at: path, mode: mode, flush: flush) { shim_rename_noreplace($0, $1) }
    }

    /// Removes what interrupted writes left in a directory: temporary files of processes that are gone.
    ///
    /// Returns how many there were. Files that this process or another live one is writing stay.
    @discardableResult
    public static func removeTemporaries(in directory: String) throws(FileError) -> Int {
        var removed = 0
        for name in try list(directory) {
            guard let owner = temporaryOwner(of: name) else { continue }
            guard kill(owner, 0) != 0, errno == ESRCH else { continue }
            try remove("\(directory)/\(name)")
            removed += 1
        }
        return removed
    }

    private static func publish(
        _ bytes: UnsafeRawBufferPointer, at path: String, mode: UInt32, flush: Flush,
        renaming: (String, String) -> Int32
    ) throws(FileError) {
        let temporary = try writeTemporary(bytes, beside: path, mode: mode)
        guard renaming(temporary, path) == 0 else {
            let error = FileError(operation: "rename", path: path)
            unlink(temporary)
            throw error
        }
        if case .fileAndDirectory = flush { try syncDirectory(parent(of: path)) }
    }

    /// Writes and flushes a temporary file in the same directory; its name says which process it belongs to.
    private static func writeTemporary(
        _ bytes: UnsafeRawBufferPointer, beside path: String, mode: UInt32
    ) throws(FileError) -> String {
        for attempt in 0..<1000 {
            let temporary = "\(parent(of: path))/.\(name(of: path)).\(getpid())-\(attempt)\(temporarySuffix)"
            do throws(FileError) {
                let file = try FileDescriptor(
                    temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode, standingFor: path)
                do throws(FileError) {
                    try file.write(bytes)
                    try file.sync()
                    return temporary
                } catch {
                    unlink(temporary)
                    throw error
                }
            } catch  where error.isExisting {
                continue  // another task of this process is writing here, or an earlier one with this number died
            }
        }
        throw FileError(operation: "open", path: path, code: EEXIST)
    }

    private static let temporarySuffix = ".temporary"

    /// The process number in a temporary file's name; nil for any other name.
    private static func temporaryOwner(of name: String) -> pid_t? {
        guard name.hasPrefix("."), name.hasSuffix(temporarySuffix) else { return nil }
        let numbers = name.dropLast(temporarySuffix.count).split(separator: ".").last?.split(separator: "-")
        guard let numbers, numbers.count == 2, Int(numbers[1]) != nil, let owner = pid_t(numbers[0]), owner > 0 else {
            return nil
        }
        return owner
    }

    /// The directory that a path's last name stands in.
    static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func name(of path: String) -> Substring {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path[...] }
        return path[path.utf8.index(after: slash)...]
    }
}
