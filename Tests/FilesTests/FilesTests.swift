// Files read within bounds, written whole or not at all, overwritten; on real directories.
import Files
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite struct FilesTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func path(_ name: String) -> String { "\(directory.path)/\(name)" }

    @Test("writes durably, replaces whole, leaves no temporary file and sets the mode") func writeDurably() throws {
        try Files.writeDurably(Array("old and long".utf8), to: path("a"))
        #expect(try Files.mode(path("a")) == 0o600)
        try Files.writeDurably(Array("new".utf8), to: path("a"), mode: 0o640)
        #expect(try Files.read(path("a"), maximumBytes: 100) == Array("new".utf8))
        #expect(try Files.mode(path("a")) == 0o640)
        #expect(try Files.size(path("a")) == 3)
        try Files.writeDurably([], to: path("empty"), flush: .file)
        #expect(try Files.read(path("empty"), maximumBytes: 0) == [])
        #expect(try Files.list(directory.path) == ["a", "empty"])
    }

    @Test("creates exclusively: a file that is there is refused and left alone") func createExclusively() throws {
        try Files.createExclusively([1], at: path("a"))
        #expect(throws: FileError(operation: "rename", path: path("a"), code: EEXIST)) {
            try Files.createExclusively([2], at: path("a"))
        }
        #expect(try Files.read(path("a"), maximumBytes: 10) == [1])
        #expect(try Files.mode(path("a")) == 0o600)
        #expect(try Files.list(directory.path) == ["a"])
    }

    @Test("of many who create the same file at once exactly one succeeds") func createRace() async throws {
        let target = path("a")
        let winners = await withTaskGroup(of: UInt8?.self) { group in
            for number in 0..<16 as Range<UInt8> {
                group.addTask {
                    do throws(FileError) {
                        try Files.createExclusively([number], at: target)
                        return number
                    } catch {
                        return error.isExisting ? nil : 99
                    }
                }
            }
            return await group.reduce(into: [UInt8]()) { if let winner = $1 { $0.append(winner) } }
        }
        #expect(winners.count == 1)
        #expect(try Files.read(target, maximumBytes: 10) == winners)
        #expect(try Files.list(directory.path) == ["a"])
    }

    @Test("replaces a symbolic link instead of following it") func replacesLink() throws {
        try Files.writeDurably([1], to: path("target"))
        #expect(symlink(path("target"), path("link")) == 0)
        try Files.writeDurably([2], to: path("link"))
        #expect(try Files.read(path("target"), maximumBytes: 10) == [1])
        #expect(try Files.read(path("link"), maximumBytes: 10) == [2])
        #expect(throws: FileError(operation: "rename", path: path("link"), code: EEXIST)) {
            try Files.createExclusively([3], at: path("link"))
        }
    }

    @Test("reads up to the limit and refuses one byte more", arguments: [0, 1, 4_095, 65_536, 200_000])
    func readsBounded(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try Files.writeDurably(bytes, to: path("a"))
        #expect(try Files.read(path("a"), maximumBytes: count) == bytes)
        #expect(try Files.read(path("a"), maximumBytes: count + 1_000) == bytes)
        if count > 0 {
            let error = #expect(throws: FileError.self) { try Files.read(path("a"), maximumBytes: count - 1) }
            #expect(error?.isTooLarge == true)
        }
    }

    @Test("bounds what has no size of its own") func boundsEndless() {
        let error = #expect(throws: FileError.self) { try Files.read("/dev/zero", maximumBytes: 100_000) }
        #expect(error == FileError(operation: "read", path: "/dev/zero", code: EFBIG))
        #expect(throws: FileError(operation: "read", path: "/dev/zero", code: EFBIG)) {
            try Files.readSecret("/dev/zero", maximumBytes: 64) { $0.count }
        }
        #expect(throws: Never.self) { try Files.read("/proc/self/status", maximumBytes: 1 << 20).count > 100 }
    }

    @Test("lends a secret file's bytes and passes on the error of the one who reads them") func readsSecret() throws {
        struct Refused: Error, Equatable { let code: Int32 }
        try Files.writeDurably(Array("secret\n".utf8), to: path("key"))
        #expect(try Files.readSecret(path("key"), maximumBytes: 7) { Array($0) } == Array("secret\n".utf8))
        #expect(throws: FileError(operation: "read", path: path("key"), code: EFBIG)) {
            try Files.readSecret(path("key"), maximumBytes: 6) { Array($0) }
        }
        #expect(throws: Refused(code: 5)) {
            try Files.readSecret(path("key"), maximumBytes: 7) { _ in throw Refused(code: 5) }
        }
        #expect(throws: Refused(code: ENOENT)) {
            try Files.readSecret(
                path("none"), maximumBytes: 7, failure: { Refused(code: $0.code) },
                into: { (_: UnsafeRawBufferPointer) throws(Refused) in })
        }
    }

    @Test("overwrites every byte in each pass, then removes") func overwrites() throws {
        try Files.writeDurably([UInt8](repeating: 1, count: 100_000), to: path("a"))
        try Files.overwrite(path("a"), firstBytes: 4_096, passes: 1) {
            $0.initializeMemory(as: UInt8.self, repeating: 2)
        }
        var content = try Files.read(path("a"), maximumBytes: 200_000)
        #expect(content == [UInt8](repeating: 2, count: 4_096) + [UInt8](repeating: 1, count: 95_904))
        var filled = 0
        try Files.overwrite(path("a"), passes: 3) { buffer in
            filled += buffer.count
            buffer.initializeMemory(as: UInt8.self, repeating: 3)
        }
        #expect(filled == 300_000)
        content = try Files.read(path("a"), maximumBytes: 200_000)
        #expect(content == [UInt8](repeating: 3, count: 100_000))
        try Files.overwriteAndRemove(path("a"), passes: 3) { $0.initializeMemory(as: UInt8.self, repeating: 4) }
        #expect(!Files.exists(path("a")))
    }

    @Test("overwrites no symbolic link's target, no pipe and nothing that is missing") func overwriteRefuses() throws {
        try Files.writeDurably([1], to: path("target"))
        #expect(symlink(path("target"), path("link")) == 0)
        #expect(mkfifo(path("pipe"), 0o600) == 0)
        for (name, code) in [("link", ELOOP), ("pipe", ENXIO), ("none", ENOENT)] {
            let error = #expect(throws: FileError.self) {
                try Files.overwriteAndRemove(path(name), passes: 1) {
                    $0.initializeMemory(as: UInt8.self, repeating: 9)
                }
            }
            #expect(error?.code == code, "\(name)")
        }
        #expect(try Files.read(path("target"), maximumBytes: 10) == [1])
        #expect(Files.exists(path("pipe")))
    }

    @Test("removes what writers that died left, and nothing else") func removesTemporaries() async throws {
        await #expect(processExitsWith: .success) { [directory = directory.path as String] in
            // What a process leaves that is killed between writing and renaming.
            try writeFile("\(directory)/.a.\(getpid())-0.temporary", [1])
        }
        try writeFile(path(".b.\(getpid())-0.temporary"), [2])
        try writeFile(path(".c.1-0.temporary"), [3])
        try writeFile(path(".d.temporary"), [4])
        try writeFile(path("e"), [5])
        #expect(try Files.removeTemporaries(in: directory.path) == 1)
        let kept = [".b.\(getpid())-0.temporary", ".c.1-0.temporary", ".d.temporary", "e"]
        #expect(try Files.list(directory.path) == kept)
    }

    @Test("makes directories with those above them, private, and takes one that is there") func makesDirectories()
        throws
    {
        try Files.createDirectory(path("a/b/c"))
        try Files.createDirectory(path("a/b/c"))
        #expect(Files.isDirectory(path("a/b")))
        #expect(try Files.mode(path("a")) == 0o700)
        #expect(try Files.mode(path("a/b/c")) == 0o700)
        try Files.writeDurably([1], to: path("file"))
        for name in ["file", "file/x"] {
            #expect(throws: FileError.self, "\(name)") { try Files.createDirectory(path(name)) }
        }
        #expect(!Files.isDirectory(path("file")))
        try Files.removeDirectory(path("a/b/c"))
        #expect(!Files.exists(path("a/b/c")))
    }

    @Test("lists names in the order of their bytes and sees dangling links") func lists() throws {
        for name in ["b", "B", "é", "a b", ".hidden"] { try Files.writeDurably([], to: path(name)) }
        #expect(try Files.list(directory.path) == [".hidden", "B", "a b", "b", "é"])
        #expect(symlink(path("nowhere"), path("dangling")) == 0)
        #expect(Files.exists(path("dangling")))
        try Files.rename(path("dangling"), to: path("z"))
        try Files.remove(path("z"))
        #expect(!Files.exists(path("z")))
    }

    @Test("refuses a path with a NUL in it instead of meaning another file") func refusesNUL() throws {
        try Files.writeDurably([1], to: path("a"))
        let name = path("a\0b")
        let refused = FileError(operation: "open", path: name, code: EINVAL)
        #expect(throws: refused) { try Files.read(name, maximumBytes: 10) }
        #expect(throws: refused) { try Files.writeDurably([2], to: name) }
        #expect(throws: refused) { try Files.remove(name) }
        #expect(throws: refused) { try Files.rename(path("a"), to: name) }
        #expect(throws: refused) { try Files.createDirectory(name) }
        #expect(try Files.read(path("a"), maximumBytes: 10) == [1])
    }

    @Test("does not wait for a pipe where a regular file belongs") func refusesPipes() throws {
        #expect(mkfifo(path("pipe"), 0o600) == 0)
        #expect(throws: FileError(operation: "read", path: path("pipe"), code: ENOTSUP)) {
            try Files.read(path("pipe"), maximumBytes: 10, regularOnly: true)
        }
        try Files.writeDurably([1], to: path("file"))
        #expect(try Files.read(path("file"), maximumBytes: 10, regularOnly: true) == [1])
    }

    @Test("names the operation, the path and the system's reason") func namesFailures() {
        let missing = FileError(operation: "open", path: path("none"), code: ENOENT)
        #expect(throws: missing) { try Files.read(path("none"), maximumBytes: 1) }
        #expect(missing.isMissing && !missing.isDiskFull && !missing.isReadOnly && !missing.isPermission)
        #expect(missing.reason == "No such file or directory")
        #expect(FileError(operation: "x", path: "", code: EROFS).isReadOnly)
        #expect(FileError(operation: "x", path: "", code: ENOSPC).isDiskFull)
        #expect(FileError(operation: "x", path: "", code: EACCES).isPermission)
        #expect(throws: FileError(operation: "list", path: path("none"), code: ENOENT)) { try Files.list(path("none")) }
    }
}
