// A home that the real binary made and lived in, read by the two programs that were written from the page on formats.
import Foundation
import TestSupport
import Testing

@Suite(
    .enabled(
        if: ReferenceScript.isReady && access(ReferenceScript.binary, X_OK) == 0,
        Comment(rawValue: ReferenceScript.whyNot)))
struct IndependentReadersTests {
    private struct Failed: Error { let words: String }

    private struct Resident: Decodable {
        let id: String
        let status: String
    }

    /// What the tests need of a span.
    private struct Span: Decodable {
        struct Metadata: Decodable {
            let generation: Int?
            let header: String?
        }
        let id: String
        let seq: Int
        let entity_type: String
        let this: String
        let metadata: Metadata?
    }

    private struct Blob: Decodable {
        let generation: Int
        let header: String
    }

    private let folder: TemporaryDirectory
    private var home: String { "\(folder.path)/home" }
    private var persona: String { "\(ReferenceScript.checkout)/examples/personas/marlow.json" }

    init() throws { folder = try TemporaryDirectory() }

    @discardableResult
    private func sanctuary(_ words: String...) async throws -> String {
        let result = try await ReferenceScript.run(".build/debug/sanctuary", words + ["--home", home, "--quiet"])
        guard result.status == 0 else { throw Failed(words: "\(words): \(result.status) \(result.errors)") }
        return result.output
    }

    private func read(_ words: String...) async throws -> Data {
        let result = try await ReferenceScript.run(
            "scripts/python", ["-B", "\(ReferenceScript.checkout)/Tests/Reference/vault_reader.py"] + words)
        guard result.status == 0 else { throw Failed(words: "\(words): \(result.errors)") }
        return Data(result.output.utf8)
    }

    private func residents() async throws -> [Resident] {
        try JSONDecoder().decode([Resident].self, from: Data(try await sanctuary("residents", "--json").utf8))
    }

    private func exported() async throws -> [Span] {
        try await sanctuary("ledger", "export", "\(folder.path)/export")
        return try readFile("\(folder.path)/export/spans.ndjson").split(separator: 0x0A).map {
            try JSONDecoder().decode(Span.self, from: Data($0))
        }
    }

    /// Two nights, a letter, a manual run and a deletion by the operator.
    private func live() async throws {
        try await sanctuary("init")
        try await sanctuary("admit", persona, "--model", "rehearsal/rehearsal")
        try await sanctuary("admit", persona, "--name", "Other", "--model", "rehearsal/rehearsal")
        try await sanctuary("nightly", "--date", "2026-11-21")
        let letter = "\(folder.path)/letter"
        try writeFile(letter, Array("Good evening.".utf8))
        let first = try #require(try await residents().first)
        try await sanctuary("message", first.id, letter, "--as", "Ada")
        try await sanctuary("nightly", "--date", "2026-11-22")
        try await sanctuary("self-delete", "Other", "--justification", "asked by law", "--confirm", "Other")
        try await sanctuary("run", first.id)
    }

    @Test func theLedgerOfALivedInHomeIsSoundToTheIndependentVerifier() async throws {
        try await live()
        let spans = try await exported()
        #expect(spans.count { $0.entity_type == "run.completed" } >= 5)
        #expect(spans.contains { $0.entity_type == "resident.deleted" })
        let result = try await ReferenceScript.run("scripts/verify-ledger", ["\(folder.path)/export"])
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.hasPrefix("\(spans.count) spans verified, head blake3:"))
    }

    @Test func everySealedThingOfALivedInHomeOpensFromThePageAlone() async throws {
        try await live()
        let spans = try await exported()
        for resident in try await residents() {
            guard resident.status == "active" else {
                let opened = try? await read("blob", home, resident.id)
                #expect(opened == nil, "a deleted resident has no key")
                continue
            }
            let last = try #require(spans.last { $0.this == resident.id && $0.metadata?.header != nil })
            let blob = try JSONDecoder().decode(Blob.self, from: try await read("blob", home, resident.id))
            #expect(blob.generation == last.metadata?.generation)
            #expect(blob.header == last.metadata?.header)
            let called = try #require(spans.last { $0.this == resident.id && $0.entity_type == "provider.called" })
            let payload = try await read(
                "sealed", home, resident.id, "--file", "\(folder.path)/export/sealed/\(called.id).\(called.seq)",
                "--place", "span", called.id, "\(called.seq)", "sealed")
            #expect(String(decoding: payload, as: UTF8.self).contains("\"isObject\": true"))
        }
    }

    @Test func aHomeUnderAPassphraseOpensFromThePageAlone() async throws {
        let phrase = "\(folder.path)/passphrase"
        try writeFile(phrase, Array("correct horse battery staple\n".utf8))
        try await sanctuary("init", "--master", "passphrase:\(phrase)")
        try await sanctuary("admit", persona, "--model", "rehearsal/rehearsal")
        let resident = try #require(try await residents().first)
        let blob = try JSONDecoder().decode(
            Blob.self, from: try await read("blob", home, resident.id, "--passphrase", phrase))
        #expect(blob.generation == 0)
    }
}
