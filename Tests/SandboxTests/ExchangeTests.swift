// Reading an exchange folder, in which a hostile program left what it wanted.
import Encoding
import Foundation
import Sandbox
import Synchronization
import TestSupport
import Testing

@Suite struct ExchangeTests {
    private let directory: TemporaryDirectory
    private let folder: ForeignFolder
    private var path: String { "\(directory.path)/exchange" }

    init() throws {
        directory = try TemporaryDirectory()
        #expect(mkdir("\(directory.path)/exchange", 0o755) == 0)
        try writeFile("\(directory.path)/secret", Array("secret".utf8))
        folder = try ForeignFolder(path: "\(directory.path)/exchange")
    }

    private func expect(_ name: String, _ fault: FileFault) {
        #expect(throws: SandboxError.fileRefused(name: name, fault)) {
            try folder.read(name, maximumBytes: 100)
        }
    }

    @Test func aFileIsRead() throws {
        try writeFile("\(path)/good", Array("good".utf8))
        #expect(mkdir("\(path)/deep", 0o755) == 0)
        try writeFile("\(path)/deep/é ☃", Array("deep".utf8))
        #expect(try folder.read("good", maximumBytes: 4) == Array("good".utf8))
        #expect(try folder.read("deep/é ☃", maximumBytes: 4) == Array("deep".utf8))
        expect("absent", .missing)
    }

    @Test func noWayLeadsOut() throws {
        #expect(symlink("../secret", "\(path)/link") == 0)
        #expect(symlink("good", "\(path)/inner") == 0)
        #expect(symlink("..", "\(path)/up") == 0)
        try writeFile("\(path)/good", [1])
        for name in ["link", "inner", "up/secret"] { expect(name, .outside) }
        for name in ["../secret", "/etc/passwd", "", ".", "a//b", "-x", "a\0b"] { expect(name, .outside) }
        // The same links are followed by an ordinary open: the refusals above are the folder's doing.
        #expect(try readFile("\(path)/link") == Array("secret".utf8))
    }

    @Test func onlyRegularFilesOfOneName() throws {
        #expect(mkfifo("\(path)/pipe", 0o600) == 0)
        #expect(mkdir("\(path)/folder", 0o755) == 0)
        #expect(link("\(directory.path)/secret", "\(path)/hard") == 0)
        for name in ["pipe", "folder", "hard"] { expect(name, .notRegular) }
        #expect(try readFile("\(path)/hard") == Array("secret".utf8))
    }

    @Test func sizesAreCapped() throws {
        try writeFile("\(path)/large", [UInt8](repeating: 1, count: 101))
        try writeFile("\(path)/sparse", [])
        #expect(truncate("\(path)/sparse", 1 << 40) == 0)
        expect("large", .tooLarge)
        expect("sparse", .tooLarge)
    }

    @Test func aSwapNeverShowsTheSecret() async throws {
        let path = path
        let isOver = Flag()
        let seen = await withTaskGroup(of: Set<String>.self) { group in
            group.addTask { @Sendable in
                for _ in 0..<2000 {
                    _ = symlink("../secret", "\(path)/next")
                    rename("\(path)/next", "\(path)/moving")
                    try? writeFile("\(path)/plain", Array("good".utf8))
                    rename("\(path)/plain", "\(path)/moving")
                }
                isOver.value.withLock { $0 = true }
                return []
            }
            group.addTask { @Sendable [folder] in
                var seen: Set<String> = []
                while !isOver.value.withLock({ $0 }) {
                    // Where there is one thread for both, the other is to come to its end.
                    await Task.yield()
                    guard let bytes = try? folder.read("moving", maximumBytes: 100) else { continue }
                    seen.insert(String(decoding: bytes, as: UTF8.self))
                }
                return seen
            }
            return await group.reduce(into: Set<String>()) { $0.formUnion($1) }
        }
        #expect(seen.isSubset(of: ["good", ""]))
    }

    @Test(.enabled(if: Probe.isPossible, Probe.need)) func aProgramWritesThere() async throws {
        // Run by root, a program is nobody: the operator's folder must let it write.
        #expect(chmod(path, 0o777) == 0 && chmod(directory.path, 0o755) == 0)
        #expect(try await Probe.boxed(["write", "/exchange/made"], exchange: path).output.text.trimmed == "reached")
        #expect(try folder.read("made", maximumBytes: 10) == [])
        #expect(try await Probe.boxedWord(["see", "/exchange"]) == "refused 2")
        #expect(
            try await Probe.boxed(["see", "/exchange/../secret"], exchange: path).output.text.trimmed == "refused 2")
    }

    @Test(.enabled(if: Probe.isPossible, Probe.need)) func aNamedFolderIsReadOnly() async throws {
        // Not below /tmp, which the sandbox has its own of.
        var template = Array("/var/tmp/sanctuary-test-XXXXXX".utf8CString)
        #expect(mkdtemp(&template) != nil)
        let named = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? FileManager.default.removeItem(atPath: named) }
        try writeFile("\(named)/words", [])
        #expect(chmod("\(named)/words", 0o644) == 0 && chmod(named, 0o777) == 0)
        func boxed(_ words: [String], _ folders: [String]) async throws -> String {
            try await Probe.boxed(words, folders: folders).output.text.trimmed
        }
        #expect(try await boxed(["see", "\(named)/words"], []) == "refused 2")
        #expect(try await boxed(["see", "\(named)/words"], [named]) == "reached")
        #expect(try await boxed(["write", "\(named)/new"], [named]) == "refused 30")
        #expect(try Probe.bareWord(["write", "\(named)/new"]) == "reached")
    }
}

private final class Flag: Sendable {
    let value = Mutex(false)
}
