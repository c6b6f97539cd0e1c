// Where commands write: never over what is no file of the user, and never into the home.
import Glibc
import TestSupport
import Testing

/// A home with one rehearsed resident.
struct Place {
    let directory: TemporaryDirectory
    let binary: Binary
    var home: String { "\(directory.path)/home" }

    init() async throws {
        directory = try TemporaryDirectory()
        binary = try Binary("sanctuary")
        try writeFile("\(directory.path)/Ada.json", Array(#"{"name":"Ada","system_prompt":"Be."}"#.utf8))
        try await #require(run("init").code == 0)
        try await #require(run("admit", "Ada.json").code == 0)
    }

    func run(_ words: String...) async throws -> BinaryResult {
        try await binary.run(words, environment: ["SANCTUARY_HOME": home], in: directory.path)
    }
}

@Suite struct ReportPlaceTests {
    private func night(_ place: Place, _ report: String) async throws -> BinaryResult {
        try await place.run("nightly", "--date", "2026-11-02", "--report", report)
    }

    @Test(arguments: ["home/keys/master.key", "home/sanctuary.json", "./home/night.html", "home/keys/../night.html"])
    func nothingInTheHomeIsWrittenOver(_ report: String) async throws {
        let place = try await Place()
        let key = try readFile("\(place.home)/keys/master.key")
        let settings = try readFile("\(place.home)/sanctuary.json")
        let result = try await night(place, report)
        #expect(result.code == 2 && result.errors.contains("lies in the home"), "\(result)")
        #expect(try readFile("\(place.home)/keys/master.key") == key)
        #expect(try readFile("\(place.home)/sanctuary.json") == settings)
        #expect(access("\(place.home)/night.html", F_OK) != 0)
        // Refused before the night, so that all of it is still to come.
        #expect(try await place.run("runs", "--json").output.contains("[]"))
    }

    @Test func whatIsNoRegularFileStays() async throws {
        let place = try await Place()
        let pipe = "\(place.directory.path)/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        try #require(symlink(pipe, "\(place.directory.path)/to-pipe") == 0)
        try #require(symlink("\(place.directory.path)/nowhere", "\(place.directory.path)/dangling") == 0)
        // No device of the machine: where this fails, it is gone.
        for report in ["pipe", "to-pipe", "dangling"] {
            let result = try await night(place, report)
            #expect(result.code == 2 && result.errors.contains("no regular file"), "\(report): \(result)")
        }
        var status = stat()
        #expect(lstat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
        try #require(symlink("\(place.home)/sanctuary.json", "\(place.directory.path)/to-settings") == 0)
        #expect(try await night(place, "to-settings").errors.contains("lies in the home"))
    }

    @Test func aLinkToAFileIsFollowedAndStays() async throws {
        let place = try await Place()
        let link = "\(place.directory.path)/link.html"
        try writeFile("\(place.directory.path)/real.html", [])
        try #require(symlink("real.html", link) == 0)
        let result = try await night(place, "link.html")
        #expect(result.code == 0 && result.errors.contains("the report is in link.html"), "\(result)")
        var status = stat()
        #expect(lstat(link, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
        #expect(String(decoding: try readFile("\(place.directory.path)/real.html"), as: UTF8.self).contains("<html"))
    }

    @Test func copiesGoOutOfTheHome() async throws {
        let place = try await Place()
        for words in [["ledger", "export", "home/spool"], ["vault", "backup", "home/copies/today"]] {
            let result = try await place.binary.run(
                words, environment: ["SANCTUARY_HOME": place.home], in: place.directory.path)
            #expect(result.code == 2 && result.errors.contains("lies in the home"), "\(result)")
        }
        #expect(try await place.run("vault", "backup", "copies/today").code == 0)
        #expect(try await place.run("ledger", "export", "copies/record").code == 0)
    }
}
