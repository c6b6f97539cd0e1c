// Letters opened by a program that shares neither code nor library with this one (vault.md, "Mail").
import Cryptography
import Encoding
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: ReferenceScript.isReady, Comment(rawValue: ReferenceScript.whyNot)))
struct LetterReaderTests {
    private func read(_ arguments: [String]) async throws -> ScriptResult {
        try await ReferenceScript.run(
            "scripts/python", ["-B", "\(ReferenceScript.checkout)/Tests/Reference/letter_reader.py"] + arguments)
    }

    private func sha256(_ text: String, _ folder: TemporaryDirectory) async throws -> String {
        try writeFile("\(folder.path)/text", Array(text.utf8))
        let program = "import hashlib,sys;print(hashlib.sha256(open(sys.argv[1],'rb').read()).hexdigest())"
        let result = try await ReferenceScript.run("scripts/python", ["-c", program, "\(folder.path)/text"])
        return String(result.output.dropLast())
    }

    @Test(.enabled(if: SharedData.isPresent, "needs the shared vectors"))
    func theReferenceLetterOpens() async throws {
        let folder = try TemporaryDirectory()
        let vault = try JSON.parse(try SharedData.bytes("vectors/sanctuary-v1/vault.json"))
        let secret = try #require(vault["mail"]?["inbox_secret"]?.string)
        let plaintext = try #require(vault["mail"]?["plaintext"]?.string)
        try writeFile("\(folder.path)/secret", Array((secret + "\n").utf8))
        let box = SharedData.path("vectors/sanctuary-v1/mail.bin")
        let opened = try await read(["--file", box, "--secret", "\(folder.path)/secret"])
        #expect(opened.status == 0, "\(opened.errors)")
        #expect(try JSON.parse(Array(opened.output.utf8))["sha256"]?.string == (try await sha256(plaintext, folder)))
        var altered = try readFile(box)
        altered[60] ^= 1
        try writeFile("\(folder.path)/altered", altered)
        let refused = try await read(["--file", "\(folder.path)/altered", "--secret", "\(folder.path)/secret"])
        #expect(refused.status == 4 && refused.errors == "letter_reader: letter: tag\n")
    }

    @Test func theLettersOfALivedInHomeOpenToTheirRecipientAlone() async throws {
        let folder = try TemporaryDirectory()
        let binary = try Binary("sanctuary")
        func run(_ words: String..., input: String = "") async throws -> BinaryResult {
            try await binary.run(
                words, environment: ["SANCTUARY_HOME": "\(folder.path)/home"], input: input, in: folder.path)
        }
        try await #require(run("init").code == 0)
        var ids: [String] = []
        for name in ["Ada", "Eve"] {
            try writeFile("\(folder.path)/p.json", Array(#"{"name":"\#(name)","system_prompt":"Be."}"#.utf8))
            try await #require(run("admit", "p.json").code == 0)
            let facts = try JSON.parse(Array(try await run("residents", name, "--json").output.utf8))
            ids.append(try #require(facts["id"]?.string))
        }
        let long = "Good evening, é 🌙 \"quoted\" \\\n" + String(repeating: "字", count: 3_000)
        try await #require(run("message", "Ada", "--as", "Ana", input: long).code == 0)
        try await #require(run("message", "Ada", input: "From the house.").code == 0)
        try await #require(run("message", "Eve", input: "For Eve.").code == 0)
        let opened = try await read(["--home", "\(folder.path)/home", "--resident", ids[0]])
        #expect(opened.status == 0, "\(opened.errors)")
        let letters = try #require(try JSON.parse(Array(opened.output.utf8)).array)
        let hashes = [try await sha256(long, folder), try await sha256("From the house.", folder)]
        #expect(Set(letters.compactMap { $0["sha256"]?.string }) == Set(hashes))
        #expect(letters.allSatisfy { $0["to"]?.string == ids[0] })
        #expect(letters.contains { $0["from"]?.string == "house" })
    }
}
