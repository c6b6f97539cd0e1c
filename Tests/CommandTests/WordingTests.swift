// The exact words for every error of every room, kept in `Wording/words.txt` beside this file.
import Glibc
import TestSupport
import Testing

@testable import sanctuary

@Suite struct WordingTests {
    private static let path =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        .joined(separator: "/") + "/Wording/words.txt"

    /// One error as the catalogue shows it.
    private static func entry(_ error: any Error) -> String {
        let worded = worded(error)
        return "\(worded.code.rawValue) \(worded.message)\n" + (worded.hint.map { "  \($0)\n" } ?? "")
    }

    private static var catalogue: String {
        var text = "Every error as the program words it: exit code, what is wrong, then what to do next.\n"
        for (room, errors) in ErrorSamples.all { text += "\n\(room)\n" + errors.map(entry).joined() }
        return text
    }

    @Test func everyErrorHasItsWords() throws {
        if getenv("SANCTUARY_TRANSCRIPTS") != nil { try writeFile(Self.path, Array(Self.catalogue.utf8)) }
        #expect(Self.catalogue == String(decoding: try readFile(Self.path), as: UTF8.self))
    }

    @Test func theRulesAreKept() {
        for error in ErrorSamples.all.flatMap(\.1) {
            let worded = worded(error)
            let first = worded.message.prefix(1)
            let isProperName = ["PNG", "SANCTUARY_DATA"].contains { worded.message.hasPrefix($0) }
            #expect(isProperName || first == first.lowercased(), "\(worded.message)")
            #expect(!worded.message.hasSuffix("."), "\(worded.message)")
            #expect(!(worded.hint ?? "").hasSuffix("."), "\(worded.message)")
            #expect(!worded.message.contains("\n") && !worded.message.contains("\u{1B}"), "\(worded.message)")
        }
    }

    @Test func controlCharactersOfValuesAreTakenOut() {
        let error = worded(sanctuary.CommandError.usage("'\(shown("a\u{1B}[31mb\u{202E}\nc"))'"))
        #expect(error.message == "'ab c'")
        #expect(shown(String(repeating: "x", count: 200)).count == 81)
    }

    @Test func codesFollowTheClass() {
        func codes(_ room: String) -> Set<Int32> {
            Set(ErrorSamples.all.filter { $0.0 == room }.flatMap(\.1).map { worded($0).code.rawValue })
        }
        #expect(codes("files") == [1])
        #expect(codes("ledger, altered") == [4])
        #expect(codes("vault faults") == [4])
        #expect(codes("settings of providers") == [2])
    }
}

extension WordingTests {
    @Test func onlyFaultsOfIntegritySpeakOfIt() {
        for code in ["system_shortage", "vault_error", "disk_full"] {
            #expect(!words(forReason: code).contains("not as the ledger says"), "\(words(forReason: code))")
        }
        #expect(words(forReason: "vault_rolledBack").contains("not as the ledger says"))
    }
}

extension WordingTests {
    @Test(
        "names of humans are one line that is seen as it is",
        arguments: ["", "a\nb", "\u{1B}[31m", "a\u{202E}b", "\u{200B}", "X\u{E0041}", "a\u{0}", "a\u{85}b", "  ", "\t"])
    func refusedNames(_ name: String) throws {
        let error = #expect(throws: sanctuary.CommandError.self) { try personName(name, as: escaped(name)) }
        let refused = try #require(error)
        #expect(refused.code == .usage && refused.hint != nil)
        #expect(refused.message.hasPrefix("'\(escaped(name))' is no name"))
        #expect(!refused.message.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test(arguments: ["Ann", "Zoë d'Arc", "日本", "علی\u{200C}رضا", "👩\u{200D}🚀", "R2-D2", "7"])
    func acceptedNames(_ name: String) throws { #expect(try personName(name, as: name) == name) }

    @Test func namesHaveALimit() {
        #expect(throws: sanctuary.CommandError.self) { try personName(String(repeating: "x", count: 401), as: "x") }
    }

    @Test func whatIsShownIsBoundedInMarksToo() {
        let marked = "e" + String(repeating: "\u{301}", count: 35_000)
        #expect(shown(marked).unicodeScalars.count <= 321)
        #expect(escaped(marked).unicodeScalars.count == 81)
        #expect(escaped("a\u{202E}b \n\u{A0}") == "a\\u{202E}b \\n\\u{A0}")
    }

    @Test func doctorTellsOfLawsThatCannotBeRead() throws {
        let found = Doctor.lawFiles(["/nowhere/none.law"])
        #expect(found.count == 1 && found.first?.level == .warning && found.first?.check == "laws")
        #expect(found.first?.message.contains("'/nowhere/none.law'") == true && found.first?.mend != nil)
        #expect(Doctor.lawFiles([]).isEmpty)
    }
}
