// The lock between processes: refused while another holds it, free again however that one ended.
import Files
import FoundationEssentials
import Glibc
import TestSupport
import Testing

@Suite struct FileLockTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private var path: String { "\(directory.path)/lock" }

    @Test("is refused to a second process, which learns who holds it") func refusedToSecondProcess() async throws {
        let lock = try FileLock(path: path)
        #expect(try String(decoding: Files.read(path, maximumBytes: 100), as: UTF8.self) == "pid \(getpid())\n")
        #expect(try Files.mode(path) == 0o600)
        await #expect(processExitsWith: .exitCode(7)) { [path = path as String, owner = getpid() as Int32] in
            do throws(FileLockError) {
                _ = try FileLock(path: path)
            } catch {
                exit(error == .held(by: owner) ? 7 : 1)
            }
            exit(0)
        }
        _ = consume lock
        _ = try FileLock(path: path)
    }

    @Test("is refused to a second holder of the same process") func refusedToSecondHolder() throws {
        let lock = try FileLock(path: path)
        #expect(throws: FileLockError.held(by: getpid())) { _ = try FileLock(path: path) }
        _ = consume lock
    }

    @Test("is free again though a child that was just forked has its file open") func freeBesideACopy() throws {
        let lock = try FileLock(path: path)
        // What a fork leaves in the child until it becomes a program: another descriptor of the same open file.
        let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        let number = names.compactMap { Int32($0) }.first { number in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")) == path
        }
        let copy = fcntl(try #require(number), F_DUPFD_CLOEXEC, 0)
        defer { close(copy) }
        _ = consume lock
        _ = try FileLock(path: path)
    }

    @Test("is free again after its process was killed") func freeAfterKill() async throws {
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let lock = try FileLock(path: path)
            kill(getpid(), SIGKILL)
            _ = consume lock
        }
        // The dead process left its number behind, which is why the file alone proves nothing.
        let left = try String(decoding: Files.read(path, maximumBytes: 100), as: UTF8.self)
        #expect(left.hasPrefix("pid ") && left != "pid \(getpid())\n")
        let lock = try FileLock(path: path)
        #expect(try String(decoding: Files.read(path, maximumBytes: 100), as: UTF8.self) == "pid \(getpid())\n")
        _ = consume lock
    }

    @Test("names no holder where the file does not say") func namesNoHolder() throws {
        let lock = try FileLock(path: path)
        for text in ["", "pid", "pid x\n", "12\n"] {
            try writeFile(path, Array(text.utf8))
            #expect(throws: FileLockError.held(by: nil)) { _ = try FileLock(path: path) }
        }
        _ = consume lock
    }

    @Test("says why its file cannot be opened, and follows no symbolic link") func cannotBeOpened() throws {
        #expect(
            throws: FileLockError.failed(FileError(operation: "open", path: "\(directory.path)/no/lock", code: ENOENT))
        ) {
            _ = try FileLock(path: "\(directory.path)/no/lock")
        }
        #expect(symlink("\(directory.path)/elsewhere", path) == 0)
        #expect(throws: FileLockError.failed(FileError(operation: "open", path: path, code: ELOOP))) {
            _ = try FileLock(path: path)
        }
        #expect(!Files.exists("\(directory.path)/elsewhere"))
    }
}
