// The second reader of the vault's formats on the miniature home: what it opens must be what the home's maker noted.
import Foundation
import TestSupport
import Testing

private let home = "vectors/sanctuary-v1"
private let aria = "019a9d3c8c007abc8def000000000001"

@Suite(
    .enabled(
        if: SharedData.isPresent && ReferenceScript.isReady, Comment(rawValue: ReferenceScript.whyNot)))
struct VaultReaderTests {
    private func read(_ arguments: [String]) async throws -> ScriptResult {
        try await ReferenceScript.run(
            "scripts/python", ["-B", "\(ReferenceScript.checkout)/Tests/Reference/vault_reader.py"] + arguments)
    }

    @Test func everyBlobOpensToWhatItsMakerNoted() async throws {
        struct Noted: Decodable {
            struct Resident: Decodable {
                let id: String
                let generation: Int
                let plaintext_sha256: String
                let header_blake3: String
            }
            let residents: [Resident]
        }
        struct Read: Decodable {
            let sha256: String
            let header: String
        }
        let noted = try JSONDecoder().decode(Noted.self, from: Data(try SharedData.bytes("\(home)/vault.json")))
        #expect(noted.residents.count == 4)
        for resident in noted.residents {
            let result = try await read([
                "blob", SharedData.path(home), resident.id, "--generation", "\(resident.generation)",
            ])
            let read = try JSONDecoder().decode(Read.self, from: Data(result.output.utf8))
            #expect(read.sha256 == resident.plaintext_sha256)
            #expect(read.header == "blake3:\(resident.header_blake3)")
        }
    }

    @Test func sealedThingsAndDigestsAreThoseOfTheReference() async throws {
        let journal = try await read([
            "sealed", SharedData.path(home), aria, "--file", SharedData.path("\(home)/journal.bin"),
            "--place", "journal", "019a9d3c-8c00-7abc-8def-0000000000aa", "0", "model.result/1/1",
        ])
        // SHA-256 of the ten bytes {"step":1}.
        #expect(journal.output.contains("8565a568653654ae5b4d4444245fa76e8bdea8c7d0db4a75bcffbb60bd6a0452"))
        let span = "019a9d3c-8c00-7abc-8def-000000001008"
        let payload = try await read([
            "sealed", SharedData.path(home), aria, "--file", SharedData.path("\(home)/export/sealed/\(span).0"),
            "--place", "span", span, "0", "sealed",
        ])
        #expect(payload.output.contains("\"isObject\": true"))
        let folder = try TemporaryDirectory()
        try writeFile("\(folder.path)/context", Array("the context".utf8))
        let digest = try await read(["digest", SharedData.path(home), aria, "--file", "\(folder.path)/context"])
        #expect(digest.output.contains("hmac-sha512:85b4e48a1bf5ad700c547af64f7666e6ee1492ac716ca90efc3fd763c2f69ad6"))
    }

    @Test func aSealedThingOpensAtItsOwnPlaceAlone() async throws {
        let result = try await read([
            "sealed", SharedData.path(home), aria, "--file", SharedData.path("\(home)/journal.bin"),
            "--place", "journal", "019a9d3c-8c00-7abc-8def-0000000000aa", "0", "model.result/1/2",
        ])
        #expect(result.status == 4)
        #expect(result.errors == "vault_reader: journal: commitment\n")
    }

    @Test func anAlteredByteIsRefused() async throws {
        let folder = try TemporaryDirectory()
        let copy = "\(folder.path)/home"
        try FileManager.default.copyItem(atPath: SharedData.path(home), toPath: copy)
        let blob = "\(copy)/vault/blobs/03/019a9d3c8c007abc8def000000000003.0.blob"
        var bytes = try readFile(blob)
        bytes[30_000] ^= 1
        try FileManager.default.removeItem(atPath: blob)
        try writeFile(blob, bytes)
        let result = try await read(["blob", copy, "019a9d3c8c007abc8def000000000003"])
        #expect(result.status == 4)
        #expect(result.errors == "vault_reader: payload: tag of chunk 1\n")
    }
}
