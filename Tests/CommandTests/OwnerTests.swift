// Root in a home of somebody else: what it makes there stays that somebody's.
import Glibc
import TestSupport
import Testing

@Suite(.enabled(if: geteuid() == 0, "only root can give files away")) struct OwnerTests {
    private static let user: UInt32 = 65_534

    /// Everything below a directory, and it.
    private func all(_ directory: String) throws -> [String] {
        guard let stream = opendir(directory) else { return [directory] }
        defer { closedir(stream) }
        var found = [directory]
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { found += try all("\(directory)/\(name)") }
        }
        return found
    }

    private func owner(_ path: String) -> UInt32? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_uid : nil
    }

    @Test func whatRootMakesInAServicesHomeIsTheServices() async throws {
        let directory = try TemporaryDirectory()
        let binary = try Binary("sanctuary")
        let home = "\(directory.path)/home"
        func run(_ words: String...) async throws -> BinaryResult {
            try await binary.run(words, environment: ["SANCTUARY_HOME": home], in: directory.path)
        }
        try writeFile("\(directory.path)/Ada.json", Array(#"{"name":"Ada","system_prompt":"Be."}"#.utf8))
        try #require(mkdir(home, 0o700) == 0 && chown(home, Self.user, Self.user) == 0)
        for words in [
            ["init"], ["admit", "Ada.json"], ["message", "Ada", "Ada.json"], ["nightly", "--date", "2026-11-02"],
            ["vault", "rotate-master"], ["run", "Ada"], ["ledger", "verify"],
        ] {
            let result = try await binary.run(words, environment: ["SANCTUARY_HOME": home], in: directory.path)
            #expect(result.code == 0, "\(result)")
            let foreign = try all(home).filter { owner($0) != Self.user }
            #expect(foreign.isEmpty, "after \(words[0])")
        }
        let whole = try await run("doctor")
        #expect(whole.output.contains("home and keys are user 65534's alone"), "\(whole)")
        try #require(chown("\(home)/keys/epoch", 4_711, 4_711) == 0)
        let mixed = try await run("doctor")
        #expect(mixed.code != 0 && mixed.output.contains("'keys/epoch' belongs to user 4711, the home to user 65534"))
        #expect(!mixed.output.contains("alone"), "\(mixed)")
        // In root's own home nothing is given to anybody.
        let own = "\(directory.path)/own"
        #expect(try await run("--home", own, "init").code == 0)
        #expect(try all(own).allSatisfy { owner($0) == 0 })
    }
}
