// Files written durably, read within bounds, overwritten, locked: on real directories.
import Files
import Glibc
import TestSupport
import Testing

@Suite struct FilesTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func path(_ name: String) -> String { "\(directory.path)/\(name)" }

    @Test("writes durably, replaces whole, leaves no temporary file and sets the mode") func writeDurably() throws {
        try Files.writeDurably(Array("old and long".utf8), to: path("a"))
        try Files.writeDurably(Array("new".utf8), to: path("a"), mode: 0o640)
        #expect(try Files.read(path("a"), maximumBytes: 100) == Array("new".utf8))
        #expect(try Files.mode(path("a")) == 0o640)
        #expect(try Files.size(path("a")) == 3)
        #expect(try Files.list(directory.path) == ["a"])
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
}
