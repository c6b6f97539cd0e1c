// One process at a time: an advisory lock on a file that says who holds it.
internal import Glibc

/// Why a lock was not taken.
public enum FileLockError: Error, Equatable, Sendable {
    /// Another holder has it; its process number, where the file says.
    case held(by: Int32?)
    /// The lock file could not be opened or written.
    case failed(FileError)
}

/// An exclusive lock on a file, held until the value goes or the process ends in whatever way.
///
/// The file stays; what counts is the kernel's lock (`flock`), so a file left behind by a crash locks nobody out.
public struct FileLock: ~Copyable, Sendable {
    private let file: FileDescriptor

    /// Takes the lock at once or not at all, and writes `pid N` into the file.
    public init(path: String) throws(FileLockError) {
        file = try Self.lockedFile(path)
    }

    private static func lockedFile(_ path: String) throws(FileLockError) -> FileDescriptor {
        let file: FileDescriptor
        do throws(FileError) {
            file = try FileDescriptor(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
        } catch {
            throw .failed(error)
        }
        if flock(file.raw, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            guard code == EWOULDBLOCK else { throw .failed(FileError(operation: "lock", path: path, code: code)) }
            throw .held(by: holder(in: file))
        }
        do throws(FileError) {
            try file.truncate(to: 0)
            try file.write(Array("pid \(getpid())\n".utf8))
        } catch {
            throw .failed(error)
        }
        return file
    }

    deinit {
        // Until the next holder has written its number an empty file says less, but no untruth.
        _ = ftruncate(file.raw, 0)
        // A child between fork and exec has the file open too: closing alone would leave the lock with it until then.
        _ = flock(file.raw, LOCK_UN)
    }

    /// The number that the holder wrote; nil when it has not yet.
    private static func holder(in file: borrowing FileDescriptor) -> Int32? {
        var text = [UInt8](repeating: 0, count: 32)
        let count = text.withUnsafeMutableBytes { pread(file.raw, $0.baseAddress, $0.count, 0) }
        guard count > 4, text.starts(with: "pid ".utf8) else { return nil }
        return Int32(String(decoding: text[4..<count].prefix { $0 != 0x0A }, as: UTF8.self))
    }
}
