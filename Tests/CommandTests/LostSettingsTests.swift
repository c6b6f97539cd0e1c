// A home whose settings are gone: refused, and told how to go on.
import Glibc
import TestSupport
import Testing

@Suite struct LostSettingsTests {
    @Test func aHomeWithoutItsSettingsIsRefused() async throws {
        let place = try await Place()
        try await #require(
            place.run("vault", "backup", "copy", "--with-keys", "--passphrase-file", "Ada.json").code == 0)
        let settings = "\(place.home)/sanctuary.json"
        try #require(unlink(settings) == 0)
        for words in [["residents"], ["nightly", "--date", "2026-11-02"], ["message", "Ada", "Ada.json"], ["doctor"]] {
            let result = try await place.binary.run(
                words, environment: ["SANCTUARY_HOME": place.home], in: place.directory.path)
            let said = result.output + result.errors
            #expect(result.code != 0 && said.contains("the settings of this home are missing"), "\(result)")
            #expect(words[0] == "doctor" || result.code == 2 && result.errors.contains("'{}' in it means"))
        }
        #expect(try await place.run("init").code == 1)
        #expect(access(settings, F_OK) != 0)
        try writeFile(settings, Array("{}".utf8))
        #expect(try await place.run("residents").code == 0)
    }

    @Test func aRestoredHomeHasSettingsOrSaysThatItHasNone() async throws {
        let place = try await Place()
        try await #require(
            place.run("vault", "backup", "copy", "--with-keys", "--passphrase-file", "Ada.json").code == 0)
        let whole = try await place.run("--home", "whole", "vault", "restore", "copy", "--passphrase-file", "Ada.json")
        #expect(whole.code == 0 && !whole.errors.contains("holds no settings"), "\(whole)")
        #expect(try await place.run("--home", "whole", "residents").code == 0)
        try #require(unlink("\(place.directory.path)/copy/sanctuary.json") == 0)
        let bare = try await place.run("--home", "bare", "vault", "restore", "copy", "--passphrase-file", "Ada.json")
        #expect(bare.code == 0 && bare.errors.contains("the backup holds no settings"), "\(bare)")
        #expect(try await place.run("--home", "bare", "residents").code == 2)
    }
}
