// Making a home where something is: an empty or hidden-files-only directory becomes one, anything else is left alone.
import Cryptography
import Engine
import Foundation
import TestSupport
import Testing

@Suite struct CreationTests {
    private func create(in paths: HomePaths) async throws {
        try await House.create(
            at: paths, plan: HomePlan(settings: "{}", templates: repository),
            surroundings: HomeSurroundings(time: TestClock().source, random: .system, program: "sanctuary test"))
    }

    @Test func aDirectoryWithHiddenFilesBecomesAHomeThatOthersCannotEnter() async throws {
        let directory = try TemporaryDirectory()
        try writeFile("\(directory.path)/.gitignore", Array("*\n".utf8))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
        try await create(in: HomePaths(root: directory.path))
        let mode = try FileManager.default.attributesOfItem(atPath: directory.path)[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }

    @Test func whatIsThereIsLeftAlone() async throws {
        let directory = try TemporaryDirectory()
        try writeFile("\(directory.path)/letters.txt", Array("mine".utf8))
        let paths = HomePaths(root: directory.path)
        await #expect(throws: EngineError.homeExists(path: paths.root)) { try await create(in: paths) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["letters.txt"])
    }
}
