// A disk that is full and a file system that cannot be written, each a real mount that the test makes for itself.
import Files
import Glibc
import TestSupport
import Testing

/// A small file system in memory, mounted below a directory by root and taken away with the value.
private final class SmallDisk: Sendable {
    let path: String

    init(in directory: String, bytes: Int) throws {
        path = "\(directory)/disk"
        try Files.createDirectory(path)
        guard mount("none", path, "tmpfs", 0, "size=\(bytes)") == 0 else {
            throw FileError(operation: "mount", path: path, code: errno)
        }
    }

    func makeReadOnly() throws {
        guard mount("none", path, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0 else {
            throw FileError(operation: "mount", path: path, code: errno)
        }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    /// Whether this process may mount at all: root in a container often may not.
    static let isPossible: Bool = {
        guard getuid() == 0, let directory = try? TemporaryDirectory() else { return false }
        return (try? SmallDisk(in: directory.path, bytes: 65_536)) != nil
    }()
}

@Suite(.enabled(if: SmallDisk.isPossible, "needs root that may mount"))
struct FullDiskTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("a full disk is named, the old file stays whole and nothing is left lying about") func fullDisk() throws {
        let disk = try SmallDisk(in: directory.path, bytes: 65_536)
        let target = "\(disk.path)/a"
        try Files.writeDurably([1, 2, 3], to: target)
        let large = [UInt8](repeating: 7, count: 200_000)
        let error = #expect(throws: FileError.self) { try Files.writeDurably(large, to: target) }
        #expect(error == FileError(operation: "write", path: target, code: ENOSPC))
        #expect(error?.isDiskFull == true)
        #expect(throws: FileError.self) { try Files.createExclusively(large, at: "\(disk.path)/b") }
        #expect(try Files.read(target, maximumBytes: 10) == [1, 2, 3])
        #expect(try Files.list(disk.path) == ["a"])
        withExtendedLifetime(disk) {}
    }

    @Test("a read-only file system is named and can still be read") func readOnly() throws {
        let disk = try SmallDisk(in: directory.path, bytes: 65_536)
        let target = "\(disk.path)/a"
        try Files.writeDurably([1], to: target)
        try disk.makeReadOnly()
        func isRefused(_ attempt: () throws -> Void) {
            let error = #expect(throws: FileError.self) { try attempt() }
            #expect(error?.isReadOnly == true, "\(String(describing: error))")
        }
        isRefused { try Files.writeDurably([2], to: target) }
        isRefused { try Files.createExclusively([2], at: target + "b") }
        isRefused { try Files.createDirectory("\(disk.path)/d") }
        isRefused { try Files.remove(target) }
        isRefused { try Files.rename(target, to: target + "b") }
        isRefused { try Files.overwriteAndRemove(target, passes: 1) { _ in } }
        #expect(throws: FileLockError.failed(FileError(operation: "open", path: target + "l", code: EROFS))) {
            _ = try FileLock(path: target + "l")
        }
        #expect(try Files.read(target, maximumBytes: 10) == [1])
        withExtendedLifetime(disk) {}
    }
}
